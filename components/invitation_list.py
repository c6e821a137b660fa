"""Whom an event fits: its figures, the ranked table, and how fair the list is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.text import plain, plural

PAGE = "invitations"
MOST = 200
ROW = 72
"""Pixels: three lines, as long as reasons get; from two lines on a cell wraps its text."""
ON_LIST = {"recommended": "On the list", "explored": "By lot"}


def figures(found: Any) -> None:
    """What to expect of the list."""
    if found.free_seats == 0:
        st.warning("All seats are taken: whoever is invited now can only wait for one.")
    middle, low, high = found.expected
    seats = "no limit" if found.free_seats is None else f"{found.free_seats:,} free"
    reached = f"{found.reached / found.fits:.0%}" if found.fits else "–"
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("It is for", f"{found.fits:,}", "of your customers"),
            ("On the list", f"{found.size:,}", f"{found.rows['rank'].count():,} can be invited"),
            ("Expected", f"{middle:.0f}", f"{low:.0f} to {high:.0f} (90%)"),
            ("Seats", seats, "at the event"),
            ("Reached", reached, "of the last 4 too"),
        ):
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=155
            )


def table(found: Any, search: str) -> tuple[int | None, tuple[int, ...]]:
    """The ranked customers; the one that was clicked, and those that are ticked."""
    rows = found.rows
    if search:
        rows = rows.filter(
            pl.col("customer").str.to_lowercase().str.contains(search.lower(), literal=True)
        )
    rows = rows.head(MOST)
    why = ["; ".join(one.sentence for one in found.reasons.get(n, ())) for n in rows["customer_id"]]
    shown = rows.select(
        pl.col("customer").alias("Customer"),
        pl.col("arm").replace_strict(ON_LIST, default="").fill_null("").alias("List"),
        (pl.col("chance") * 100).alias("Chance"),
        pl.col("blocker").fill_null("").alias("In the way"),
        pl.Series("Why", why, dtype=pl.String),
        pl.col("segment").fill_null("").alias("Segment"),
        pl.col("industry").fill_null("").alias("Industry"),
        pl.col("city").fill_null("").alias("City"),
        pl.col("csm").fill_null("Nobody").alias("CSM"),
    )
    data: Any = shown.drop("In the way") if (shown["In the way"] == "").all() else shown
    picked = selection.table(
        data,
        rows["customer_id"].to_list(),
        PAGE,
        f"table.{found.event_id}",
        mode="tick-or-click",
        row_height=ROW,
        column_config={
            "Customer": selection.name_column(pinned=True),
            "Chance": st.column_config.NumberColumn(
                format="%.0f%%", help="That somebody comes when invited"
            ),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )
    return picked.clicked, picked.ticked


def draft_button(found: Any, ticked: Sequence[int]) -> tuple[int, ...]:
    """Whom to draft for, when pressed: those who are ticked, else the list."""
    listed = found.rows.filter(pl.col("arm").is_not_null())["customer_id"].to_list()
    wanted = tuple(ticked) or tuple(listed)
    whom = f"{plural(len(ticked), 'customer')}" if ticked else f"the list ({len(listed):,})"
    pressed = st.button(
        f"Draft invitations for {whom}",
        type="primary",
        icon=":material/forward_to_inbox:",
        disabled=not wanted,
        key=state.key(PAGE, f"draft.{selection.mark(ticked)}"),
        help="One person each, the one it fits best. Nothing is sent before you approve it.",
    )
    if not pressed:
        return ()
    selection.clear(PAGE, f"table.{found.event_id}")
    return wanted


def fairness(found: Any) -> None:
    """The list by segment."""
    with st.expander("How the list is spread"):
        data: Any = pl.DataFrame(
            [
                {"Segment": one.segment, "It is for": one.fits, "On the list": one.listed, "Times the usual share": one.ratio}
                for one in found.fairness
            ],
            infer_schema_length=None,
        )  # fmt: skip
        st.dataframe(data, hide_index=True, width="content")
        st.caption(
            plain(
                f"{plural(found.holdout.height, 'customer')} would be on the list and are left out for good, "
                "one in ten by their number, so that there is somebody to compare with. "
                "You can still invite them by hand."
            )
        )
