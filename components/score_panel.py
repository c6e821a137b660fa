"""Why a customer has its score: what the Engagement and the Customer page both show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import navigation, state
from components.charts import CONFIG, score_line
from components.loaders import Why
from components.loaders.scoring import BAND_WORDS, SIGNED_TRENDS
from components.text import day, plain, plural

MOST_EVENTS = 100


def why_drawer(why: Why, customer: str, page: str) -> None:
    """The panel at the side, open for as long as the address names the customer (`cus_42`)."""

    @st.dialog(plain(why.customer), width="medium", position="right", on_dismiss=_close)
    def draw() -> None:
        navigation.link("customer", "Open the customer page", id=customer)
        why_panel(why, page=page)

    draw()


def _close() -> None:
    st.query_params.pop("customer", None)


def why_panel(why: Why, *, page: str = "engagement") -> None:
    """Score, sub-scores with their facts, the next step, trend, history, and the events themselves.

    `page` keeps apart the charts of two pages.
    """
    _head(why)
    for line in why.explanation.lines:
        st.progress(
            min(max(line.value, 0.0), 1.0),
            text=f"**{line.title}** {line.points:.1f} of {line.out_of} · {plain(line.fact)}",
        )
    for note in why.explanation.notes:
        st.caption(plain(note))
    _next_step(why)
    st.markdown(f"**Trend: {SIGNED_TRENDS[why.row['trend']]}.** {plain(why.explanation.trend)}")
    _history(why, page)
    _events(f"Attended ({why.attended.height})", why.attended, ATTENDED_COLUMNS)
    _events(f"Missed ({why.missed.height})", why.missed, MISSED_COLUMNS)


def _above(percentile: float | None) -> str | None:
    if percentile is None:
        return None
    return "the highest" if percentile >= 100 else f"above {percentile:.0f}% of them"


def _head(why: Why) -> None:
    row = why.row
    score, rank = st.columns(2)
    shown = "No data" if why.explanation.score is None else str(why.explanation.score)
    score.metric(
        "Score", shown, BAND_WORDS.get(row["band"] or ""), delta_color="off", delta_arrow="off"
    )
    place = f"{row['rank']} of {why.of}" if row["rank"] else "–"
    rank.metric("Rank", place, _above(row["percentile"]), delta_color="off", delta_arrow="off")
    st.markdown(plain(why.explanation.summary))
    version = why.weight_version
    weights = f"weights version {version}" if version else "weights as they came"
    st.caption(f"As of {day(why.as_of)} · {weights}")


def _next_step(why: Why) -> None:
    if why.step is not None:
        band = BAND_WORDS[why.step.band_after]
        st.info(f"**Shortest way to {band}:** {plain(why.step.sentence)}", icon=":material/stairs:")
    elif why.row["band"] == "high":
        st.caption("In the highest band already.")
    elif why.explanation.score is not None:
        st.caption("Counted cautiously, three more events would not reach the next band.")


def _history(why: Why, page: str) -> None:
    points = tuple(why.history.select("as_of", "score").iter_rows())
    if sum(score is not None for _, score in points) < 2:
        return
    st.plotly_chart(
        score_line(points), key=state.key(page, f"history.{why.customer_id}"), config=CONFIG
    )


MISSED_COLUMNS = (("held_on", "Date"), ("name", "Event"), ("type", "Type"))
ATTENDED_COLUMNS = (
    *MISSED_COLUMNS,
    ("people", "People"),
    ("minutes", "Longest stay (min)"),
    ("questions", "Questions"),
    ("counted", "Counted"),
)


def _events(title: str, events: pl.DataFrame, columns: Sequence[tuple[str, str]]) -> None:
    with st.expander(title):
        if events.is_empty():
            st.caption("None in the year before this day.")
            return
        shown: Any = events.head(MOST_EVENTS).select(
            pl.col("type").str.replace("_", " ").str.to_titlecase().alias(label)
            if name == "type"
            else pl.col(name).round(0).alias(label)
            if name == "minutes"
            else pl.col(name).alias(label)
            for name, label in columns
        )
        st.dataframe(shown, hide_index=True, width="stretch")
        if events.height > MOST_EVENTS:
            st.caption(f"The latest {MOST_EVENTS} of {plural(events.height, 'event')}.")
