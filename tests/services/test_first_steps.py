from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.tables import Attendance, Event, Participant
from data.tables.events import ATTENDED, REGISTERED
from services.access import Viewer
from services.first_steps import first_steps
from services.scoring.board import recompute
from tests.support.portfolio import Portfolio, portfolio

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def us(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def held(
    session: Session, us: Portfolio, days: int, *, status: int = ATTENDED, sure: bool = True
) -> int:
    """An event so many days ago that Maria of TechCorp is on record for; its id."""
    event = Event(
        name=f"{days} days ago",
        name_key=f"{days} days ago",
        held_on=(MONDAY - timedelta(days=days)).date(),
        type="webinar",
        starts_at=MONDAY - timedelta(days=days),
        status="held",
        source="generic",
        created_at=MONDAY,
    )
    one = Participant(
        person_key=f"maria{days}",
        customer_id=us.techcorp,
        band="automatic" if sure else "review",
        confidence=0.99,
        evidence="email",
    )
    session.add_all([event, one])
    session.flush()
    session.add(
        Attendance(
            participant_id=one.id, event_id=event.id, status=status, spoke=False, upload_id=1
        )
    )
    session.flush()
    return event.id


def latest(session: Session, by: Viewer) -> int | None:
    return first_steps(session, by).latest


def test_the_latest_event_is_the_newest_that_somebody_of_theirs_came_to(
    session: Session, us: Portfolio
):
    assert latest(session, us.dana) is None
    held(session, us, 30)
    came = held(session, us, 20)
    held(session, us, 10, status=REGISTERED)
    held(session, us, 5, sure=False)
    assert latest(session, us.dana) == came
    assert latest(session, us.ada) == came
    assert latest(session, us.erik) is None


def test_who_has_no_score_yet_is_not_scored(session: Session, us: Portfolio, now: datetime):
    recompute(session, now=now)
    assert first_steps(session, us.dana).scored == 0
    held(session, us, 10)
    recompute(session, now=MONDAY)
    assert first_steps(session, us.dana).scored == 1
