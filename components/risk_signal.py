"""One risk signal: why, what to do, and what has become of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import streamlit as st

from components import navigation, state
from components.figures import WIDTH
from components.loaders import SignalMove, SignalRow, public_id
from components.moments import reader_day
from components.risk_list import LEVELS, PAGE, STATES
from components.text import day, moment, money, plain, plural

MOST_WHY = 500
START = time(10)
Done = Callable[[int], None]


@dataclass(frozen=True)
class Pressed:
    """What was asked for: plan, acknowledge, close or reopen. `at`: when to call; `why`: of a closing."""

    what: str
    at: datetime | None = None
    why: str = ""


def signal(
    row: SignalRow, moves: Sequence[SignalMove], zone: str, today: date, done: Done
) -> Pressed | None:
    """Draw it; what was pressed, if anything. `done` is called with the task of a call, before the page runs again."""
    with st.container(border=True):
        st.subheader(f"{plain(row.customer)}: {LEVELS[row.level].lower()}", anchor=False)
        worth = f"{money(row.arr, row.currency)} ARR"
        parts = (STATES[row.state], worth, f"renewal {day(row.renews_on)}", row.csm or "no CSM")
        st.caption(" · ".join(map(plain, parts)))
        st.markdown(plain(row.sentence))
        figures(row)
        st.info(f"**What to do:** {plain(row.advice)}", icon=":material/lightbulb:")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            navigation.link(
                "customer", "Open the customer", id=public_id("customer", row.customer_id)
            )
            if row.draft_id:
                navigation.link("draft", "Open the mail", id=public_id("draft", row.draft_id))
        pressed = _reopening() if row.state == "closed" else _answers(row, zone, today, done)
        if row.closed_why:
            st.caption(f"Closed: {plain(row.closed_why)}")
        with st.expander("History"):
            history(moves, zone)
    return pressed


def figures(row: SignalRow) -> None:
    """What one has to know as cards, two beside each other on a phone; how it is judged in a line."""
    facts = row.facts
    if "current" not in facts:  # another reason than events: the sentence says all there is
        st.caption(f"As of {day(row.as_of)}; opened {day(reader_day(row.opened_at))}.")
        return
    values = (
        ("Current", plural(facts["current"], "visit"), plural(facts["current_events"], "event")),
        ("Previous", plural(facts["previous"], "visit"), plural(facts["previous_events"], "event")),
        ("Missed in a row", str(facts["missed"]), f"of {facts['eligible']} in the year"),
    )
    with st.container(horizontal=True, gap="small"):
        for label, value, below in values:
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=WIDTH
            )
    st.caption(
        plain(
            f"{facts['below']:.0%} below expected: {facts['expected']:.1f} visits expected, "
            f"{facts['actual']:.1f} seen, recent events weighing most; shortfall z {facts['z'] or 0:.1f}, watched from "
            f"{facts['bar']:.2f}. Current is the last 182 days, previous the 182 before. As of "
            f"{day(row.as_of)}; opened {day(reader_day(row.opened_at))}, last held {day(reader_day(row.seen_at))}."
        )
    )


def _answers(row: SignalRow, zone: str, today: date, done: Done) -> Pressed | None:
    with st.container(horizontal=True, gap="small"):
        if row.outreach_on is None:
            with st.popover("Plan outreach", icon=":material/event_available:", type="primary"):
                planned = _plan_form(zone, today)
            if planned:
                return planned
        elif row.task_id is not None:
            st.button(
                "The call is done", key=state.key(PAGE, f"task_done.{row.task_id}"),
                icon=":material/task_alt:", on_click=done, args=(row.task_id,),
            )  # fmt: skip
        if row.state == "open" and st.button(
            "I have it in hand", key=state.key(PAGE, "acknowledge"), icon=":material/back_hand:"
        ):
            return Pressed("acknowledge")
        with st.popover("Close", icon=":material/close:"), st.form(state.key(PAGE, "closing")):
            why = st.text_input("Why?", key=state.key(PAGE, "why"), max_chars=MOST_WHY,
                                placeholder="They told us the project is on hold until May")  # fmt: skip
            if st.form_submit_button("Close the signal"):
                return Pressed("close", why=why or "")
    return None


def _plan_form(zone: str, today: date) -> Pressed | None:
    with st.form(state.key(PAGE, "planning"), border=False):
        st.caption("A mail to their champion for approval, and a call in the CSM's calendar.")
        first = today + timedelta(days=1)
        while first.weekday() > 4:
            first += timedelta(days=1)
        on = st.date_input("Call on", first, min_value=today, key=state.key(PAGE, "call.day"))
        at = st.time_input("At", START, key=state.key(PAGE, "call.time"))
        if not st.form_submit_button("Plan it", type="primary"):
            return None
    return Pressed("plan", at=_moment(on, at, zone))


def _moment(on: date, at: time, zone: str) -> datetime:
    try:
        clock: Any = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        clock = UTC
    return datetime.combine(on, at, clock).astimezone(UTC)


def _reopening() -> Pressed | None:
    pressed = st.button("Open it again", key=state.key(PAGE, "reopen"), icon=":material/undo:")
    return Pressed("reopen") if pressed else None


def history(moves: Sequence[SignalMove], zone: str) -> None:
    data: Any = pl.DataFrame(
        [
            {
                "When": moment(move.at, zone),
                "What": move.move.capitalize(),
                "Level": LEVELS[move.level],
                "Who": move.who or "The app",
                "Why": move.why or move.sentence,
            }
            for move in moves
        ]
    )
    st.dataframe(data, hide_index=True, width="stretch")
