"""The list of customers: its filters, its table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from components import navigation, selection, state
from components.loaders.scoring import BAND_WORDS
from components.narrowing import choice
from components.text import plural

PAGE = "customers"
ROWS = 50
SORTS = {
    "name": "Name",
    "-arr": "Highest ARR",
    "renewal": "Next renewal",
    "-score": "Highest score",
    "score": "Lowest score",
    "health": "Lowest health",
}


@dataclass(frozen=True)
class Chosen:
    """None and empty mean all."""

    search: str
    segment: str | None
    csm_id: int | None
    sort: str


def filters(segments: Sequence[str], csms: Sequence[tuple[int, str]]) -> Chosen:
    """The choices above the list. They stand in the address, so a link shows what its sender saw."""
    names = {str(number): name for number, name in csms}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Name, domain or identifier",
            max_chars=100,
            width=240,
        )
        segment = choice(PAGE, "segment", "Segment", segments, 160)
        csm = choice(PAGE, "csm", "CSM", names, 160)
        sort = st.selectbox(
            "Sort by",
            list(SORTS),
            format_func=lambda one: SORTS[one],
            key=state.key(PAGE, "sort"),
            bind="query-params",
            width=160,
        )
    return Chosen(search or "", segment, int(csm) if csm else None, sort)


def page_number(total: int) -> int:
    """From 0. Drawn only when there is more than one page."""
    pages = math.ceil(total / ROWS)
    if pages < 2:
        return 0
    return st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1


def table(rows: pl.DataFrame, total: int, everything: int) -> None:
    """A click on a row leads to that customer's page."""
    st.caption(
        plural(total, "customer")
        + (f" of {everything:,}" if total != everything else "")
        + ". Click a customer to open it."
    )
    # A missing text would be drawn as the word None.
    filled = rows.with_columns(pl.col(pl.String).fill_null(""))
    shown: Any = filled.select(
        pl.col("name").alias("Name"),
        pl.col("score").alias("Score"),
        pl.col("band").replace(BAND_WORDS).alias("Band"),
        pl.col("trend").str.to_titlecase().alias("Trend"),
        pl.col("segment").alias("Segment"),
        pl.col("csm").alias("CSM"),
        pl.col("arr").alias("ARR"),
        pl.col("currency").alias("Currency"),
        pl.col("renews_on").alias("Renewal"),
        pl.col("health").alias("Health"),
        pl.col("attended").alias("Events"),
        pl.col("stakeholders").alias("Stakeholders"),
        pl.col("region").alias("Region"),
        pl.col("industry").alias("Industry"),
    )
    picked = selection.table(
        shown,
        rows["id"].to_list(),
        PAGE,
        "table",
        column_config={
            "Name": st.column_config.TextColumn(pinned=True, width="medium"),
            "Score": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d"),
            "ARR": st.column_config.NumberColumn(format="localized"),
            "Renewal": st.column_config.DateColumn(format="D MMM YYYY"),
        },
    )
    if picked.clicked is not None:
        navigation.go("customer", id=picked.clicked)
