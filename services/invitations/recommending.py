"""What to invite whom to: over all events to come, and what came of earlier invitations of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Event, Invitation, Registration, Stakeholder
from services.access import Viewer, require_customer
from services.invitations.fit.reasons import Reason
from services.invitations.ranking.rank import rank
from services.invitations.records import REGISTRATION_WORDS, STATE_WORDS
from services.invitations.registrations.book import COMING

MOST_EVENTS, MOST_CUSTOMERS = 5, 50


@dataclass(frozen=True)
class Fit:
    """`chance` 0..1 of coming when invited; `arm` recommended or explored, None when not on the list."""

    customer_id: int
    customer: str
    chance: float
    arm: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Upcoming:
    """An event to come, with those for whom it fits best."""

    event_id: int
    name: str
    type: str
    held_on: date
    customers: tuple[Fit, ...]


@dataclass(frozen=True)
class Asked:
    """One invitation of a customer; `state` and `registration` in words."""

    event_id: int
    event: str
    type: str
    held_on: date
    stakeholder_id: int
    person: str
    state: str
    registration: str | None
    declined_why: str | None
    reasons: tuple[str, ...]
    invited_at: datetime


def upcoming(session: Session, now: datetime) -> list[Event]:
    """The next events that are to come, the nearest first."""
    rows = select(Event).where(
        Event.status == "planned", Event.starts_at > now, Event.private.is_not(True)
    )
    return list(session.scalars(rows.order_by(Event.starts_at, Event.id).limit(MOST_EVENTS)))


def recommendations(
    session: Session, by: Viewer, now: datetime, *, customers: int = 10
) -> list[Upcoming]:
    """For the next MOST_EVENTS events the best-fitting customers that `by` sees, who are free."""
    found = []
    for event in upcoming(session, now):
        ranking = rank(session, by, event.id, now)
        best = ranking.rows.filter(ranking.rows["arm"].is_not_null()).head(customers)
        fits = tuple(
            Fit(
                row["customer_id"], row["customer"], row["chance"], row["arm"],
                ranking.reasons.get(row["customer_id"], ()),
            )
            for row in best.iter_rows(named=True)
        )  # fmt: skip
        found.append(Upcoming(event.id, event.name, event.type, event.held_on, fits))
    return found


def asked(session: Session, by: Viewer, customer_id: int, *, limit: int = 200) -> list[Asked]:
    """The invitations of a customer, the newest first. NotFound when it is not `by`'s to see."""
    require_customer(session, by, customer_id)
    r = Registration
    standing = (  # of somebody who is registered under several addresses
        select(r.state)
        .where(r.invitation_id == Invitation.id)
        .order_by(r.state.in_(COMING).desc(), r.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Invitation, Event, Stakeholder, standing)
        .join(Event, Event.id == Invitation.event_id)
        .join(Stakeholder, Stakeholder.id == Invitation.stakeholder_id)
        .where(Invitation.customer_id == customer_id)
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(limit)
    )
    return [
        Asked(
            event.id, event.name, event.type, event.held_on, person.id,
            f"{person.first_name} {person.last_name}".strip(), STATE_WORDS[one.state],
            REGISTRATION_WORDS.get(registration or ""), one.declined_why,
            tuple(str(r["sentence"]) for r in one.reasons if r.get("feature")), one.created_at,
        )
        for one, event, person, registration in rows
    ]  # fmt: skip


def choices(session: Session, now: datetime) -> list[tuple[int, str, date]]:
    """The events one can invite to: id, name, day; the nearest first."""
    rows = (
        select(Event.id, Event.name, Event.held_on)
        .where(Event.status == "planned", Event.starts_at > now)
        .order_by(Event.starts_at, Event.id)
        .limit(200)
    )
    return [(number, name, on) for number, name, on in session.execute(rows)]
