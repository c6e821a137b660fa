"""What a follow-up is written from, out of the tables: its tickets, whom to write to, and how we stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    Person,
    RiskSignal,
    Stakeholder,
    StakeholderEmail,
    Ticket,
    TicketFollowUp,
    TicketMessage,
    TicketRequester,
)
from services.mailboxes import OUR_TEAM, below_name
from services.tickets.follow_up.records import Case, Reader, Relation
from services.tickets.history import MOMENT
from services.tickets.impact import course_of
from services.tickets.records import OVER
from services.tickets.terms import TOGETHER, TOO_LATE

MOST_CASES = 20
MOST_READERS = 300


def cases_of(session: Session, ones: Sequence[TicketFollowUp]) -> list[Case]:
    """Solved tickets of these follow-ups' root causes that no mail has spoken of since, the gravest first.

    A root cause may go on for months; what was solved within TOGETHER before it was over at last is brought
    back, and, behind that, the tickets that ask.
    """
    f, t = TicketFollowUp, Ticket
    causes = sorted({one.cluster_id for one in ones})
    spoken = (
        select(func.max(f.sent_at))
        .where(f.cluster_id == t.cluster_id, f.state == "sent")
        .scalar_subquery()
    )
    fresh = (
        t.state.in_(OVER),
        t.solved_at.is_not(None),
        t.cluster_id.in_(causes),
        or_(spoken.is_(None), t.solved_at > spoken),
    )
    over = select(t.cluster_id, func.max(t.solved_at)).where(*fresh).group_by(t.cluster_id)
    last = {cause: at for cause, at in session.execute(over).all() if cause and at}
    if not last:
        return []
    near = [and_(t.cluster_id == cause, t.solved_at >= at - TOGETHER) for cause, at in last.items()]
    rows = session.scalars(
        select(t)
        .where(*fresh, or_(*near, t.id.in_([one.ticket_id for one in ones])))
        .order_by(func.coalesce(t.points, 0).desc(), t.solved_at.desc(), t.id)
        .limit(MOST_CASES)
    )
    cases = [_case(session, one, last[one.cluster_id or 0]) for one in rows]
    return sorted(cases, key=lambda case: case.over_at is not None)


def _case(session: Session, one: Ticket, over_at: datetime) -> Case:
    solved_at = one.solved_at or one.updated_at
    return Case(
        one.id, one.number, one.subject, one.area, one.kind, one.severity, one.opened_at, solved_at,
        one.resolution, one.reopens, one.escalated_to, one.csat, one.sentiment,
        tuple((one.phrases or "").splitlines()), one.people, one.points or 0,
        one.level or "acknowledge", None if one.resolution else _answer(session, one.id),
        one.cluster_id, over_at if solved_at < over_at - TOGETHER else None,
    )  # fmt: skip


def _answer(session: Session, ticket_id: int) -> str | None:
    """What our side wrote to the customer last."""
    m = TicketMessage
    return session.scalar(
        select(m.text)
        .where(m.ticket_id == ticket_id, m.author == "agent", m.internal.is_(False))
        .order_by(m.at.desc(), m.id.desc())
        .limit(1)
    )


def reader_of(session: Session, customer_id: int, cases: Sequence[Case]) -> Reader | None:
    """Whoever asked for help; else who wrote in the tickets, else the customer's champion, sponsor or
    admin. None where nobody has an address."""
    ids = [one.id for one in cases]
    t, m, r = Ticket, TicketMessage, TicketRequester
    place = case({number: n for n, number in enumerate(ids)}, value=t.id)
    asked = session.scalars(
        select(t.stakeholder_id).where(t.id.in_(ids), t.stakeholder_id.is_not(None)).order_by(place)
    ).all()
    wrote = session.scalars(
        select(r.stakeholder_id)
        .join(m, m.requester_id == r.id)
        .where(m.ticket_id.in_(ids), r.stakeholder_id.is_not(None))
        .group_by(r.stakeholder_id)
        .order_by(func.count().desc(), r.stakeholder_id)
    ).all()
    rank = case({"champion": 0, "executive_sponsor": 1, "admin": 2}, value=Stakeholder.role)
    others = session.scalars(
        select(Stakeholder.id)
        .where(Stakeholder.customer_id == customer_id, Stakeholder.role.in_(("champion", "executive_sponsor", "admin")))
        .order_by(rank, Stakeholder.id)
        .limit(5)
    ).all()  # fmt: skip
    for number in dict.fromkeys((*asked, *wrote, *others)):
        found = stakeholder(session, customer_id, number) if number else None
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class Chosen:
    """Whom a person chose to write to; `missing` is the name of who was chosen and cannot be written to now."""

    reader: Reader | None = None
    missing: str | None = None


def chosen(session: Session, ones: Sequence[TicketFollowUp], now: datetime) -> Chosen:
    """The choice for the first of these follow-ups that one was made for; one that was withdrawn since, of the
    same root cause, hands on its own."""
    f = TicketFollowUp
    causes = [one.cluster_id for one in ones]
    former = session.scalars(
        select(f)
        .where(f.cluster_id.in_(causes), f.state == "withdrawn", f.chosen.is_(True))
        .where(f.created_at > now - TOO_LATE)
        .order_by(f.id.desc())
    ).all()
    missing: str | None = None
    for one in (*ones, *former):
        if not one.chosen or one.stakeholder_id is None:
            continue
        reader = stakeholder(session, one.customer_id, one.stakeholder_id)
        if reader is not None:
            return Chosen(reader)
        person = session.get(Stakeholder, one.stakeholder_id)
        missing = missing or (f"{person.first_name} {person.last_name}".strip() if person else None)
    return Chosen(missing=missing)


def readers(session: Session, customer_id: int) -> tuple[tuple[int, str], ...]:
    """Id and name of those of the customer's who can be written to, by name; at most MOST_READERS."""
    s = Stakeholder
    # Looked up per person: a list of everybody with an address is made anew for each page.
    known = exists().where(StakeholderEmail.stakeholder_id == s.id)
    rows = session.execute(
        select(s.id, s.first_name, s.last_name)
        .where(s.customer_id == customer_id, s.unsubscribed.is_(False), known)
        .order_by(s.last_name, s.first_name, s.id)
        .limit(MOST_READERS)
    )
    return tuple((number, f"{first} {last}".strip()) for number, first, last in rows)


def stakeholder(session: Session, customer_id: int, stakeholder_id: int) -> Reader | None:
    """The person, where they are the customer's and have an address."""
    one = session.get(Stakeholder, stakeholder_id)
    if one is None or one.customer_id != customer_id or one.unsubscribed:
        return None
    address = select(StakeholderEmail.email).where(
        StakeholderEmail.stakeholder_id == stakeholder_id
    )
    if session.scalar(address.limit(1)) is None:
        return None
    return Reader(one.id, one.first_name or one.last_name, one.role)


def relation_of(session: Session, customer: Customer, lead: Case) -> Relation:
    csm = session.get(Person, customer.csm_id) if customer.csm_id else None
    sender = csm.name if csm else OUR_TEAM
    below = below_name(session, csm.id, sender) if csm else ""
    times = pl.DataFrame(
        [(lead.id, customer.id, lead.opened_at, lead.solved_at)],
        schema={"id": pl.Int64, "customer_id": pl.Int64, "opened_at": MOMENT, "solved_at": MOMENT},
        orient="row",
    )
    course = course_of(session, times, customer.id, customer.health_score)
    risky = select(RiskSignal.id).where(
        RiskSignal.customer_id == customer.id, RiskSignal.state != "closed"
    )
    return Relation(
        customer.id, customer.name, sender, below,
        at_risk=session.scalar(risky.limit(1)) is not None,
        health_before=course.before, health_lowest=course.lowest,
    )  # fmt: skip
