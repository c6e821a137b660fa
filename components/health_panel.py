"""A customer's health: what it is made of, how it moved, and what caused each change."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from components import navigation, state
from components.charts import CONFIG
from components.loaders import Health, SignalRow, public_id
from components.moments import reader_day
from components.text import day, moment, plain

PARTS = {"reported": "Reported by the CRM", "engagement": "Engagement"}
A_DAY = timedelta(days=1)
_LINES = ((70, "Good"), (40, "Fair"))


def health_panel(page: str, found: Health, zone: str) -> None:
    """The parts, the chart and the list of causes."""
    st.subheader("Health", anchor=False)
    if found.health is None:
        st.caption(
            "Not known yet: it needs a figure from the CRM, or events that were open to this customer."
        )
        return
    parts = {
        "reported": (found.reported, found.weights.reported),
        "engagement": (found.engagement, found.weights.engagement),
    }
    with st.container(horizontal=True, gap="small"):
        st.metric("Health", f"{found.health}", border=True, width=150)
        for name, label in PARTS.items():
            value, weight = parts[name]
            st.metric(
                label,
                "–" if value is None else f"{value}",
                "not known" if value is None else f"weighs {weight}%",
                delta_color="off",
                delta_arrow="off",
                border=True,
                width=190,
            )
    points = tuple((one.at, one.health, one.cause) for one in reversed(found.changes))
    if len(points) > 1 and points[-1][0] - points[0][0] >= A_DAY:
        st.plotly_chart(health_line(points), key=state.key(page, "health"), config=CONFIG)
    rows: Any = pl.DataFrame(
        [
            {
                "When": moment(one.at, zone),
                "From": one.before,
                "To": one.health,
                "What caused it": one.cause,
            }
            for one in found.changes
        ],
        infer_schema_length=None,
    )
    if found.changes:
        st.dataframe(
            rows,
            hide_index=True,
            width="stretch",
            column_config={"What caused it": st.column_config.TextColumn(width="large")},
        )
    else:
        st.caption("No change on record yet.")


@lru_cache(maxsize=256)
def health_line(points: tuple[tuple[datetime, int | None, str], ...]) -> go.Figure:
    """Health as steps: it holds until something changes it."""
    figure = go.Figure()
    figure.add_scatter(
        x=[at for at, _, _ in points],
        y=[value for _, value, _ in points],
        customdata=[html.escape(cause) for _, _, cause in points],
        mode="lines+markers",
        line={"color": "#237A4B", "width": 2, "shape": "hv"},
        hovertemplate="%{x|%d %b %Y}: %{y}<br>%{customdata}<extra></extra>",
        name="Health",
    )
    for level, word in _LINES:
        figure.add_hline(
            y=level,
            line={"color": "#8A94A3", "width": 1, "dash": "dot"},
            annotation={"text": word, "xanchor": "left", "x": 0, "font": {"size": 11}},
        )
    figure.update_layout(
        height=220, margin={"l": 8, "r": 8, "t": 12, "b": 8}, showlegend=False, hovermode="closest"
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(range=[0, 102], fixedrange=True, tickvals=[0, 20, 40, 60, 80, 100])
    return figure


def signal_notes(rows: Sequence[SignalRow]) -> None:
    """The customer's risk signals: open ones in full, the others in a line."""
    for row in rows:
        query = public_id("signal", row.id)
        if row.state == "closed":
            closed = day(reader_day(row.closed_at)) if row.closed_at else "–"
            st.caption(plain(f"Risk signal closed {closed}: {row.closed_why or ''}"))
            continue
        with st.container(border=True):
            icon = ":material/warning:" if row.level == "alert" else ":material/visibility:"
            st.markdown(f"{icon} **{plain(row.level.capitalize())}** · {plain(row.sentence)}")
            st.caption(plain(row.advice))
            navigation.link("risk", "See why and plan outreach", signal=query)
