"""How often people are contacted, also when many workers ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import OutboxMail, Touch
from services import touches
from services.touches import Caps
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import mailbox, sent_mail

CAPS = Caps(per_stakeholder=2, per_customer=3)
DAY = timedelta(days=1)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def _touch(session: Session, known: Portfolio, at: datetime, who: int | None = None) -> None:
    session.add(
        Touch(
            customer_id=known.techcorp,
            stakeholder_id=who or known.maria,
            channel="call",
            kind="call",
            what="Call",
            at=at,
        )
    )
    session.flush()


def _over(session: Session, known: Portfolio, at: datetime, who: int | None = None) -> str | None:
    return touches.over_cap(
        session, stakeholder_id=who or known.maria, customer_id=known.techcorp, at=at, caps=CAPS
    )


def _free(session: Session, known: Portfolio, at: datetime) -> datetime:
    return touches.free_at(
        session, stakeholder_id=known.maria, customer_id=known.techcorp, at=at, caps=CAPS
    )


def test_third_contact_within_a_week_is_too_many(session: Session, known: Portfolio, now: datetime):
    _touch(session, known, now - 6 * DAY)
    assert _over(session, known, now) is None
    _touch(session, known, now - DAY)
    assert "This person was contacted 2 times" in (_over(session, known, now) or "")
    assert _over(session, known, now, known.tom) is None


def test_contacts_of_all_people_count_against_the_customer(
    session: Session, known: Portfolio, now: datetime
):
    for who in (known.maria, known.tom, known.tom):
        _touch(session, known, now - DAY, who)
    assert "This customer" in (_over(session, known, now) or "")


def test_zero_means_no_limit(session: Session, known: Portfolio, now: datetime):
    for _ in range(5):
        _touch(session, known, now)
    asked = {"stakeholder_id": known.maria, "customer_id": known.techcorp, "at": now}
    assert touches.over_cap(session, **asked, caps=Caps(0, 0)) is None
    assert touches.free_at(session, **asked, caps=Caps(0, 0)) == now


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(-200, 100), max_size=6))
def test_there_is_room_at_the_moment_that_is_named_and_none_before(
    session: Session, known: Portfolio, now: datetime, hours: list[int]
):
    session.execute(delete(Touch))
    for hour in hours:
        _touch(session, known, now + timedelta(hours=hour))
    free = _free(session, known, now)
    assert _over(session, known, free) is None
    assert (free == now) == (_over(session, known, now) is None)
    if free > now:
        assert _over(session, known, free - timedelta(microseconds=2)) is not None


def test_refused_mail_no_longer_counts_and_counts_again_once_it_goes_out(
    session: Session, known: Portfolio, now: datetime
):
    box = mailbox(session, now)
    row = session.get_one(OutboxMail, sent_mail(session, known, box, now).outbox_id)
    touches.reserve(session, row, now)
    touches.release(session, row.id, now)
    touches.release(session, row.id, now)
    assert session.scalars(select(Touch.released_at)).all() == [now]
    later = now + DAY
    touches.reserve(session, row, later)
    touches.reserve(session, row, later)
    (touch,) = session.scalars(select(Touch)).all()
    assert (touch.at, touch.released_at) == (later, None)


def test_mail_to_a_colleague_is_no_touch(session: Session, known: Portfolio, now: datetime):
    row = session.get_one(
        OutboxMail, sent_mail(session, known, mailbox(session, now), now).outbox_id
    )
    row.customer_id = row.stakeholder_id = None
    touches.reserve(session, row, now)
    assert session.scalars(select(Touch)).all() == []


def test_workers_at_once_never_pass_the_caps(engine: Engine, now: datetime):
    with transaction(engine) as session:
        known = portfolio(session, now)
        box = mailbox(session, now)
        rows = [sent_mail(session, known, box, now).outbox_id for _ in range(24)]

    def gate(number: int) -> bool:
        with transaction(engine) as session:
            row = session.get_one(OutboxMail, number)
            who = known.maria if number % 2 else known.tom
            row.stakeholder_id = who
            touches.hold(session, who, row.customer_id)
            if _over(session, known, now, who) is not None:
                return False
            touches.reserve(session, row, now)
            return True

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(gate, rows))
    assert passed == 3  # the customer's cap; two of one person and one of the other
    with transaction(engine) as session:
        whose = session.scalars(select(Touch.stakeholder_id)).all()
    assert max(whose.count(known.maria), whose.count(known.tom)) == 2
