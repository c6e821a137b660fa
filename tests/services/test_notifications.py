from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from services import notifications
from services.notifications import Action
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def us(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def tell(session: Session, us: Portfolio, key: str, now: datetime, *, urgent: bool = False):
    assert us.dana.person_id is not None
    return notifications.notify(
        session,
        us.dana.person_id,
        key,
        "attendance",
        f"About {key}",
        customer_id=us.techcorp,
        actions=[Action("Open", "customer", (("id", "cus_1"),))],
        urgent=urgent,
        now=now,
    )


def test_person_is_told_the_same_once(session: Session, us: Portfolio, now: datetime):
    assert tell(session, us, "a", now) is not None
    assert tell(session, us, "a", now) is None
    assert notifications.unread(session, us.dana) == 1
    assert notifications.unread(session, us.erik) == 0


def test_urgent_come_first_then_the_newest(session: Session, us: Portfolio, now: datetime):
    tell(session, us, "urgent", now - timedelta(days=1), urgent=True)
    tell(session, us, "old", now - timedelta(hours=2))
    tell(session, us, "new", now)
    found = notifications.listing(session, us.dana)
    assert [n.title for n in found] == ["About urgent", "About new", "About old"]
    assert found[0].customer == "TechCorp"
    assert found[0].actions == (Action("Open", "customer", (("id", "cus_1"),)),)


def test_read_clears_the_badge_and_keeps_the_list(session: Session, us: Portfolio, now: datetime):
    tell(session, us, "a", now)
    notifications.mark_read(session, by=us.dana, now=now)
    assert notifications.unread(session, us.dana) == 0
    assert len(notifications.listing(session, us.dana)) == 1


def test_put_away_can_be_taken_back(session: Session, us: Portfolio, now: datetime):
    number = tell(session, us, "a", now)
    assert number is not None
    notifications.set_done(session, number, by=us.dana, now=now)
    assert notifications.listing(session, us.dana) == []
    assert [n.id for n in notifications.listing(session, us.dana, done=True)] == [number]
    notifications.bring_back(session, number, now, by=us.dana)
    assert [n.id for n in notifications.listing(session, us.dana)] == [number]


def test_nobody_puts_away_what_is_another_s(session: Session, us: Portfolio, now: datetime):
    number = tell(session, us, "a", now)
    assert number is not None
    for other in (us.erik, us.ada):
        notifications.set_done(session, number, by=other, now=now)
        notifications.mark_read(session, by=other, now=now)
    assert [n.read_at for n in notifications.listing(session, us.dana)] == [None]
