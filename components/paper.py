"""Tables for the screen, and the same for paper: there a table that scrolls would end at its frame."""

from __future__ import annotations

from typing import Any

import polars as pl
import polars.selectors as cs
import streamlit as st

MOST_PRINTED = 200


def table(rows: pl.DataFrame, *, printed: bool = False) -> None:
    """`printed`: whole, at most MOST_PRINTED rows, with figures as short as on the screen."""
    data: Any = rows
    if not printed:
        st.dataframe(data, hide_index=True, width="stretch")
        return
    short = rows.head(MOST_PRINTED).with_columns(
        cs.float().round(1).cast(pl.String).str.strip_suffix(".0")
    )
    told: Any = short.with_columns(cs.string().fill_null("–")).to_dict(as_series=False)
    st.table(told)
