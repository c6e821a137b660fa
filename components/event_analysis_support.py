"""What trainings change in the tickets of the customers that came, drawn."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from components.event_analysis import TOO_LITTLE
from components.text import plain, plural


def tickets(found: Any) -> None:
    """A line for all trainings and one per topic: change of tickets per customer, with what it is made of."""
    st.subheader("Support tickets on the trained topic", anchor=False)
    st.caption(
        plain(f"{_measured(found)} Below zero: fewer tickets than expected."),
        help="Tickets on the topic that a customer opened in the 90 days before and after. "
        "Expected of those who came: theirs before, times the change of those who did not, who weigh alike "
        "within segment and quarter of start. Per customer, since seats are on no record. A ticket is on the "
        "topic when its subject has all its words, or its part of the product or a tag names it. Interval: "
        "customers drawn 2,000 times; of more than 1,000, from their spread. Where customers came because they "
        "just had trouble, part of a fall is the trouble passing.",
    )
    data: Any = pl.DataFrame([_row("All", found.whole), *(_row(o.topic, o) for o in found.topics)])
    st.dataframe(data, hide_index=True, width="stretch")


def _measured(found: Any) -> str:
    held = plural(found.trainings, "training")
    if found.first is None:
        return f"{held} held; no tickets are on record yet."
    return (
        f"{found.whole.trainings:,} of {held} can be measured: tickets are on record from "
        f"{_day(found.first)} to {_day(found.last)}, and 90 days before and after are needed."
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _row(name: str, one: Any) -> dict[str, Any]:
    return {
        "Topic": name,
        "Change": change_words(one),
        "Trainings": one.trainings,
        "Came": one.came,
        "Did not": one.others,
        "Tickets": one.tickets,
        "Came: before → after": _means(one.came_before, one.came_after),
        "Did not: before → after": _means(one.others_before, one.others_after),
    }


def change_words(one: Any) -> str:
    """`-31% (-52% to -4%), -0.42 tickets per customer`, or why there is none."""
    if one.points is None or one.relative is None:
        return (
            f"{TOO_LITTLE} ({one.came:,} came, {one.others:,} did not, {plural(one.tickets, 'ticket')}; 8 of each "
            "are needed, with 8 tickets before, and of those who did not after)"
        )
    return (
        f"{one.relative:+.0%} ({one.relative_low:+.0%} to {one.relative_high:+.0%}), "
        f"{one.points:+.2f} per customer"
    )


def _means(before: float | None, after: float | None) -> str:
    return "–" if before is None or after is None else f"{before:.2f} → {after:.2f}"
