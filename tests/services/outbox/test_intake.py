from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, InvalidMove
from data.tables import Draft, OutboxEvent, OutboxMail
from services import outbox
from tests.support import queued


def draft(session: Session, now: datetime) -> int:
    customer = queued.customer(session)
    person = queued.stakeholder(session, customer, "kim@acme.example")
    row = Draft(
        dedup_key="d1", kind="personal", topic="relationship", customer_id=customer,
        stakeholder_id=person, subject="s", text="t", html="h", source="manual",
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def state_of(session: Session, number: int) -> str | None:
    return session.scalar(select(OutboxMail.state).where(OutboxMail.id == number))


def test_asked_twice_queues_once(session: Session, now: datetime):
    one = queued.approved(queued.mailbox(session), "kim@acme.example", now)
    first, second = (
        outbox.enqueue(session, one, now=now),
        outbox.enqueue(session, one, now=now),
    )
    assert first == second
    assert session.scalar(select(func.count()).select_from(OutboxMail)) == 1
    assert session.scalar(select(func.count()).select_from(OutboxEvent)) == 1


def test_many_come_back_in_their_order(session: Session, now: datetime):
    box = queued.mailbox(session)
    mails = [queued.approved(box, f"p{n}@acme.example", now) for n in range(1201)]
    ids = outbox.enqueue_many(session, mails, now=now)
    found = dict(session.execute(select(OutboxMail.id, OutboxMail.recipient)).all())
    assert [found[number] for number in ids] == [one.recipient for one in mails]


def test_withdrawn_mail_is_queued_again_when_approved_again(session: Session, now: datetime):
    number = draft(session, now)
    one = queued.approved(queued.mailbox(session), "kim@acme.example", now, draft_id=number)
    queued_as = outbox.enqueue(session, one, now=now)
    assert outbox.withdraw(session, number, "Edited", by=None, now=now)
    assert state_of(session, queued_as) == "cancelled"
    later = replace(one, due_at=now + timedelta(hours=1))
    assert outbox.enqueue(session, later, now=now) == queued_as
    due = session.scalar(select(OutboxMail.due_at).where(OutboxMail.id == queued_as))
    assert (state_of(session, queued_as), due) == ("queued", later.due_at)


def test_other_bytes_under_the_same_key_are_refused(session: Session, now: datetime):
    box = queued.mailbox(session)
    one = queued.approved(box, "kim@acme.example", now)
    outbox.enqueue(session, one, now=now)
    other = queued.approved(box, "kim@acme.example", now, dedup_key=one.dedup_key)
    with pytest.raises(InvalidMove):
        outbox.enqueue(session, other, now=now)


def test_message_id_of_another_mail_is_refused(session: Session, now: datetime):
    box = queued.mailbox(session)
    one = queued.approved(box, "kim@acme.example", now)
    outbox.enqueue(session, one, now=now)
    with pytest.raises(AlreadyExists):
        outbox.enqueue(session, replace(one, dedup_key="another"), now=now)


@pytest.mark.parametrize("state", ["wire", "unknown", "review", "sent"])
def test_mail_that_may_have_left_is_not_withdrawn(session: Session, now: datetime, state: str):
    number = draft(session, now)
    one = queued.approved(queued.mailbox(session), "kim@acme.example", now, draft_id=number)
    queued_as = outbox.enqueue(session, one, now=now)
    session.execute(update(OutboxMail).values(state=state))
    assert not outbox.withdraw(session, number, "Edited", by=None, now=now)
    assert state_of(session, queued_as) == state


def test_nothing_in_the_queue_counts_as_withdrawn(session: Session, now: datetime):
    assert outbox.withdraw(session, draft(session, now), "Edited", by=None, now=now)
