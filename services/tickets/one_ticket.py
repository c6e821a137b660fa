"""One ticket with everything around it."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import (
    Customer,
    Person,
    RiskSignal,
    Stakeholder,
    Ticket,
    TicketCluster,
    TicketMessage,
    TicketRequester,
    TicketState,
)
from services.access import Viewer
from services.access.day import days_until, today
from services.tickets.follow_up.material import readers
from services.tickets.follow_up.reading import follow_ups_of
from services.tickets.follow_up.restraint import hindrances
from services.tickets.history import MOMENT
from services.tickets.impact import course_of
from services.tickets.levels import levels_of
from services.tickets.listing import rows_of, seen_by
from services.tickets.records import (
    CLUSTER_WORDS,
    HistoryLine,
    House,
    Message,
    PersonIn,
    TicketRow,
    TicketView,
)
from services.tickets.terms import TOGETHER

MOST_MESSAGES, MOST_LINES, MOST_NEAR = 200, 500, 50


def get_ticket(session: Session, by: Viewer, ticket_id: int, now: datetime) -> TicketView:
    """NotFound when there is none, or its customer is somebody else's."""
    ticket = require_ticket(session, by, ticket_id)
    (row,) = rows_of(session, Ticket.id == ticket.id)
    levels = levels_of(session, ticket.id)
    followed = follow_ups_of(session, ticket, now)
    cluster = session.get(TicketCluster, ticket.cluster_id) if ticket.cluster_id else None
    related, siblings = _near(session, ticket)
    customer = session.get(Customer, ticket.customer_id) if ticket.customer_id else None
    times = pl.DataFrame(
        [(ticket.id, ticket.customer_id, ticket.opened_at, ticket.solved_at)],
        schema={"id": pl.Int64, "customer_id": pl.Int64, "opened_at": MOMENT, "solved_at": MOMENT},
        orient="row",
    )
    return TicketView(
        row=row,
        kind=ticket.kind,
        channel=ticket.channel,
        tags=tuple((ticket.tags or "").splitlines()),
        agent=ticket.agent,
        team=ticket.team,
        first_reply_minutes=ticket.first_reply_minutes,
        replies=ticket.replies,
        escalated_at=ticket.escalated_at,
        csat_comment=ticket.csat_comment,
        csat_at=ticket.csat_at,
        resolution=ticket.resolution,
        phrases=tuple((ticket.phrases or "").splitlines()),
        source=ticket.source,
        customer=_house(session, customer, today(session, by, now)) if customer else None,
        health=course_of(
            session, times, ticket.customer_id, customer.health_score if customer else None
        ),
        people=_people(session, ticket),
        history=_history(session, ticket.id),
        messages=_messages(session, ticket.id),
        level=levels[0] if levels and ticket.level else None,
        levels=levels,
        cluster=cluster.title if cluster else None,
        cluster_words=CLUSTER_WORDS[cluster.found_by] if cluster else None,
        related=related,
        siblings=siblings,
        follow_up=followed[0] if followed else None,
        earlier=followed[1:],
        hindrances=hindrances(session, ticket, now),
        readers=readers(session, customer.id) if customer else (),
    )


def require_ticket(session: Session, by: Viewer, ticket_id: int, *, lock: bool = False) -> Ticket:
    """The ticket, or NotFound: in the same words whether it is unknown or somebody else's."""
    wanted = select(Ticket).where(Ticket.id == ticket_id, seen_by(by))
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound("There is no such ticket of your customers. Look it up on the Tickets page.")
    return found


def _near(session: Session, ticket: Ticket) -> tuple[tuple[TicketRow, ...], tuple[TicketRow, ...]]:
    """Tickets of the same root cause, and the customer's others of the time around it."""
    if ticket.customer_id is None:
        return (), ()
    last = ticket.solved_at or ticket.updated_at
    close = (
        select(Ticket.id)
        .where(Ticket.customer_id == ticket.customer_id, Ticket.id != ticket.id)
        .where(Ticket.state != "deleted")
        .where(
            or_(
                Ticket.cluster_id == ticket.cluster_id,
                Ticket.opened_at.between(ticket.opened_at - TOGETHER, last + TOGETHER),
            )
        )
        .order_by(Ticket.opened_at.desc())
        .limit(MOST_NEAR)
    )
    rows = rows_of(session, Ticket.id.in_(select(close.subquery().c.id)))
    same = tuple(r for r in rows if r.cluster_id and r.cluster_id == ticket.cluster_id)
    return same, tuple(row for row in rows if row not in same)


def _house(session: Session, customer: Customer, day: date) -> House:
    signals = session.scalars(
        select(RiskSignal.sentence)
        .where(RiskSignal.customer_id == customer.id, RiskSignal.state != "closed")
        .order_by(RiskSignal.opened_at.desc())
    )
    csm = session.get(Person, customer.csm_id) if customer.csm_id else None
    return House(
        customer.id, customer.name, customer.arr, customer.currency, csm.name if csm else None,
        days_until(customer.renews_on, day), tuple(signals),
    )  # fmt: skip


def _people(session: Session, ticket: Ticket) -> tuple[PersonIn, ...]:
    m, r = TicketMessage, TicketRequester
    wrote = dict(
        session.execute(
            select(m.requester_id, func.count())
            .where(m.ticket_id == ticket.id, m.author == "customer", m.requester_id.is_not(None))
            .group_by(m.requester_id)
        ).all()
    )
    ids = {number for number in (ticket.requester_id, *wrote) if number}
    rows = session.execute(
        select(r, Stakeholder)
        .outerjoin(Stakeholder, Stakeholder.id == r.stakeholder_id)
        .where(r.id.in_(ids))
        .order_by(r.id)
    ).all()
    found = [
        PersonIn(
            name=(f"{known.first_name} {known.last_name}".strip() if known else "")
            or one.name or one.email or "Somebody the desk does not name",
            stakeholder_id=one.stakeholder_id,
            customer_id=one.customer_id,
            role=(known.title or known.role) if known else None,
            is_requester=one.id == ticket.requester_id,
            messages=wrote.get(one.id, 0),
        )
        for one, known in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.is_requester, -one.messages)))


def _history(session: Session, ticket_id: int) -> tuple[HistoryLine, ...]:
    rows = session.scalars(
        select(TicketState)
        .where(TicketState.ticket_id == ticket_id)
        .order_by(TicketState.at.desc(), TicketState.id.desc())
        .limit(MOST_LINES)
    )
    lines: list[HistoryLine] = []
    held: dict[str, str] = {}
    for one in reversed(rows.all()):
        # A desk's change and a picture of the ticket may tell the same with a moment between them.
        if held.get(one.what) != one.value:
            lines.append(HistoryLine(one.at, one.what, one.before, one.value, one.source))
        held[one.what] = one.value
    return tuple(reversed(lines))


def _messages(session: Session, ticket_id: int) -> tuple[Message, ...]:
    """The newest, in the order they were written."""
    m, r = TicketMessage, TicketRequester
    rows = session.execute(
        select(m, r.name, r.email)
        .outerjoin(r, r.id == m.requester_id)
        .where(m.ticket_id == ticket_id)
        .order_by(m.at.desc(), m.id.desc())
        .limit(MOST_MESSAGES)
    ).all()
    return tuple(
        Message(one.at, one.author, name or email, one.internal, one.text)
        for one, name, email in reversed(rows)
    )
