"""What is noted on a timeline because it is no fact elsewhere: mails sent, replies, tasks done, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.once import add_once
from data.tables import Customer, Person, TimelineEntry
from services.access import Viewer
from services.timeline.entry import Entry


def note(  # noqa: PLR0913 - the parts of an entry
    session: Session,
    customer_id: int,
    kind: str,
    at: datetime,
    title: str,
    detail: str = "",
    *,
    dedup_key: str,
    stakeholder_id: int | None = None,
    screen: str | None = None,
    query: Mapping[str, str] | None = None,
    by: Viewer | None = None,
) -> int | None:
    """Add an entry, of one of timeline.KINDS; None when `dedup_key` was noted already."""
    return add_once(
        session,
        TimelineEntry,
        dedup_key=dedup_key[:200],
        customer_id=customer_id,
        stakeholder_id=stakeholder_id,
        kind=kind,
        at=at,
        title=title[:300],
        detail=detail[:5_000],
        screen=screen,
        query=dict(query or {}),
        by_id=by.person_id if by else None,
    )


def withdraw(session: Session, dedup_keys: Sequence[str]) -> None:
    """Take back what was noted of something that was not so."""
    session.execute(delete(TimelineEntry).where(TimelineEntry.dedup_key.in_(list(dedup_keys))))


def noted(
    session: Session,
    customer: Customer,
    kinds: tuple[str, ...],
    before: datetime | None,
    count: int,
) -> list[Entry]:
    """The newest entries of these kinds."""
    rows = session.execute(
        select(TimelineEntry, Person.name)
        .outerjoin(Person, Person.id == TimelineEntry.by_id)
        .where(TimelineEntry.customer_id == customer.id, TimelineEntry.kind.in_(kinds))
        .where(*([TimelineEntry.at < before] if before else []))
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(count)
    )
    return [
        Entry(
            at=row.at,
            kind=row.kind,
            title=row.title,
            detail=" · ".join(part for part in (row.detail, name) if part),
            screen=row.screen,
            query=tuple(row.query.items()),
        )
        for row, name in rows
    ]
