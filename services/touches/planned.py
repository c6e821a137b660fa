"""Contacts that were, that are queued, and that drafts would be: of one customer, over all features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from data.settings import settings
from data.tables import Customer, Draft, OutboxMail, Stakeholder, Touch

OPEN_DRAFTS = ("pending", "held", "second_look")
ON_ITS_WAY = ("queued", "claimed")
MOST = 500
_NAME = func.trim(Stakeholder.first_name + " " + Stakeholder.last_name)


@dataclass(frozen=True)
class Contact:
    """`state` is done, queued or draft; `day` is the stakeholder's own. A draft that may go at any time
    (`anytime`) is shown at the moment asked about."""

    at: datetime
    day: date
    state: str
    channel: str
    kind: str
    what: str
    stakeholder_id: int | None
    stakeholder: str
    draft_id: int | None = None
    outbox_id: int | None = None
    anytime: bool = False


def zone_of(*names: str | None) -> ZoneInfo:
    """The first zone that exists, else the installation's."""
    for name in (*names, settings().default_zone):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def contacts(
    session: Session,
    now: datetime,
    *,
    customer_id: int | None = None,
    stakeholder_id: int | None = None,
    days: int = 30,
) -> list[Contact]:
    """Oldest first: what happened within `days`, all that is queued, all open drafts."""

    def whose(table: Any) -> ColumnElement[bool]:
        if stakeholder_id is not None:
            return table.stakeholder_id == stakeholder_id
        return table.customer_id == customer_id

    found = [
        *_done(session, whose(Touch), now - timedelta(days=days)),
        *_queued(session, whose(OutboxMail)),
        *_drafts(session, whose(Draft), now),
    ]
    return sorted(found, key=lambda contact: contact.at)


def same_day(
    session: Session, stakeholder_id: int, at: datetime, *, draft_id: int | None = None
) -> list[Contact]:
    """What else reaches this person on the day of `at`, as their clock shows it; not `draft_id` itself."""
    named = session.execute(
        select(Stakeholder.time_zone, Customer.time_zone)
        .join(Customer, Customer.id == Stakeholder.customer_id)
        .where(Stakeholder.id == stakeholder_id)
    ).one_or_none()
    day = at.astimezone(zone_of(*(named or ()))).date()
    around = contacts(session, at, stakeholder_id=stakeholder_id, days=2)
    return [
        contact
        for contact in around
        if contact.day == day and (draft_id is None or contact.draft_id != draft_id)
    ]


def _done(session: Session, whose: ColumnElement[bool], since: datetime) -> list[Contact]:
    rows = session.execute(
        select(
            Touch.at, Touch.channel, Touch.kind, Touch.what, Touch.stakeholder_id, Touch.outbox_id,
            OutboxMail.draft_id, _NAME.label("name"), Stakeholder.time_zone.label("own"),
            Customer.time_zone.label("customers"),
        )
        .join(Customer, Customer.id == Touch.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == Touch.stakeholder_id)
        .outerjoin(OutboxMail, OutboxMail.id == Touch.outbox_id)
        .where(whose, Touch.released_at.is_(None), Touch.at >= since)
        .order_by(Touch.at.desc())
        .limit(MOST)
    )  # fmt: skip
    return [replace(_contact(row, "done", row.at), channel=row.channel) for row in rows]


def _queued(session: Session, whose: ColumnElement[bool]) -> list[Contact]:
    o = OutboxMail
    rows = session.execute(
        select(
            o.due_at, o.kind, o.subject.label("what"), o.stakeholder_id, o.id.label("outbox_id"),
            o.draft_id, _NAME.label("name"), Stakeholder.time_zone.label("own"),
            Customer.time_zone.label("customers"),
        )
        .join(Customer, Customer.id == o.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == o.stakeholder_id)
        .where(whose, o.state.in_(ON_ITS_WAY))
        .order_by(o.due_at)
        .limit(MOST)
    )  # fmt: skip
    return [_contact(row, "queued", row.due_at) for row in rows]


def _drafts(session: Session, whose: ColumnElement[bool], now: datetime) -> list[Contact]:
    d = Draft
    rows = session.execute(
        select(
            d.not_before, d.kind, d.subject.label("what"), d.stakeholder_id,
            d.id.label("draft_id"), _NAME.label("name"), Stakeholder.time_zone.label("own"),
            Customer.time_zone.label("customers"),
        )
        .join(Customer, Customer.id == d.customer_id)
        .join(Stakeholder, Stakeholder.id == d.stakeholder_id)
        .where(whose, d.state.in_(OPEN_DRAFTS), d.merged_into_id.is_(None))
        .order_by(d.created_at)
        .limit(MOST)
    )  # fmt: skip
    return [
        replace(
            _contact(row, "draft", max(row.not_before or now, now)),
            anytime=row.not_before is None or row.not_before <= now,
        )
        for row in rows
    ]


def _contact(row: Any, state: str, at: datetime) -> Contact:
    return Contact(
        at=at,
        day=at.astimezone(zone_of(row.own, row.customers)).date(),
        state=state,
        channel="mail",
        kind=row.kind,
        what=row.what,
        stakeholder_id=row.stakeholder_id,
        stakeholder=row.name or "",
        draft_id=row.draft_id,
        outbox_id=getattr(row, "outbox_id", None),
    )
