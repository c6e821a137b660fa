"""What lies ahead: the events to come as a list, and a month of the calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from components import phone, selection, state
from components.event_list import type_words
from components.text import plain

PAGE = "events"
DAYS = tuple(calendar.day_abbr)
LONGEST = 26
"""Letters of a name in a cell of the calendar."""
WEEK, HEADER = 64, 36
"""Pixels of a week, and of the names of the days with the frame."""


def search() -> str:
    return st.text_input(
        "Search", key=state.key(PAGE, "coming"), bind="query-params", placeholder="Name",
        max_chars=100, width=220,
    )  # fmt: skip


def upcoming(rows: pl.DataFrame) -> int | None:
    """The events to come; the id of the one that was clicked."""
    data: Any = rows.select(
        pl.col("name").alias("Event"),
        pl.col("state_words").alias("State"),
        pl.col("when").alias("When"),
        pl.col("invited").alias("Invited"),
        pl.col("registered").alias("Registered"),
        pl.col("capacity").alias("Seats"),
        pl.col("where").alias("Where"),
        pl.Series("Type", map(type_words, rows["type"]), pl.String),
        pl.col("topic").alias("Topic"),
    )
    picked = selection.table(
        data,
        rows["event_id"].to_list(),
        PAGE,
        "upcoming",
        placeholder="–",
        column_config={
            "Event": st.column_config.TextColumn(width=230),
            "State": st.column_config.TextColumn(width=90),
        },
    )
    return picked.clicked


def month(today: date) -> date:
    """The first day of the month that is shown, kept in the address."""
    default = f"{today:%Y-%m}"
    said = st.query_params.get("month", default)
    try:
        first = date.fromisoformat(f"{said}-01")
    except ValueError:
        first = today.replace(day=1)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        before = st.button(
            "",
            icon=":material/chevron_left:",
            key=state.key(PAGE, "before"),
            help="The month before",
        )
        st.markdown(f"**{first:%B %Y}**", width=150)
        after = st.button(
            "",
            icon=":material/chevron_right:",
            key=state.key(PAGE, "after"),
            help="The month after",
        )
        home = st.button("This month", key=state.key(PAGE, "this"), disabled=said == default)
    if before or after or home:
        _turn(today if home else _moved(first, 1 if after else -1))
    return first


def _moved(first: date, by: int) -> date:
    months = first.year * 12 + first.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _turn(to: date) -> None:
    st.query_params["month"] = f"{to:%Y-%m}"
    st.rerun()


def weeks(first: date, rows: pl.DataFrame) -> int | None:
    """The month as weeks of days, with the events of each; the id of the event on the day that was clicked,
    its first when there are several."""
    by_day: dict[date, list[tuple[int, str]]] = {}
    for number, name, on, last in rows.select("event_id", "name", "held_on", "last_on").iter_rows():
        for away in range(min((last - on).days, 31) + 1):
            by_day.setdefault(on + timedelta(days=away), []).append((number, name))
    days = calendar.Calendar().monthdatescalendar(first.year, first.month)
    data: Any = pl.DataFrame(
        [[_cell(day, first, by_day) for day in week] for week in days],
        dict.fromkeys(DAYS, pl.String),
        orient="row",
    )
    mondays = [week[0] for week in days]
    picked = selection.table(
        data, mondays, PAGE, f"month.{first:%Y%m}",
        row_height=WEEK, height=WEEK * len(days) + HEADER,
    )  # fmt: skip
    named = [
        f"- **{day.day}** {plain(name)}"
        for day in sorted(by_day) if day.replace(day=1) == first
        for _, name in by_day[day]
    ]  # fmt: skip
    phone.only("events-month-list").markdown("\n".join(named))
    if picked.clicked is None or picked.column is None:
        return None
    found = by_day.get(picked.clicked + timedelta(days=DAYS.index(picked.column)))
    return found[0][0] if found else None


def _cell(day: date, first: date, by_day: dict[date, list[tuple[int, str]]]) -> str:
    if day.month != first.month:
        return ""
    names = [
        name if len(name) <= LONGEST else f"{name[:LONGEST]}…" for _, name in by_day.get(day, [])
    ]
    return "\n".join([str(day.day), *names])
