"""The rows behind a figure of the event analysis."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components.loaders.impact import heads_of
from components.moments import moment_column, say_zone
from components.text import plain, plural

_FIRST = ("customer", "event", "sent", "replied", "let_go")


def rows_behind(rows: pl.DataFrame, total: int, what: str) -> None:
    """The rows a figure is made of, or the first of `total`."""
    more = f" The first {rows.height:,} are shown; the download has all."
    st.caption(plain(f"{plural(total, 'row')}, {what}.{more if total > rows.height else ''}"))
    read = readable(rows)
    data: Any = read
    heads = heads_of(read.columns)
    columns = {name: _column(heads[name], kind) for name, kind in read.schema.items()}
    st.dataframe(data, hide_index=True, width="stretch", column_config=columns)
    say_zone(columns)


def readable(rows: pl.DataFrame) -> pl.DataFrame:
    """Who, at what and what came of it before all else, since the right edge of a small screen is near; types
    in words, and nothing that only a program reads."""
    kept = rows.select(pl.exclude("event_id", "customer_id"))
    first = [name for name in _FIRST if name in kept.columns]
    in_words = [pl.col("type").str.replace_all("_", " ")] if "type" in kept.columns else []
    return kept.select(*first, pl.exclude(first)).with_columns(in_words)


def _column(label: str, kind: pl.DataType) -> Any:
    if kind == pl.Date:
        return st.column_config.DateColumn(label, format="D MMM YYYY")
    if isinstance(kind, pl.Datetime):
        return moment_column(label)
    if kind.is_float():
        return st.column_config.NumberColumn(label, format="%.2f")
    return st.column_config.Column(label)
