"""The events of one customer, person by person, with what followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import Draft, FollowUp, OutboxMail, Stakeholder
from services.access import Viewer, require_customer
from services.attendance.follow_up.records import KIND, SOURCE
from services.attendance.levels import with_levels
from services.attendance.seen import seen_of
from services.drafts.wholes import carrier, standing


@dataclass(frozen=True)
class EventSeen:
    """One person at one event. `level` is high, medium or low; null for those who did not come, and where
    the platform told nothing. The times of the follow-up are its customer's."""

    participant_id: int
    stakeholder_id: int | None
    name: str | None
    event_id: int
    event: str
    type: str
    topic: str | None
    held_on: date
    status: str
    registered_at: datetime | None
    minutes: float | None
    level: str | None
    questions: int | None
    polls: int | None
    downloads: int | None
    completed: bool | None
    passed: bool | None
    sessions: tuple[str, ...]
    draft_id: int | None
    sent_at: datetime | None
    notified_at: datetime | None
    detected_at: datetime | None


def history(
    session: Session, by: Viewer, customer_id: int, *, limit: int = 200, offset: int = 0
) -> tuple[list[EventSeen], int]:
    """A page of it, the newest event first, and how many there are in all. NotFound when the customer is
    not `by`'s to see."""
    require_customer(session, by, customer_id)
    seen = seen_of(session, [customer_id])
    page = with_levels(_named(session, seen.slice(offset, limit)))
    followed = {
        row.event_id: row
        for row in session.scalars(select(FollowUp).where(FollowUp.customer_id == customer_id))
    }
    written = _drafts(session, customer_id)
    rows = [_row(row, followed.get(row["event_id"]), written) for row in page.to_dicts()]
    return rows, seen.height


def _named(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Who came with an address alone has the name of the stakeholder that it is."""
    unnamed = rows.filter(pl.col("name").is_null())["stakeholder_id"].drop_nulls().unique()
    found = session.execute(
        select(Stakeholder.id, Stakeholder.first_name, Stakeholder.last_name).where(
            Stakeholder.id.in_(unnamed.to_list())
        )
    )
    names = {number: " ".join(filter(None, parts)) or None for number, *parts in found}
    known = pl.col("stakeholder_id").replace_strict(names, default=None, return_dtype=pl.String)
    return rows.with_columns(name=pl.coalesce("name", known)) if names else rows


def _drafts(session: Session, customer_id: int) -> dict[tuple[int, int], tuple[int, Any]]:
    """(event, stakeholder) -> the newest follow-up draft and when it was sent."""
    rows = session.execute(
        select(Draft.source_id, Draft.stakeholder_id, Draft.id, func.max(OutboxMail.sent_at))
        .outerjoin(OutboxMail, (OutboxMail.draft_id == carrier()) & (OutboxMail.state == "sent"))
        .where(
            Draft.customer_id == customer_id,
            Draft.source == SOURCE,
            Draft.kind == KIND,
            standing().not_in(("rejected", "cancelled")),
        )
        .group_by(Draft.id, Draft.source_id, Draft.stakeholder_id)
        .order_by(Draft.id)
    )
    return {(row[0] or 0, row[1]): (row[2], row[3]) for row in rows}


def _row(
    row: dict[str, Any], told: FollowUp | None, written: dict[tuple[int, int], tuple[int, Any]]
) -> EventSeen:
    draft_id, sent_at = written.get((row["event_id"], row["stakeholder_id"]), (None, None))
    came = row["status"] == "attended"
    kept = {name: row[name] for name in EventSeen.__dataclass_fields__ if name in row}
    return EventSeen(
        **kept
        | {
            "level": row["level"] if came else None,
            "sessions": tuple(filter(None, (row["sessions"] or "").split("; "))),
            "draft_id": draft_id,
            "sent_at": sent_at,
            "notified_at": told.notified_at if told else None,
            "detected_at": told.detected_at if told else None,
        }
    )
