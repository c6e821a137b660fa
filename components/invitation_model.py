"""The weights behind the ranking of invitations: their card on the Settings page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from components.charts import CONFIG
from components.paper import written
from components.text import moment, plain, plural


def model_card(card: Any, zone: str) -> None:
    """Weights, data, last fit and how true the chances were."""
    if card.fitted_at is None:
        st.caption(
            "Weights set by hand: there is too little to learn from so far. They are fitted each night."
        )
    else:
        said = f"Version {card.version}, fitted {moment(card.fitted_at, zone)} to {plural(card.rows, 'offer')} of {plural(card.events, 'event')}."
        st.caption(plain(said))
    if card.fits:
        st.markdown(plain(_decision(card.fits[0], zone)))
    weights = [
        {"What counts": words, "Weight": f"{weight:.2f}", "Set by hand": f"{hand:.2f}"}
        for _, words, weight, hand in card.weights
    ]
    written(pl.DataFrame(weights), border="horizontal", hide_index=True)
    if card.calibration:
        st.plotly_chart(_calibration(card.calibration), config=CONFIG, key="settings.calibration")
        st.caption(
            "Each point: offers whose chance was said to be about so much before the event, and the share who "
            "came, with its 95% interval. On the dotted line both are the same."
        )
    if card.fits:
        _fits(card.fits, zone)


def _decision(last: Any, zone: str) -> str:
    """What became of the newest fit."""
    said = f"Last fit {moment(last.fitted_at, zone)}: "
    if last.log_loss_before is not None:
        said += (
            f"log-loss on the last event {last.log_loss_before:.3f} with the weights before, "
            f"{last.log_loss_after:.3f} with the new ones; less is better. "
        )
    return said + ("The new ones are used." if last.kept else f"They are not used. {last.why}")


def _fits(fits: Sequence[Any], zone: str) -> None:
    with st.expander("All fits"):
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
        error_y={
            "type": "data",
            "symmetric": False,
            "color": "#8A94A3",
            "thickness": 1,
            "array": [one["most"] - one["came"] for one in bins],
            "arrayminus": [one["came"] - one["least"] for one in bins],
        },
        customdata=[one["rows"] for one in bins],
        hovertemplate="Said %{x:.0%}, came %{y:.0%}, of %{customdata}<extra></extra>",
    )
    figure.update_layout(height=300, margin={"l": 8, "r": 8, "t": 12, "b": 8}, showlegend=False)
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title="Chance said", fixedrange=True)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", title="Came", fixedrange=True)
    return figure
