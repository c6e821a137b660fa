"""Who came to an event and who did not, and what became of each follow-up."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection, state
from components.moments import SHORT, moment_column, say_zone
from components.text import plural

PAGE = "event"
_HIDDEN = ("customer_id", "stakeholder_id", "draft_id")
_MOMENTS = {
    "detected_at": "Detected", "notified_at": "Told", "drafted_at": "Drafted",
    "approved_at": "Approved", "sent_at": "Sent", "replied_at": "Answered",
}  # fmt: skip
_WORDS = {"broken": "Not kept", "reason": "Why", "waived_why": "Let go because"}
MOST = 1_000
"""Shown at once: more take a phone longer to load than to search."""
_SEARCHED = 25
"""People from which a search is offered."""


def narrowed(rows: pl.DataFrame) -> pl.DataFrame:
    """Those of `rows` that were asked for, and of many the first ones."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        words = _words() if rows.height > _SEARCHED else ""
        options = rows["presence"].unique().sort().to_list()
        chosen: list[str] = []
        if len(options) > 1:
            chosen = st.pills(
                "Show", options, selection_mode="multi", key=state.key(PAGE, "presence"),
                bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
    found = rows.filter(pl.col("presence").is_in(chosen)) if chosen else rows
    if words:
        named = (
            pl.col(name).str.to_lowercase().str.contains(words, literal=True)
            for name in ("customer", "person")
        )
        found = found.filter(pl.any_horizontal(named))
    said = f"{plural(found.height, 'person', 'people')}."
    if found.height > MOST:
        said += f" The first {MOST:,} are shown: search for others, or download all."
    st.caption(f"{said} Click one to open the draft or the customer." if found.height else said)
    return found.head(MOST)


def _words() -> str:
    typed = st.text_input(
        "Search",
        key=state.key(PAGE, "search"),
        bind="query-params",
        placeholder="Person or customer",
        max_chars=100,
        width=240,
    )
    return (typed or "").strip().lower()


def people(found: pl.DataFrame, labels: dict[str, str]) -> tuple[int | None, int | None]:
    """The table of `narrowed` people and their drafts; customer and draft of the row that was clicked."""
    shown = found.drop(*_HIDDEN).rename(labels)
    empty = [name for name in shown.columns if shown[name].null_count() == shown.height]
    empty += [] if shown["Spoke"].any() else ["Spoke"]
    data: Any = shown.drop(empty)
    picked = selection.table(
        data,
        list(found.select("customer_id", "draft_id").iter_rows()),
        PAGE,
        "people",
        placeholder="–",
        column_config={"Minutes": st.column_config.NumberColumn(format="%.0f")},
    )
    return picked.clicked or (None, None)


def newcomers(waiting: pl.DataFrame) -> bool:
    """Who came, and nobody can write to (customer, name, email); whether they are to become stakeholders."""
    one = waiting.height == 1
    who = plural(waiting.height, "person", "people")
    as_what = "a stakeholder" if one else "stakeholders"
    with st.container(border=True):
        st.markdown(
            f"**{who} of your customers {'is' if one else 'are'} not on record as {as_what}.** "
            "Mails are written to stakeholders alone."
        )
        with st.expander("Who they are", icon=":material/group:"):
            data: Any = waiting.select(Customer="customer", Person="name", Address="email")
            st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, "waiting"))
        return st.button(
            f"Add {who} as {as_what}",
            icon=":material/person_add:",
            key=state.key(PAGE, "newcomers"),
            help="With the name and the address by which they were registered; both can be changed on the customer's "
            "page. Who is known by the name of a company alone is not among them.",
        )


def clock(rows: pl.DataFrame) -> None:
    """When each customer's follow-up was detected, told, drafted, approved, sent and answered."""
    if rows.is_empty():
        layout.empty(
            "Nobody is to be followed up.",
            hint="Customers who were registered are listed here once the event is over and was uploaded.",
        )
        return
    absent = pl.when("no_show").then(pl.format("{}, nobody came", "people"))
    shown = rows.select(
        pl.col("customer").alias("Customer"),
        absent.otherwise(pl.col("people").cast(pl.String)).alias("People"),
        *(pl.col(name).alias(label) for name, label in _MOMENTS.items()),
        *(pl.col(name).fill_null("").alias(label) for name, label in _WORDS.items()),
    )
    # What nobody has yet takes no room from what there is.
    empty = [name for name in _MOMENTS.values() if shown[name].null_count() == shown.height]
    empty += [name for name in _WORDS.values() if not (shown[name] != "").any()]
    data: Any = shown.drop(empty)
    columns = {
        "Customer": st.column_config.TextColumn(pinned=True, width=130),
        "People": st.column_config.TextColumn(width=120),
        **dict.fromkeys(_MOMENTS.values(), moment_column(shape=SHORT, width=105)),
    }
    st.dataframe(
        data,
        hide_index=True,
        width="stretch",
        key=state.key(PAGE, "clock"),
        placeholder="–",
        column_config=columns,
    )
    say_zone(columns)
