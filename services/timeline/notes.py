"""What is noted on a timeline because it is no fact elsewhere: mails sent, replies, tasks done, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import String, and_, cast, func, or_, select, update
from sqlalchemy.orm import Session

from data.once import add_once
from data.tables import Customer, Person, Stakeholder, TimelineEntry
from services.access import Viewer
from services.timeline.entry import Entry

WITHDRAWN = "withdrawn"
"""The kind under which entries are found that were taken back."""
_WHO = {"mail": "To", "note": "With"}
"""What stands before the stakeholder's name, in entries whose title does not name them."""


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


def withdraw(session: Session, dedup_keys: Sequence[str], now: datetime) -> None:
    """Mark what was noted of something that was not so. It stays; its key is free for what is so."""
    t = TimelineEntry
    session.execute(
        update(t)
        .where(t.dedup_key.in_(list(dedup_keys)))
        .values(
            withdrawn_at=now, dedup_key=func.substr(t.dedup_key, 1, 170) + "#" + cast(t.id, String)
        )
        .execution_options(synchronize_session=False)
    )


def noted(
    session: Session,
    customer: Customer,
    kinds: tuple[str, ...],
    before: datetime | None,
    count: int,
) -> list[Entry]:
    """The newest entries of these kinds; those that were withdrawn are a kind of their own."""
    t = TimelineEntry
    wanted = and_(t.kind.in_(kinds), t.withdrawn_at.is_(None))
    if WITHDRAWN in kinds:
        wanted = or_(wanted, t.withdrawn_at.is_not(None))
    rows = session.execute(
        select(t, Person.name, Stakeholder.first_name, Stakeholder.last_name)
        .outerjoin(Person, Person.id == t.by_id)
        .outerjoin(Stakeholder, Stakeholder.id == t.stakeholder_id)
        .where(t.customer_id == customer.id, wanted)
        .where(*([t.at < before] if before else []))
        .order_by(t.at.desc(), t.id.desc())
        .limit(count)
    )
    return [
        Entry(
            at=row.at,
            kind=row.kind,
            title=row.title,
            detail=" · ".join(filter(None, (_who(row.kind, *name), row.detail, by))),
            screen=row.screen,
            query=tuple(row.query.items()),
            withdrawn_at=row.withdrawn_at,
        )
        for row, by, *name in rows
    ]


def _who(kind: str, first: str | None, last: str | None) -> str:
    name = f"{first or ''} {last or ''}".strip()
    return f"{_WHO[kind]} {name}" if name and kind in _WHO else ""
