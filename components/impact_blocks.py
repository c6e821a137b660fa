"""The other blocks of Impact: value, topics, training, load and promises."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import event_analysis_views as views
from components import layout, navigation
from components.event_analysis import TOO_LITTLE, between
from components.event_list import type_words
from components.loaders.impact import EventsAnalysis
from components.moments import reader_day
from components.paper import table
from components.text import day, money


def value(found: EventsAnalysis, events: pl.DataFrame, *, printed: bool) -> None:
    """What events may be worth, by segment and one by one."""
    st.subheader("By segment", anchor=False)
    if found.worth:
        views.worth(found.worth, printed=printed)
        if not printed:
            words = "Taken here: 10%. Choose your own share"
            navigation.link("event_analysis", words, **{"event_analysis.view": "Value by segment"})
    else:
        st.caption("No customer came to an event of this period.")
    st.subheader("By event", anchor=False)
    if events.is_empty():
        st.caption("No customer came to an event of this period.")
        return
    st.caption(
        "An event's own lift, measured once 90 days after it are over; one event alone has a wide interval. "
        "Influenced, not caused: ARR of those who came × lift × 10%."
    )
    table(pl.DataFrame([_event(row) for row in events.iter_rows(named=True)]), printed=printed)


def _event(row: dict[str, Any]) -> dict[str, Any]:
    ends = [row[f"influenced_{end}"] for end in ("low", "middle", "high")]
    returns = [row[f"return_{end}"] for end in ("low", "middle", "high")]
    known = row["relative"] is not None
    return {
        "Event": row["event"],
        "Held on": day(row["held_on"]),
        "Type": type_words(row["type"]),
        "Customers": row["customers"],
        "Seats": row["seats"],
        "ARR": money(row["arr"], row["currency"]),
        "Cost": money(row["cost"], row["cost_currency"]),
        "Lift": f"{row['relative']:+.0%} ({row['low']:+.0%} to {row['high']:+.0%})"
        if known
        else TOO_LITTLE,
        "Influenced (low to high)": between(*(money(end, row["currency"]) for end in ends))
        if known
        else TOO_LITTLE,
        "Per unit of cost": between(*(f"{end:.1f}" for end in returns)) if returns[1] else "–",
    }


def topics(found: EventsAnalysis, *, printed: bool) -> None:
    if found.topics.is_empty():
        st.caption("No event was held in this period.")
        return
    views.topics(found.topics, printed=printed)


def training(found: EventsAnalysis, *, printed: bool) -> None:
    views.training(found.training, printed=printed)
    if not printed:
        navigation.link("event_analysis", "Rows, and support tickets", **{"event_analysis.view": "Training"})  # fmt: skip


def desks(rows: pl.DataFrame, *, printed: bool) -> None:
    """Who carries how much, and how promises are kept."""
    if rows.is_empty():
        layout.empty("No customers here.", hint="Choose other filters, or load customers first.")
        if not printed:
            navigation.link("customers", "Go to Customers")
        return
    st.caption(
        "What waits (drafts, tasks due, mails that are stuck) is of the whole desk, as on Today. Promises count from "
        "the moment we learn of somebody at an event, over the last 60 days: kept, of those whose time is over."
    )
    told = [
        {
            "CSM": row["csm"],
            "Customers": row["customers"],
            "ARR a year": row["arr"] or "–",
            "At risk": row["at_risk"],
            "Drafts": row["drafts"],
            "Oldest draft": day(reader_day(row["oldest_draft"])) if row["oldest_draft"] else "–",
            "Tasks": row["tasks"],
            "Stuck": row["stuck"],
            "Told that day": _kept(row, "notified"),
            "Drafted in 24 h": _kept(row, "drafted"),
            "Sent in 72 h": _kept(row, "sent"),
        }
        for row in rows.iter_rows(named=True)
    ]
    table(pl.DataFrame(told), printed=printed)
    if not printed:
        navigation.link("events", "Late follow-ups", **{"events.view": "Late follow-ups"})


def _kept(row: dict[str, Any], promise: str) -> str:
    over = row[f"{promise}_of"]
    return f"{row[promise] / over:.0%} ({row[promise]:,} of {over:,})" if over else "none is due"
