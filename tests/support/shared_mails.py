"""One draft about three root causes of a customer, and the way it takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    Draft,
    OutboxMail,
    Ticket,
    TicketFollowUp,
)
from services import drafts, outbox
from services.mailboxes import mailbox_for
from services.tickets.follow_up.drafting import draft_due
from services.tickets.follow_up.sent import reconcile
from services.tickets.follow_up.triggers import begin
from tests.support import desk
from tests.support.desk import SOLVED

LATER = SOLVED + timedelta(hours=2)
DUE = SOLVED + timedelta(hours=49)
ACCEPTED = ("no_direct_phone", "ticket_open_long")
OTHERS: dict[str, dict[str, Any]] = {
    "TF-2": {
        "subject": "Export to PDF cuts off the last page",
        "area": "Reports",
        "severity": "normal",
    },
    "TF-3": {"subject": "Totals of the payroll differ", "area": "Payroll", "severity": "normal"},
}


def run(session: Session, now: datetime) -> None:
    reconcile(session, now)
    begin(session, now)
    draft_due(session, now)
    session.expire_all()


def several(session: Session) -> tuple[Customer, Draft]:
    """Three causes, opened three weeks before they were solved, in one draft."""
    one = desk.customer(session)
    opened = SOLVED - timedelta(days=20)
    desk.ticket(session, now=LATER, opened=opened, escalated_to="engineering", reopens=2)
    for number, more in OTHERS.items():
        desk.ticket(session, number, now=LATER, opened=opened, **more)
    run(session, LATER)
    run(session, DUE)
    return one, session.scalars(select(Draft)).one()


def states(session: Session) -> dict[str, str]:
    """By ticket the state of its newest follow-up."""
    rows = session.execute(
        select(Ticket.number, TicketFollowUp.state)
        .join(TicketFollowUp, TicketFollowUp.cluster_id == Ticket.cluster_id)
        .order_by(TicketFollowUp.id)
    )
    return {number: state for number, state in rows}  # noqa: C416 - rows are no pairs to the checker


def approve(session: Session, draft: Draft, now: datetime) -> OutboxMail:
    by = desk.csm_of(session, session.get_one(Customer, draft.customer_id))
    mailbox_for(session, by.person_id)
    session.refresh(draft)
    drafts.approve(session, draft.id, draft.revision, by=by, now=now, accepted=ACCEPTED)
    return session.scalars(
        select(OutboxMail).where(OutboxMail.draft_id == draft.id, OutboxMail.state == "queued")
    ).one()


def at_the_gate(session: Session, now: datetime) -> tuple[str, str]:
    session.flush()
    claimed = outbox.claim(session, now=now, seconds=60)
    assert claimed is not None
    passed = outbox.pass_gate(session, claimed.lease, now=now, seconds=60)
    assert passed is not None
    return passed.decision.kind, passed.decision.why or ""
