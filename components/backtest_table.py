"""What the decline alarm would have found in the past, by threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from components import state
from components.charts import CONFIG
from components.loaders import Backtest, Measured
from components.text import day, moment, plain, plural

PAGE = "backtest"
TOO_FEW = "not enough data"
Enough = Callable[[Any], bool]


@dataclass(frozen=True)
class Bars:
    """The thresholds in force, by events alone and fused with answers to mail."""

    alert: float
    watch: float
    alert_fused: float
    watch_fused: float


def head(found: Backtest, zone: str) -> None:
    """On what it rests."""
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("Looks", f"{found.looks}", f"{day(found.since)} to {day(found.until)}"),
            ("Customers judged", f"{found.judged:,}", "at least once"),
            ("Of them left", f"{found.left:,}", "recorded churn"),
        ):
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=230
            )
    st.caption(plain(f"Walked {moment(found.made_at, zone)}."))
    if found.stale:
        st.info(
            "Attendance has changed since. Run it anew to take that in.", icon=":material/update:"
        )


def table(found: Backtest, enough: Enough, bars: Bars, *, whole: bool) -> None:
    """A line per threshold; shares with counts and interval, or that there is too little. Without a figure
    yet (not `whole`) the alarms alone."""
    names = {bars.alert: " (alert)", bars.watch: " (watch)"}
    data: Any = pl.DataFrame(
        [
            {
                "Threshold z": "In force (alert)"
                if row.threshold is None
                else f"{row.threshold:.2f}{names.get(row.threshold, '')}",
                "Alarms": row.alarms,
                "Precision": _share(row.precision, enough),
                "Found in time": _share(row.recall, enough),
                "Median lead": _lead(row, enough),
                "False alarms per 100 customer-years": _rate(row),
            }
            for row in found.rows
        ]
    )
    if not whole:
        st.caption("Alarms that it would have raised so far; whether rightly, nobody can know yet.")
        data = data.select("Threshold z", "Alarms")
    st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, "table"))
    st.caption(
        "Customers who got eight campaigns or more in the year are judged by events and answers to mail "
        f"together: for them {bars.alert_fused:.2f} is an alert already, and {bars.watch_fused:.2f} a watch. In "
        "force each customer has its own bar; in the other lines all have the same."
    )
    if not whole:
        return
    st.caption(
        "Precision: of the alarms whose year is over, how many customers left in that year; false alarms are the others of them. Found in time: "
        "of those who left and could have been judged in the year before, how many had an alarm at least "
        "30 days ahead. Intervals are Wilson's, 95%. Each look uses what was known on its day; segment and "
        "region are those of today."
    )


def chart(found: Backtest, enough: Enough) -> None:
    """Found in time against precision, as the threshold rises."""
    rows = [
        r
        for r in found.rows
        if r.threshold is not None and enough(r.precision) and enough(r.recall)
    ]
    if len(rows) < 2:
        return
    figure = go.Figure()
    for name, pick, colour in (
        ("Found in time", "recall", "#2F6FB0"),
        ("Precision", "precision", "#9A6600"),
    ):
        shares = [getattr(row, pick) for row in rows]
        figure.add_scatter(
            x=[row.threshold for row in rows],
            y=[share.share for share in shares],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [share.high - share.share for share in shares],
                "arrayminus": [share.share - share.low for share in shares],
            },
            mode="lines+markers",
            name=name,
            line={"color": colour},
        )
    figure.update_layout(
        height=300, margin={"l": 8, "r": 8, "t": 36, "b": 8},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", range=[0, 1], fixedrange=True)
    figure.update_xaxes(title="Threshold z", fixedrange=True)
    st.plotly_chart(figure, key=state.key(PAGE, "chart"), config=CONFIG)


def _share(share: Any, enough: Enough) -> str:
    if not enough(share):
        return f"{TOO_FEW} ({share.hits} of {share.of})"
    return f"{share.share:.0%} ({share.hits} of {share.of}; {share.low:.0%}–{share.high:.0%})"


def _lead(row: Measured, enough: Enough) -> str:
    if row.lead is None:
        return "–"
    days = plural(round(row.lead), "day")
    return days if enough(row.recall) else f"{days}, of few"


def _rate(row: Measured) -> str:
    if row.false_per_100 is None:
        return TOO_FEW
    years = plural(round(row.stayer_years), "year")
    return f"{row.false_per_100:.1f} ({row.false_alarms} in {years})"
