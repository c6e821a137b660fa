"""One customer: the head of its page, its stakeholders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import polars as pl
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from data.tables import (
    Attendance,
    Customer,
    CustomerDomain,
    CustomerIdentifier,
    CustomerName,
    CustomerScore,
    Event,
    Participant,
    Person,
    Stakeholder,
    StakeholderEmail,
)
from data.tables.events import ATTENDED
from services.access import Viewer, require_customer, visible
from services.access.day import days_until, today
from services.ids import public_id

MOST_RELATED = 200
MOST_STAKEHOLDERS = 2_000
STAKEHOLDERS = {
    "id": pl.Utf8,
    "name": pl.Utf8,
    "title": pl.Utf8,
    "role": pl.Utf8,
    "email": pl.Utf8,
    "other_emails": pl.Utf8,
    "language": pl.Utf8,
    "time_zone": pl.Utf8,
    "unsubscribed": pl.Boolean,
    "events": pl.Int64,
    "last_event": pl.Date,
}


@dataclass(frozen=True)
class Related:
    """Another customer, by its public id."""

    id: str
    name: str


@dataclass(frozen=True)
class CustomerHead:
    """A customer with what hangs on it. Parent and children only where the asker may see them.

    `renews_in` counts the reader's days, negative once past. `score` is the stored one, as of `scored_on`; null
    when nothing was attended or scored yet.
    """

    id: int
    public_id: str
    external_id: str | None
    further_ids: tuple[str, ...]
    name: str
    other_names: tuple[str, ...]
    domains: tuple[str, ...]
    parent: Related | None
    children: tuple[Related, ...]
    csm_id: int | None
    csm: str | None
    segment: str | None
    industry: str | None
    region: str | None
    country: str | None
    city: str | None
    time_zone: str | None
    arr: Decimal | None
    currency: str
    lifecycle_stage: str | None
    started_on: date | None
    renews_on: date | None
    renews_in: int | None
    churned_on: date | None
    health_score: int | None
    reported_health: int | None
    interests: tuple[str, ...]
    goals: tuple[str, ...]
    challenges: tuple[str, ...]
    score: int | None
    band: str | None
    trend: str | None
    attended: int
    eligible: int
    people: int
    scored_on: date | None
    stakeholders: int


def get_customer(session: Session, by: Viewer, customer_id: int, *, now: datetime) -> CustomerHead:
    """NotFound when it is not in the portfolio of `by`."""
    customer = require_customer(session, by, customer_id)
    score = session.get(CustomerScore, customer_id)
    domains = select(CustomerDomain.domain).where(CustomerDomain.customer_id == customer_id)
    i = CustomerIdentifier
    further = select(i.identifier).where(i.customer_id == customer_id).order_by(i.identifier)
    names = select(CustomerName.name).where(CustomerName.customer_id == customer_id)
    csm = session.get(Person, customer.csm_id) if customer.csm_id else None
    parent = _related(session, by, Customer.id == (customer.parent_id or 0))
    counted = select(func.count()).where(Stakeholder.customer_id == customer_id)
    return CustomerHead(
        **{name: getattr(customer, name) for name in _PLAIN},
        public_id=public_id("customer", customer.id),
        further_ids=tuple(session.scalars(further.limit(MOST_RELATED))),
        other_names=tuple(session.scalars(names.order_by(CustomerName.name).limit(MOST_RELATED))),
        domains=tuple(session.scalars(domains.order_by(CustomerDomain.domain).limit(MOST_RELATED))),
        parent=parent[0] if parent else None,
        children=_related(session, by, Customer.parent_id == customer_id),
        csm=csm.name if csm else None,
        renews_in=days_until(customer.renews_on, today(session, by, now)),
        interests=tuple(customer.interests),
        goals=tuple(customer.goals),
        challenges=tuple(customer.challenges),
        score=score.score if score else None,
        band=score.band if score else None,
        trend=score.trend if score else None,
        attended=score.attended if score else 0,
        eligible=score.eligible if score else 0,
        people=score.people if score else 0,
        scored_on=score.as_of if score else None,
        stakeholders=session.scalar(counted) or 0,
    )


_PLAIN = (
    *("id", "external_id", "name", "csm_id", "segment", "industry", "region", "country", "city"),
    *("time_zone", "arr", "currency", "lifecycle_stage", "started_on", "renews_on", "churned_on"),
    "health_score",
    "reported_health",
)


def _related(session: Session, by: Viewer, which: object) -> tuple[Related, ...]:
    rows = session.execute(
        select(Customer.id, Customer.name)
        .where(which, visible(by))  # type: ignore[arg-type]
        .order_by(func.lower(Customer.name), Customer.id)
        .limit(MOST_RELATED)
    )
    return tuple(Related(public_id("customer", row.id), row.name) for row in rows)


def list_stakeholders(session: Session, by: Viewer, customer_id: int) -> pl.DataFrame:
    """STAKEHOLDERS of the customer, by name; `events` they attended, and the day of the last one."""
    require_customer(session, by, customer_id)
    went = (
        select(
            Participant.stakeholder_id,
            func.count(Event.id.distinct()).label("events"),
            func.max(Event.held_on).label("last_event"),
        )
        .join(
            Attendance,
            and_(Attendance.participant_id == Participant.id, Attendance.status == ATTENDED),
        )
        .join(Event, Event.id == Attendance.event_id)
        .where(Participant.customer_id == customer_id, Participant.stakeholder_id.is_not(None))
        .group_by(Participant.stakeholder_id)
        .subquery()
    )
    rows = session.execute(
        select(Stakeholder, went.c.events, went.c.last_event)
        .outerjoin(went, went.c.stakeholder_id == Stakeholder.id)
        .where(Stakeholder.customer_id == customer_id)
        .order_by(func.lower(Stakeholder.last_name), func.lower(Stakeholder.first_name))
        .order_by(Stakeholder.id)
        .limit(MOST_STAKEHOLDERS)
    ).all()
    emails = _emails(session, customer_id)
    found = [_stakeholder(who, events, last, emails.get(who.id, [])) for who, events, last in rows]
    return pl.DataFrame(found, schema=STAKEHOLDERS, orient="row")


def _emails(session: Session, customer_id: int) -> dict[int, list[str]]:
    e = StakeholderEmail
    rows = session.execute(
        select(e.stakeholder_id, e.shown_as)
        .join(Stakeholder, Stakeholder.id == e.stakeholder_id)
        .where(Stakeholder.customer_id == customer_id)
        .order_by(e.is_primary.desc(), e.email)
    )
    found: dict[int, list[str]] = {}
    for stakeholder_id, shown_as in rows:
        found.setdefault(stakeholder_id, []).append(shown_as)
    return found


def _stakeholder(
    who: Stakeholder, events: int | None, last_event: date | None, emails: list[str]
) -> tuple[object, ...]:
    return (
        public_id("stakeholder", who.id),
        " ".join(part for part in (who.first_name, who.last_name) if part),
        who.title,
        who.role,
        emails[0] if emails else None,
        "; ".join(emails[1:]) or None,
        who.language,
        who.time_zone,
        who.unsubscribed,
        events or 0,
        last_event,
    )
