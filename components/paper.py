"""What comes out of a printer: no menu and no buttons, nothing cut in two, and tables whole."""

from __future__ import annotations

from typing import Any

import polars as pl
import polars.selectors as cs
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.text import plain

MOST_PRINTED = 200
_AWAY = (
    "[data-testid=stSidebar]", "[data-testid=stHeader]", "[data-testid=stBottom]",
    "[data-testid=stToast]", "[class*=st-key-screen_only]",
    *(
        f"[data-testid=stElementContainer]:has(> [data-testid={one}])"
        for one in ("stButton", "stDownloadButton", "stPageLink", "stFormSubmitButton", "stButtonGroup")
    ),
)  # fmt: skip
_CHARTS = "[data-testid=stMetricChart], [data-testid=stVegaLiteChart], [data-testid=stPlotlyChart]"
_KEPT = "[data-testid=stLayoutWrapper]:has(> [class*=st-key-whole_])"
_WHOLE = (
    f"{_KEPT}, [data-testid=stMetric], {_CHARTS}, [data-testid=stAlert], [data-testid=stTable] tr"
)
# A box that scrolls, and a table that stands in a line, cannot go on on the next page.
_TABLES = (
    "[data-testid=stTable], [data-testid=stTable] > div { overflow: visible !important; }"
    "[data-testid=stTable] table { display: table !important; width: 100%; }"
    "[data-testid=stTable] thead { display: table-header-group; }"
)
_STYLE = (
    "@page { margin: 14mm; }"
    f"{', '.join(_AWAY)} {{ display: none !important; }}"
    f"{_WHOLE} {{ break-inside: avoid; }}"
    f"{_KEPT} {{ padding-top: 2px; }}"  # else its frame's first line stays on the page before
    "h1, h2, h3, h4 { break-after: avoid; }"
    f"{_TABLES}"
    "[data-testid=stMainBlockContainer] { padding: 0 !important; }"
)
# Chosen for a dark screen, the colours would need a page full of ink, or be too light without it.
_INK = (
    "html, body { background: #FFFFFF !important; }"
    ".stApp, .stApp * { color: #1B222C !important; background-color: transparent !important;"
    " border-color: #C5CCD6 !important; }"
    ".stApp ::placeholder { color: #5A6675 !important; opacity: 1 !important; }"
    f"{_CHARTS} {{ filter: invert(1) hue-rotate(180deg); }}"
)


def style() -> None:
    """How every page is printed."""
    ink = _INK if st.context.theme.type == "dark" else ""
    st.html(f"<style>@media print {{ {_STYLE} {ink} }}</style>")


def screen_only(name: str) -> DeltaGenerator:
    """A container of what has no meaning on paper: choices, switches, hints about the screen."""
    return st.container(key=f"screen_only_{name}")


def whole(name: str, **shape: Any) -> DeltaGenerator:
    """A container that no page of paper ends in; `shape` as for `st.container`."""
    return st.container(key=f"whole_{name}", **shape)


def table(rows: pl.DataFrame, *, printed: bool = False) -> None:
    """`printed`: whole, at most MOST_PRINTED rows, with figures as short as on the screen."""
    data: Any = rows
    if not printed:
        st.dataframe(data, hide_index=True, width="stretch", placeholder="–")
        return
    short = rows.head(MOST_PRINTED).with_columns(
        cs.float().round(1).cast(pl.String).str.strip_suffix(".0")
    )
    if rows.height > MOST_PRINTED:
        st.caption(f"The first {MOST_PRINTED} of {rows.height:,}: the Excel file has all.")
    written(short.with_columns(cs.string().fill_null("–")))


def written(rows: pl.DataFrame, **look: Any) -> None:
    """All of it, wrapped where it is narrow, with every text as it was typed: these cells are Markdown.
    `look` as for `st.table`."""
    told: Any = {
        name: list(map(plain, column)) if column.dtype == pl.String else column.to_list()
        for name, column in rows.to_dict().items()
    }
    st.table(told, **look)
