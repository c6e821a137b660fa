"""How often one person may be invited: twice in any four consecutive events, once within seven days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

PER_EVENTS, CONSECUTIVE = 2, 4
APART = timedelta(days=7)
"""Measured in hours, so that it is the same across midnight, zones and changes of the clock."""
INVITED: dict[str, Any] = {
    "stakeholder_id": pl.Int64,
    "event_id": pl.Int64,
    "at": pl.Datetime("us", "UTC"),
}
"""`at`: when the invitation left, or will."""
TOO_MANY, TOO_SOON = "too_many", "too_soon"


def capped(
    invited: pl.DataFrame, order: Sequence[int], event_id: int, at: datetime
) -> pl.DataFrame:
    """Who may not be invited to the event at that moment: stakeholder_id, code, at (of the invitation that
    stands in the way). One row each.

    `invited` as INVITED; `order` are the ids of all events by their start. Invitations to this very event
    are no obstacle here.
    """
    others = invited.filter(pl.col("event_id") != event_id)
    soon = others.filter((pl.col("at") - pl.lit(at)).abs() < APART).select(
        "stakeholder_id", code=pl.lit(TOO_SOON), at="at"
    )
    many = _too_many(others, order, event_id)
    return (
        pl.concat([soon, many])
        .sort("stakeholder_id", "code", "at", descending=[False, True, True])
        .unique("stakeholder_id", keep="first", maintain_order=True)
    )


def _too_many(others: pl.DataFrame, order: Sequence[int], event_id: int) -> pl.DataFrame:
    here = order.index(event_id) if event_id in order else len(order)
    near = {
        one: place - here
        for place, one in enumerate(order)
        if abs(place - here) < CONSECUTIVE and one != event_id
    }
    offset = pl.col("event_id").replace_strict(near, default=None, return_dtype=pl.Int64)
    rows = others.with_columns(offset=offset).drop_nulls("offset")
    found = [
        rows.filter(pl.col("offset").is_between(first, first + CONSECUTIVE - 1))
        .group_by("stakeholder_id")
        .agg(n=pl.col("event_id").n_unique(), at=pl.col("at").max())
        .filter(pl.col("n") >= PER_EVENTS)
        for first in range(1 - CONSECUTIVE, 1)
    ]
    return pl.concat(found).select("stakeholder_id", code=pl.lit(TOO_MANY), at="at")
