"""The rows behind a figure of the event analysis."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components.text import plain, plural


def rows_behind(rows: pl.DataFrame, total: int, what: str) -> None:
    """The rows a figure is made of, or the first of `total`."""
    more = f" The first {rows.height:,} are shown; the download has all."
    st.caption(plain(f"{plural(total, 'row')}, {what}.{more if total > rows.height else ''}"))
    data: Any = rows
    columns = {
        name: _column(name.replace("_", " ").capitalize(), kind)
        for name, kind in rows.schema.items()
    }
    st.dataframe(data, hide_index=True, width="stretch", column_config=columns)


def _column(label: str, kind: pl.DataType) -> Any:
    if kind == pl.Date:
        return st.column_config.DateColumn(label, format="D MMM YYYY")
    if kind.is_float():
        return st.column_config.NumberColumn(label, format="%.2f")
    return st.column_config.Column(label)
