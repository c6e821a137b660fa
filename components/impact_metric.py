"""One figure of Impact opened: what it means, how it went by month, and the rows it is made of."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import navigation, state
from components.bars import bars
from components.event_analysis_rows import rows_behind
from components.impact import METRIC, PAGE, interval, tile, value_words
from components.loaders.impact import Measured, Metric, Opened
from components.text import plain


def _close() -> None:
    st.query_params.pop(METRIC, None)


def close_button() -> None:
    st.button(
        "All figures",
        key=state.key(PAGE, "close"),
        icon=":material/arrow_back:",
        on_click=_close,
    )


def opened(found: Opened, one: Measured, metric: Metric) -> None:
    """One figure: its tile, what it means, month by month, and the rows it is made of."""
    with st.container(border=True):
        tile(one, metric)
        st.markdown(plain(metric.definition))
        asked = ", ".join(f"PRD-{number:03d}" for number in metric.prds)
        st.caption(f"Asked for in {asked}")
        navigation.link(metric.screen, "Where it comes from", **metric.query)
    st.subheader("By month", anchor=False)
    if found.months.is_empty():
        st.caption("No month has anything to count yet.")
    else:
        _months(found.months, metric)
    st.subheader("The rows it is made of", anchor=False)
    rows_behind(found.rows, found.total, "all that this figure counts")


def _months(rows: pl.DataFrame, metric: Metric) -> None:
    shown = rows.filter(pl.col("value").is_not_null())
    if shown.height:
        percent = shown.with_columns(pl.col("value") * 100)
        bars(percent, x=("month", "Month"), y=("value", f"{metric.title} (%)"), per="text")
    told: Any = [
        {
            "Month": row["month"],
            metric.title: value_words(row["value"], lift=metric.lift),
            "95% interval": interval(row["low"], row["high"], lift=metric.lift).removeprefix("95%: "),
            metric.top.capitalize(): row["top"],
            metric.bottom.capitalize(): row["bottom"],
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    st.dataframe(pl.DataFrame(told), hide_index=True, width="stretch")
