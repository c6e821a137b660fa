"""The rows of a file with their verdicts and reasons, and those to mend as a download."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.loaders import UploadView
from components.upload_preview import VERDICTS, count_of

PAGE = "upload"
ROWS = 200
TO_MEND = ("review", "unmatched", "rejected")


def _narrowed(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """The verdicts to show; empty for all."""
    there = [v for v in VERDICTS if count_of(summary, v)]
    picked = st.pills(
        "Show",
        there,
        format_func=lambda v: f"{VERDICTS[v][0]} ({count_of(summary, v):,})",
        selection_mode="multi",
        key=state.key(PAGE, "show"),
        bind="query-params",
        label_visibility="collapsed",
    )
    return tuple(picked)


def _page_number(summary: Mapping[str, Any], verdicts: Sequence[str]) -> int:
    """From 0. Drawn only when there is more than one page."""
    total = sum(count_of(summary, v) for v in verdicts or VERDICTS)
    pages = math.ceil(total / ROWS)
    if pages < 2:
        return 0
    key = state.key(PAGE, f"page.{'.'.join(verdicts)}")
    return st.pagination(pages, key=key) - 1


def _rows_table(rows: pl.DataFrame) -> None:
    shown: Any = rows.select(
        pl.col("line").alias("Line"),
        pl.col("verdict")
        .cast(pl.String)
        .replace({v: words for v, (words, _) in VERDICTS.items()})
        .alias("Verdict"),
        pl.col("name").alias("Name"),
        pl.col("reason").alias("Why"),
        pl.col("customer").alias("Customer"),
        (pl.col("confidence") * 100).alias("Confidence"),
        pl.col("email").alias("E-mail"),
        pl.col("company").alias("Company"),
        pl.col("event").alias("Event"),
        pl.col("status").str.replace("_", " ").str.to_titlecase().alias("Status"),
        pl.col("minutes").alias("Minutes"),
    )
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        placeholder="–",
        column_config={
            "Line": st.column_config.NumberColumn(pinned=True, width="small"),
            "Verdict": st.column_config.TextColumn(pinned=True, width="small"),
            "Why": st.column_config.TextColumn(width="large"),
            "Customer": selection.name_column(),
            "Confidence": st.column_config.NumberColumn(format="%.0f%%", width="small"),
            "Minutes": st.column_config.NumberColumn(format="%.0f", width="small"),
        },
    )


def rows(
    view: UploadView,
    read: Callable[..., pl.DataFrame],
    downloads: Mapping[str, Callable[[], bytes]],
) -> None:
    """The rows with their reasons. `read` takes verdicts, offset and limit and gives the columns of
    services.uploads.listing.ROWS; `downloads`: file ending -> the rows that can be mended, as a file."""
    st.subheader("Rows", anchor=False)
    chosen = _narrowed(view.summary)
    offset = _page_number(view.summary, chosen) * ROWS
    _rows_table(read(verdicts=chosen or None, offset=offset, limit=ROWS))
    if not any(view.summary[verdict] for verdict in TO_MEND):
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for ending, body in downloads.items():
            st.download_button(
                f"Rows to mend ({ending.upper()})",
                body,
                file_name=f"to mend upl_{view.id}.{ending}",
                icon=":material/download:",
                on_click="ignore",
                key=state.key(PAGE, f"mend.{ending}"),
            )
    st.caption(
        "What is unmatched, rejected or waits for review, with the reasons. Correct it there and upload it."
    )
