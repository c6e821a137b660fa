"""Who is away, and who stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from components import layout, state
from components.loaders import DelegationRow, public_id
from components.text import day, plain

MOST_SHOWN = 50


@dataclass(frozen=True)
class Absence:
    """Both days are included."""

    person_id: int
    stand_in_id: int
    first_day: date
    last_day: date


def absence_list(page: str, rows: Sequence[DelegationRow]) -> int | None:
    """Draw them; the id of the one whose button was pressed."""
    pressed = None
    for row in rows[:MOST_SHOWN]:
        now = " (now)" if row.running else ""
        words = f"{day(row.first_day)} to {day(row.last_day)}{now}"
        with layout.line(
            f"**{plain(row.stand_in)}** stands in for **{plain(row.person)}**, {words}"
        ):
            key = state.key(page, f"end.{public_id('delegation', row.id)}")
            if st.button("End" if row.running else "Cancel", key=key):
                pressed = row.id
    return pressed


def absence_form(
    page: str, people: Mapping[int, str], colleagues: Mapping[int, str], today: date
) -> Absence | None:
    """Who of `people` is away, when, and who of `colleagues` stands in; once it is sent."""
    with st.form(state.key(page, "absence"), clear_on_submit=True):
        with st.container(horizontal=True, gap="small"):
            who = next(iter(people)) if len(people) == 1 else _choose(page, "Away", "away", people)
            there = _choose(page, "Stands in", "stand_in", colleagues)
            first = st.date_input("First day", today, min_value=today, key=state.key(page, "first"))
            last = st.date_input(
                "Last day", today + timedelta(days=6), min_value=today, key=state.key(page, "last")
            )
        sent = st.form_submit_button("Arrange")
    if not sent:
        return None
    if who is None or there is None:
        state.flash("Choose who is away and who stands in.", kind="error")
        st.rerun()
    return Absence(who, there, first, last)


def _choose(page: str, label: str, name: str, options: Mapping[int, str]) -> int | None:
    return st.selectbox(
        label, list(options), index=None, format_func=options.__getitem__,
        key=state.key(page, name), placeholder="Choose a colleague", width=220,
    )  # fmt: skip
