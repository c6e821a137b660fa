"""How fast a mailbox may send, held against the calls that its provider has had."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Mailbox, OutboxEvent, OutboxMail
from integrations.senders import Outcome, Outgoing
from services import outbox
from services.outbox import rates
from tests.support import queued
from tests.support.crashing import Bench
from tests.support.fakes.memory import Provider

A_SECOND = timedelta(seconds=1)


class Refusing(Provider):
    """Puts off whatever it is given."""

    def send(self, outgoing: Outgoing) -> Outcome:
        self.ledger.append((outgoing.message_id, ""))
        return Outcome("refused_for_now", reply="Later.")


def test_each_call_of_a_mail_that_is_tried_again_counts(engine: Engine):
    provider = Refusing("plain")
    bench = Bench(engine, provider)
    with transaction(engine) as session:
        acme = queued.customer(session, time_zone="UTC")
        box = queued.mailbox(session, per_minute=2)
        mail = queued.approved(box, "p@acme.example", bench.clock.now, customer_id=acme)
        outbox.enqueue_many(session, [mail], now=bench.clock.now)
    for _ in range(4):
        bench.worker().send_next()
        bench.clock.pass_by(2)
        with transaction(engine) as session:
            session.execute(update(OutboxMail).values(due_at=bench.clock.now))
    assert len(provider.ledger) == 2
    bench.clock.pass_by(60)
    bench.worker().send_next()
    assert len(provider.ledger) == 3


@pytest.fixture
def boxes(session: Session, now: datetime) -> list[Mailbox]:
    numbers = [queued.mailbox(session) for _ in range(2)]
    return [session.get_one(Mailbox, number) for number in numbers]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    mails=st.lists(
        st.tuples(st.integers(0, 1), st.lists(st.integers(0, 1500), min_size=1, max_size=4)),
        max_size=8,
    ),
    per_minute=st.integers(1, 5),
    per_day=st.integers(1, 9),
)
def test_limits_hold_over_all_calls_counted_one_by_one(
    session: Session,
    boxes: list[Mailbox],
    now: datetime,
    mails: list[tuple[int, list[int]]],
    per_minute: int,
    per_day: int,
):
    """`mails`: from which mailbox, and how many minutes ago each was called for."""
    session.execute(delete(OutboxEvent))
    session.execute(delete(OutboxMail))
    mine = boxes[0]
    mine.per_minute, mine.per_day = per_minute, per_day
    for place, (which, ago) in enumerate(mails):
        calls = sorted(now - timedelta(minutes=minutes) + place * A_SECOND for minutes in ago)
        approved = queued.approved(boxes[which].id, f"p{place}@acme.example", now)
        (number,) = outbox.enqueue_many(session, [approved], now=calls[0] - A_SECOND)
        way = {"outbox_id": number, "from_state": "claimed", "to_state": "wire"}
        session.add_all(OutboxEvent(**way, at=at, mailbox_id=boxes[which].id) for at in calls)
    session.flush()
    counted = [
        at + place * A_SECOND
        for place, (which, ago) in enumerate(mails)
        if which == 0
        for at in (now - timedelta(minutes=minutes) for minutes in ago)
    ]
    expected = _full(counted, per_day, rates.DAY, now) or _full(
        counted, per_minute, rates.MINUTE, now
    )
    found = rates.full(session, mine, now)
    assert (found and found.until) == expected


def _full(calls: list[datetime], most: int, span: timedelta, now: datetime) -> datetime | None:
    within = sorted(at for at in calls if at + span > now)
    return within[-most] + span if len(within) >= most else None
