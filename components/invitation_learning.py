"""What invitations came to, and the weights behind the ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from components import state
from components.charts import CONFIG
from components.text import day, moment, plain

PAGE = "invitations"
GOAL = 0.20
TOO_FEW = "not enough data"


def acceptance(found: Any) -> None:
    """Accepted invitations by reason, by the chance that was said, and by month."""
    for title, lines in (
        ("By reason", found.reasons),
        ("By chance", found.bands),
        ("By month", found.months),
    ):
        st.markdown(f"**{title}**")
        if not lines:
            st.caption("Nothing yet.")
            continue
        data: Any = pl.DataFrame(
            [
                {
                    title.removeprefix("By ").capitalize(): one.name,
                    "Invited": one.share.of,
                    "Accepted": one.share.hits,
                    "Share": f"{one.share.share:.0%} ({one.share.low:.0%}–{one.share.high:.0%})",
                }
                for one in lines
            ]
        )
        st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, title))
    st.caption(
        f"Invitations that reached people since {day(found.since.date())}. Accepted: registered or came. "
        "Intervals are Wilson's, 95 %. An invitation counts for each of its reasons."
    )


def lift(found: Any) -> None:
    """Recommended customers against those held out."""
    one = found.lift
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("Recommended came", _share(one.recommended), f"{one.recommended.of:,} on lists"),
            ("Held out came", _share(one.held_out), f"{one.held_out.of:,} left out"),
            ("Lift of the list", _lift(one), f"goal +{GOAL:.0%}"),
            ("It would take", TOO_FEW if one.detectable is None else f"±{one.detectable:.0%}", "to be seen today"),
        ):  # fmt: skip
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=210
            )
    st.caption(
        "Both sides would have been on the list; one customer in ten, by its number, never is. So the "
        "difference is the list's doing. The last figure is the smallest lift that as many customers would "
        "show four times in five: a smaller one can be there and not be seen."
    )


def _share(one: Any) -> str:
    return "–" if one.share is None else f"{one.share:.0%}"


def _lift(one: Any) -> str:
    if one.relative is None:
        return TOO_FEW
    return f"{one.relative:+.0%} ({one.low:+.0%} to {one.high:+.0%})"


def model_card(card: Any, zone: str) -> None:
    """Weights, data, last fit and how true the chances were."""
    if card.fitted_at is None:
        st.caption(
            "Weights set by hand: there is too little to learn from so far. They are fitted each night."
        )
    else:
        said = f"Version {card.version}, fitted {moment(card.fitted_at, zone)} to {card.rows:,} offers of {card.events:,} events."
        st.caption(plain(said))
    data: Any = pl.DataFrame(
        [
            {"What counts": words, "Weight": round(weight, 3), "Set by hand": round(hand, 3)}
            for _, words, weight, hand in card.weights
        ]
    )
    st.dataframe(data, hide_index=True, width="stretch", key="settings.weights")
    if card.calibration:
        st.plotly_chart(_calibration(card.calibration), config=CONFIG, key="settings.calibration")
        st.caption(
            "Each point: offers whose chance was said to be about so much, and how many came."
        )
    if card.fits:
        _fits(card.fits, zone)


def _fits(fits: Sequence[Any], zone: str) -> None:
    with st.expander("Earlier fits"):
        data: Any = pl.DataFrame(
            [
                {
                    "Version": one.version, "Fitted": moment(one.fitted_at, zone), "Offers": one.rows,
                    "Loss before": one.log_loss_before, "Loss after": one.log_loss_after,
                    "Used": "Yes" if one.kept else f"No: {one.why}",
                }
                for one in fits
            ],
            infer_schema_length=None,
        )  # fmt: skip
        st.dataframe(data, hide_index=True, width="stretch", key="settings.fits")


def _calibration(bins: Sequence[Any]) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": "#8A94A3", "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[one["said"] for one in bins],
        y=[one["came"] for one in bins],
        mode="markers+lines",
        marker={"color": "#2F6FB0", "size": 9},
        customdata=[one["rows"] for one in bins],
        hovertemplate="Said %{x:.0%}, came %{y:.0%}, of %{customdata}<extra></extra>",
    )
    figure.update_layout(height=300, margin={"l": 8, "r": 8, "t": 12, "b": 8}, showlegend=False)
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title="Chance said", fixedrange=True)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", title="Came", fixedrange=True)
    return figure
