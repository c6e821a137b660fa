"""Loading a file of customers or stakeholders: choose it, map its columns, see each row's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.column_mapper import column_mapper
from components.file_box import file_box
from components.loaders import FilePreview
from components.text import plain, plural

PAGE = "customers"
PURPOSES = {"customers": "Customers", "stakeholders": "Stakeholders (contacts)"}
VERDICTS = {
    "created": "New",
    "updated": "Changed",
    "unchanged": "As before",
    "merged": "Repeated",
    "rejected": "Rejected",
}
MOST_SHOWN = 500


@dataclass(frozen=True)
class Chosen:
    body: bytes
    purpose: str
    mapping: tuple[tuple[str, str], ...] | None
    day_first: bool | None


def choose(most: int) -> Chosen | None:
    """The file that was dropped and what was chosen for it; None while there is none. `most`: megabytes."""
    st.caption(
        "An export from Salesforce, HubSpot, Gainsight or any other CRM, as CSV or Excel. Nothing is "
        "written before you have seen what would happen. Empty cells never erase anything."
    )
    purpose = st.segmented_control(
        "What is in the file?",
        list(PURPOSES),
        default="customers",
        required=True,
        format_func=lambda one: PURPOSES[one],
        key=state.key(PAGE, "purpose"),
    )
    turn = state.get(PAGE, "turn", 0)
    file = file_box(
        "File",
        ["csv", "tsv", "txt", "xlsx", "xls"],
        most,
        key=state.key(PAGE, f"file.{turn}"),
        help="Split a larger one: the parts can be loaded one after the other.",
    )
    if file is None:
        return None
    own = f"{turn}.{file.file_id}.{purpose}"
    if state.get(PAGE, "mapped") != own:
        state.drop(PAGE, "mapping")
        state.put(PAGE, "mapped", own)
    return Chosen(
        file.getvalue(), str(purpose), state.get(PAGE, "mapping"), state.get(PAGE, "day_first")
    )


def done() -> None:
    """Forget the file."""
    state.put(PAGE, "turn", state.get(PAGE, "turn", 0) + 1)
    for name in ("mapping", "mapped", "day_first"):
        state.drop(PAGE, name)


def review(preview: FilePreview) -> bool:
    """Draws what would happen; whether the person wants it."""
    st.markdown(f"**{plain(preview.label)}** · {plural(preview.records, 'record')}")
    for warning in preview.warnings:
        st.warning(plain(warning))
    columns = column_mapper(preview, f"map.{state.get(PAGE, 'mapped')}")
    if columns:
        state.put(PAGE, "mapping", columns)
        st.rerun()
    if preview.needs_mapping:
        st.info("Say which column holds what, then you see what would happen.")
        return False
    if preview.dates_ambiguous:
        _day_order()
    _verdicts(preview)
    useful = sum(preview.counts[v] for v in ("created", "updated"))
    return st.button(
        f"Load {plural(useful, PURPOSES[preview.purpose].split()[0].lower().rstrip('s'))}",
        type="primary",
        disabled=not useful,
        key=state.key(PAGE, "load"),
    )


def _day_order() -> None:
    words = {None: "Leave such dates out", True: "3 April 2026", False: "March 4, 2026"}
    chosen = st.radio(
        "Nothing in the file tells days from months. What does 03/04/2026 mean?",
        list(words),
        format_func=lambda one: words[one],
        horizontal=True,
        key=state.key(PAGE, "order"),
    )
    if chosen != state.get(PAGE, "day_first"):
        state.put(PAGE, "day_first", chosen)
        st.rerun()


def _verdicts(preview: FilePreview) -> None:
    said = [
        f"{preview.counts[v]:,} {words.lower()}"
        for v, words in VERDICTS.items()
        if preview.counts[v]
    ]
    st.markdown("Would be: " + plain(", ".join(said)))
    # What needs a look comes first, then what would change.
    order = pl.col("verdict").replace_strict({"rejected": 0, "created": 2, "updated": 2}, default=3)
    urgent = (
        pl.when(pl.col("note").is_not_null()).then(pl.min_horizontal(order, 1)).otherwise(order)
    )
    shown: Any = (
        preview.rows.sort(urgent, "line")
        .head(MOST_SHOWN)
        .with_columns(pl.col(pl.String).fill_null(""))
        .select(
            pl.col("line").alias("Row"),
            pl.col("name").alias("Name"),
            pl.col("verdict").replace(VERDICTS).alias("Verdict"),
            pl.col("changes").alias("What changes"),
            pl.col("note").alias("Why, or what was left out"),
        )
    )
    st.dataframe(shown, hide_index=True, width="stretch")
    if preview.rows.height > MOST_SHOWN:
        st.caption(f"The {MOST_SHOWN} rows that matter most of {preview.rows.height:,}.")
