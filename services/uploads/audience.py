"""Whom a new event was for: everybody its segments admit, or the customers alone that it tells of."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.tables import Event
from data.tables.events import SELF_PACED
from integrations.formats.records import OF_ATTENDANCE
from services.uploads.deciding import judged
from services.uploads.records import Staged
from services.uploads.told_events import OPEN_TYPES

SINGLE = ("manual", "api", "signed")
"""Sources that tell of one person at a time; what a person enters has no platform that invited others."""
PRIVATE_TYPE = "meeting"
_AT_ONCE = 5_000
_BY_RECORD = or_(Event.private.is_(True), Event.source.in_(SELF_PACED))


def with_audience(staged: Staged) -> pl.DataFrame:
    """The events of an upload with `private` as somebody said, else as it follows.

    What programs tell of is private unless it is of OPEN_TYPES, and so is a platform's meeting with one
    customer in it; what is entered by hand is, whatever its type.
    """
    events = staged.events
    if "private" not in events.columns:
        events = events.with_columns(private=pl.lit(None, pl.Boolean))
    source = pl.col("source")
    meeting = pl.col("type") == PRIVATE_TYPE
    alone = pl.col("event_ref").is_in(_of_one_customer(staged))
    closed = ~pl.col("type").is_in(OPEN_TYPES)
    follows = (source == "manual") | (source.is_in(SINGLE) & closed) | (meeting & alone)
    return events.with_columns(private=pl.coalesce("private", follows))


def _of_one_customer(staged: Staged) -> list[int]:
    if staged.kind not in OF_ATTENDANCE or not (staged.events["type"] == PRIVATE_TYPE).any():
        return []
    whose = judged(staged.people, staged.decided).select("person", "customer_id")
    counts = (
        staged.rows.filter(pl.col("verdict") == "matched")
        .join(whose, on="person")
        .group_by("event_ref")
        .agg(pl.col("customer_id").n_unique())
    )
    return counts.filter(pl.col("customer_id") == 1)["event_ref"].to_list()


def any_by_record(session: Session, event_ids: Iterable[int]) -> bool:
    """Whether scores of these events rest on more than who came: whom they were for, as private ones, or
    on which day each finished, as courses."""
    ids = sorted(event_ids)
    return any(
        session.scalar(
            select(Event.id).where(Event.id.in_(ids[at : at + _AT_ONCE]), _BY_RECORD).limit(1)
        )
        is not None
        for at in range(0, len(ids), _AT_ONCE)
    )
