"""Late follow-ups: what is overdue, and letting one go."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from components import actions, late_follow_ups, layout, loaders, navigation
from components.downloads import download_buttons
from components.loaders import Viewer
from pages.task_views import undoing
from services.attendance.follow_up import breaches, letting_go
from services.ids import public_id

PAGE = late_follow_ups.PAGE


def draw(viewer: Viewer) -> None:
    undoing.offer(PAGE)
    late_follow_ups.clocks(loaders.fresh(breaches.clocks, viewer))
    also = late_follow_ups.include_late()
    rows = loaders.fresh(breaches.breaches, viewer, late=also)
    if rows.is_empty():
        layout.empty(
            "Nothing is late.",
            hint="Follow-ups of the last 60 days that were not told the same day, drafted within 24 hours "
            "or sent within 72 show up here with the reason.",
        )
        return
    chosen = late_follow_ups.table(rows)
    if chosen is not None:
        row = rows.row(by_predicate=pl.col("id") == chosen, named=True)
        with st.container(horizontal=True, gap="small"):
            customer = public_id("customer", row["customer_id"])
            navigation.link("drafts", "Drafts", customer=customer)
            navigation.link("customer", "Customer", id=customer)
            navigation.link("event", "Event", id=public_id("event", row["event_id"]))
        why = late_follow_ups.let_go(row)
        if why is not None:
            _let_go(row["id"], why)
    make = partial(loaders.fresh, breaches.export, viewer, late=also)
    download_buttons(PAGE, "late_follow_ups", make)


def _let_go(number: int, why: str) -> None:
    said = "Let go. The reason stays on record."
    at = actions.attempt(letting_go.waive, number, why, done=said)
    if at is not None:
        undoing.keep(PAGE, "let_go", number, at)
    st.rerun()
