"""The list of risk signals: its filters, its figures and the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import layout, navigation, selection, state
from components.first_steps import next_step
from components.loaders import FirstSteps, RiskFilters, SignalPage
from components.narrowing import choice
from components.text import money, plain

PAGE = "risk"
ROWS = 50
VIEWS: dict[str, tuple[str, ...]] = {
    "Open": ("open", "acknowledged"),
    "Closed": ("closed",),
    "All": (),
}
LEVELS = {"alert": "Alert", "watch": "Watch"}
STATES = {"open": "New", "acknowledged": "In hand", "closed": "Closed"}
LINES = 66
"""Pixels: room for three lines of a sentence, which breaks in rows higher than four times the letter size only."""
AGES: dict[str, tuple[int | None, int | None]] = {
    "Opened this week": (None, 7),
    "Opened this month": (None, 30),
    "Older than a month": (30, None),
}


def filters(
    segments: Sequence[str], csms: Mapping[int, str], customer_id: int | None
) -> RiskFilters:
    """The choices above the list. They stand in the address, so a link shows what its sender saw."""
    view = st.segmented_control(
        "Show",
        list(VIEWS),
        default="Open",
        required=True,
        key=state.key(PAGE, "view"),
        bind="query-params",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Customer",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Part of the name",
            max_chars=100,
            width=160,
        )
        level = choice(PAGE, "level", "Level", LEVELS, 135)
        csm = choice(PAGE, "csm", "CSM", csms, 135)
        segment = choice(PAGE, "segment", "Segment", segments, 135)
        age = choice(PAGE, "age", "Age", tuple(AGES), 135)
    least, most = AGES[age] if age else (None, None)
    return RiskFilters(
        states=VIEWS[view or "Open"],
        level=level,
        segment=segment,
        csm_id=csm,
        least_age=least,
        most_age=most,
        search=(search or "").strip(),
        customer_id=customer_id,
    )


def nothing(wanted: RiskFilters, steps: FirstSteps) -> None:
    """What an empty list says: that the filters leave none, or when there would be one, and the way there."""
    if wanted != RiskFilters():
        hint = "Clear one of them to see more."
        layout.empty("No risk signal fits these filters.", hint=hint)
        return
    layout.empty(
        "No risk signal is open.",
        hint="We look every night and after each import. A signal opens when a customer with at least "
        "four events behind them comes clearly less than expected.",
    )
    if not next_step(steps):
        navigation.link("engagement", "See the board")


def figures(found: SignalPage) -> None:
    """How many, how bad, and what these customers are worth."""
    worth = [plain(money(amount, currency)) for currency, amount in found.arr]
    rest = f"and {', '.join(worth[1:])}" if worth[1:] else "of these customers"
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("Signals", f"{found.total:,}", "fit the filters"),
            ("Alerts", f"{found.levels.get('alert', 0):,}", "far below expected"),
            ("Watch", f"{found.levels.get('watch', 0):,}", "below expected"),
            ("ARR concerned", worth[0] if worth else "–", rest),
        ):
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=150
            )


def place(total: int) -> int:
    """The offset of the page being read."""
    pages = -(-total // ROWS)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * ROWS


def table(found: SignalPage) -> tuple[int | None, tuple[int, ...]]:
    """Draw the rows; the id of the signal that was clicked, and those that are ticked."""
    data: Any = pl.DataFrame([_line(row) for row in found.rows], infer_schema_length=None)
    picked = selection.table(
        data,
        [row.id for row in found.rows],
        PAGE,
        "table",
        mode="tick-or-click",
        row_height=LINES,
        column_config={
            "Customer": st.column_config.TextColumn(pinned=True, width=110),
            "Level": st.column_config.TextColumn(width=70),
            "Why": st.column_config.TextColumn(width=265),
            "What to do": st.column_config.TextColumn(width=215),
            "ARR": st.column_config.TextColumn(width=65),
            "Renewal": st.column_config.DateColumn(format="D MMM YYYY", width=95),
        },
    )
    return picked.clicked, picked.ticked


def _line(row: Any) -> dict[str, Any]:
    """What fits beside the menu on a small screen; all else is on the signal's page and in the download."""
    stands = "" if row.state == "open" else f", {STATES[row.state].lower()}"
    return {
        "Customer": row.customer,
        "What to do": row.advice,
        "Level": LEVELS[row.level] + stands,
        "Why": row.short,
        "ARR": money(row.arr, row.currency),
        "Renewal": row.renews_on,
    }
