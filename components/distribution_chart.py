"""How many customers stand in each band, as bars with their counts and as a table."""

from __future__ import annotations

import polars as pl
import streamlit as st

from components import state
from components.charts import BANDS, CONFIG, Bars, band_bars, band_totals

EVERYBODY = "All customers"
MOST_BARS = 40


def distribution_chart(page: str, counts: pl.DataFrame) -> None:
    """counts: band Utf8, customers Int32, share Float64, and `group` Utf8 when split."""
    split = "group" in counts.columns
    if not split:
        counts = counts.with_columns(group=pl.lit(EVERYBODY))
    wide = counts.pivot("band", index="group", values="customers").fill_null(0)
    bars: Bars = tuple(
        (name, (high, good, medium, low))
        for name, high, good, medium, low in wide.select("group", *BANDS).iter_rows()
        if high + good + medium + low
    )
    st.plotly_chart(
        band_bars(bars[:MOST_BARS]) if split else band_totals(bars[0][1] if bars else (0, 0, 0, 0)),
        key=state.key(page, "distribution"),
        config=CONFIG,
    )
    if len(bars) > MOST_BARS:
        st.caption(f"The first {MOST_BARS} of {len(bars)} groups; the table below has all of them.")
    with st.expander("The figures as a table"):
        st.dataframe(
            counts.select(
                pl.col("group").alias("Group"),
                pl.col("band").str.to_titlecase().alias("Band"),
                pl.col("customers").alias("Customers"),
                (pl.col("share") * 100).round(1).alias("Share %"),
            ),
            hide_index=True,
            width="stretch",
        )
