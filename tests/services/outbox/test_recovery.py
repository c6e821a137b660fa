"""What the recovery does with mail that nobody would ever claim, and the gate with addresses that moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Mailbox, Notification, OutboxMail, Person, StakeholderEmail, Suppression
from services import outbox
from services.outbox.gate import NO_COLLEAGUE, NOT_THEIRS
from services.outbox.timing import Timing
from tests.support import queued

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def queue(session: Session, **values: object) -> OutboxMail:
    """A mail to Ann of Acme, due now, from Ana's mailbox."""
    ana = queued.colleague(session, "Ana")
    customer = queued.customer(session)
    ann = queued.stakeholder(session, customer, "ann@acme.example")
    box = queued.mailbox(session, person_id=ana.person_id)
    approved = queued.approved(
        box,
        "ann@acme.example",
        NOON,
        customer_id=customer,
        stakeholder_id=ann,
        owner_id=ana.person_id,
        **values,
    )
    return session.get_one(OutboxMail, outbox.enqueue(session, approved, now=NOON))


def pass_gate(session: Session) -> str | None:
    claimed = outbox.claim(session, now=NOON, seconds=60)
    assert claimed is not None
    passed = outbox.pass_gate(session, claimed.lease, now=NOON, seconds=60)
    assert passed is not None
    return passed.decision.why


@pytest.mark.parametrize("state", ["removed", "paused"])
def test_mail_of_a_removed_mailbox_is_blocked_and_told_and_that_of_a_paused_one_waits(
    session: Session, state: str
):
    mail = queue(session)
    session.get_one(Mailbox, mail.mailbox_id).state = state
    session.flush()
    found = outbox.recover(session, now=NOON, timing=Timing())
    session.refresh(mail)
    gone = state == "removed"
    assert "draft" not in (mail.reason or ""), "it was made of none"
    assert (mail.state, found.blocked) == (("blocked", 1) if gone else ("queued", 0))
    assert bool(session.scalar(select(Notification.id))) == gone


def test_mail_that_would_come_too_late_is_blocked(session: Session):
    mail = queue(session, expires_at=NOON + timedelta(hours=1))
    assert outbox.recover(session, now=NOON, timing=Timing()).blocked == 0
    assert outbox.recover(session, now=NOON + timedelta(hours=2), timing=Timing()).blocked == 1
    session.refresh(mail)
    assert mail.state == "blocked"


def test_mail_to_an_address_that_is_no_longer_theirs_does_not_leave(session: Session):
    queue(session)
    session.get_one(StakeholderEmail, "ann@acme.example").stakeholder_id = queued.stakeholder(
        session, queued.customer(session, "Other"), "else@acme.example"
    )
    session.flush()
    assert pass_gate(session) == NOT_THEIRS


def test_mail_to_a_colleague_who_is_no_longer_here_does_not_leave(session: Session):
    mail = queue(session)
    dana = session.get_one(Person, queued.colleague(session, "Dana").person_id)
    mail.topic, mail.stakeholder_id, mail.customer_id = "internal", None, None
    mail.recipient, dana.active = dana.email or "", False
    session.flush()
    assert pass_gate(session) == NO_COLLEAGUE


def test_other_spelling_of_the_same_address_is_theirs(session: Session):
    mail = queue(session)
    mail.recipient = "Ann+news@Acme.example"
    session.flush()
    assert pass_gate(session) is None


def test_mail_does_not_leave_once_the_person_said_no_from_another_address(session: Session):
    mail = queue(session)
    session.add(
        Suppression(
            email="ann@home.example", topic="", reason="complaint",
            stakeholder_id=mail.stakeholder_id, at=NOON,
        )
    )  # fmt: skip
    session.flush()
    why = pass_gate(session)
    assert why is not None
    assert "spam" in why
