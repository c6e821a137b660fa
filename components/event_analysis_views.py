"""What is below the headline of the event analysis: trends, topics, lift, value, training, rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components.bars import bars
from components.event_analysis import TOO_LITTLE, between, lift_words, share_words
from components.event_list import type_words
from components.paper import table
from components.text import money, plural


def trends(months: pl.DataFrame) -> None:
    """Seats per month as bars, and the same rows as a table."""
    data: Any = months.with_columns(pl.col("month").dt.to_string("%Y-%m"))
    if months.height:
        bars(data, x=("month", "Month"), y=("seats", "Seats"), per="text")
    table(
        data.rename(
            {"month": "Month", "events": "Events", "seats": "Seats", "customers": "Customers"}
        )
    )


def topics(rows: pl.DataFrame, *, printed: bool = False) -> None:
    table(
        rows.select(
            pl.col("topic").alias("Topic"),
            pl.col("events").alias("Events"),
            pl.col("seats").alias("Seats"),
            pl.col("customers").alias("Customers"),
            pl.col("questions").alias("Questions"),
            pl.col("per_event").round(1).alias("Seats per event"),
            pl.col("earlier").round(1).alias("First half"),
            pl.col("recent").round(1).alias("Second half"),
        ),
        printed=printed,
    )


def reach(found: Any) -> None:
    """Of how many customers anybody came."""
    lines = [("Customers of whom anybody came", share_words(found))]
    table(pl.DataFrame(lines, schema=["Question", "Answer"], orient="row"))


def lifts(found: Any) -> None:
    """The lift over all and by type, with what it is made of."""
    st.caption(
        f"{plural(found.measured, 'event')} of {found.events:,} can be measured: 270 days before and 90 days "
        "after are on record. Outcome: the share of other events a customer attended. Change of those who "
        "came, less the change of those who did not, within segment and quarter of start. Interval: customers "
        "drawn 2,000 times; of more than 1,000, from the spread between them."
    )
    table(
        pl.DataFrame(
            [
                _lift_row("All", found.events, found.lift),
                *(_lift_row(type_words(one.type), one.events, one.lift) for one in found.lifts),
            ]
        )
    )


def _lift_row(name: str, events: int, lift: Any) -> dict[str, Any]:
    return {
        "Type": name,
        "Events": events,
        "Lift": lift_words(lift),
        "Came: before → after": _change(lift.treated_before, lift.treated_after),
        "Did not: before → after": _change(lift.others_before, lift.others_after),
    }


def _change(before: float | None, after: float | None) -> str:
    return "–" if before is None or after is None else f"{before:.0%} → {after:.0%}"


def worth(rows: Sequence[Any], *, printed: bool = False) -> None:
    """ARR influenced by segment and currency: a range, or nothing where there is nobody to compare with."""
    st.caption(
        "Influenced, not caused: ARR of the customers who came × lift × your assumption, for the lift and "
        "both ends of its interval. Costs are shared by seats; enter them on an event's page. Each currency has "
        "a line of its own: amounts in several are never added."
    )
    table(
        pl.DataFrame(
            [
                {
                    "Segment": one.segment,
                    "Currency": one.currency,
                    "Customers": one.customers,
                    "ARR": money(one.arr, one.currency),
                    "Cost": money(one.cost, one.cost_currency),
                    "Lift": lift_words(one.lift),
                    "Influenced (low to high)": _range(
                        [money(end, one.currency) for end in (one.low, one.middle, one.high)],
                        one.middle,
                    ),
                    "Per unit of cost": _returns(one),
                }
                for one in rows
            ]
        ),
        printed=printed,
    )


def _returns(one: Any) -> str:
    if one.cost and one.currency != one.cost_currency:
        return f"Costs are in {one.cost_currency}"
    ends = (one.return_low, one.return_middle, one.return_high)
    return _range(["" if end is None else f"{end:.1f}" for end in ends], one.return_middle)


def _range(ends: Sequence[str], middle: float | None) -> str:
    return TOO_LITTLE if middle is None else between(*ends)


def training(found: Any, *, printed: bool = False) -> None:
    """What trainings achieve, a line per question."""
    days = "–" if found.days_between is None else plural(round(found.days_between), "day")
    lines = (
        ("Trainings and workshops", f"{found.events:,}, {plural(found.customers, 'customer')}"),
        ("People who completed", share_words(found.completed)),
        ("People who passed", share_words(found.passed)),
        ("Customers who came again within 180 days", share_words(found.again)),
        ("Median time to the next one", days),
        ("Lift", lift_words(found.lift)),
    )
    table(pl.DataFrame(lines, schema=["Question", "Answer"], orient="row"), printed=printed)
    st.caption("Completion and passing count people of whom a platform told either.")
