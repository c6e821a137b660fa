"""Health: the mean of what is known, and each change with its cause."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotAllowed, NotFound
from data.tables import Attendance, Customer, HealthChange
from data.versions import ATTENDANCE, bump
from services.scoring import health
from services.scoring.board import recompute
from services.scoring.health import HealthWeights
from services.scoring.health.mean import KNOWN, healths
from tests.services.scoring.fading import FADING, STEADY, fading_world
from tests.services.scoring.recorded import ANAS, BENS, EVERYBODYS, record

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def health_for(weights: HealthWeights | None = None, **known: int | None) -> int | None:
    row = dict.fromkeys(KNOWN) | {"customer_id": 1, "attended": 3, "eligible": 9} | known
    frame = pl.DataFrame([row], schema=KNOWN)
    return healths(frame, weights or HealthWeights())["health"].item()


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"reported": 80, "score": 50}, 71),
        ({"reported": 80}, 80),
        ({"score": 50}, 50),
        ({}, None),
        ({"reported": 50, "score": 55}, 52),  # 51.5 goes up
        ({"reported": 80, "score": 0, "attended": 0, "eligible": 3}, 80),
        ({"reported": 80, "score": 0, "attended": 0, "eligible": 4}, 56),
        ({"reported": 0, "score": 100}, 30),
    ],
)
def test_health_is_the_weighted_mean_of_what_is_known(known: dict, expected: int | None):
    assert health_for(**known) == expected


@given(
    reported=st.none() | st.integers(0, 100),
    score=st.none() | st.integers(0, 100),
    weight=st.integers(0, 100),
)
def test_health_lies_between_its_parts(reported: int | None, score: int | None, weight: int):
    found = health_for(HealthWeights(100 - weight, weight), reported=reported, score=score)
    weighed = [value for value, share in ((reported, 100 - weight), (score, weight))
               if value is not None and share]  # fmt: skip
    if not weighed:
        assert found is None
    else:
        assert found is not None
        assert min(weighed) <= found <= max(weighed)


@pytest.mark.parametrize("pair", [(70, 20), (101, -1), (70.0, 30)])
def test_weights_are_whole_and_add_up(pair: tuple):
    with pytest.raises(BadInput):
        HealthWeights(*pair)


@pytest.fixture
def scored(session: Session) -> Session:
    record(session, fading_world(TODAY))
    for number in (FADING, STEADY):
        session.get_one(Customer, number).reported_health = 80
    session.flush()
    recompute(session, now=NOW)
    return session


def changes(session: Session, customer: int) -> list[HealthChange]:
    found = select(HealthChange).where(HealthChange.customer_id == customer)
    return list(session.scalars(found.order_by(HealthChange.id)))


def test_the_first_figure_says_what_it_is_made_of(scored: Session):
    (first,) = changes(scored, STEADY)
    customer = scored.get_one(Customer, STEADY, populate_existing=True)
    assert first.before is None
    assert first.health == customer.health_score
    engagement = first.parts["engagement"]["value"]
    assert first.cause == f"First figure: the CRM says 80, engagement is {engagement}"
    assert first.parts["reported"] == {"value": 80, "weight": 70}


def test_computing_again_without_a_change_writes_nothing(scored: Session):
    before = scored.scalar(select(func.count()).select_from(HealthChange))
    recompute(scored, now=NOW + timedelta(hours=1))
    assert scored.scalar(select(func.count()).select_from(HealthChange)) == before


def test_missed_events_are_named_as_the_cause(scored: Session):
    scored.execute(
        delete(Attendance).where(
            Attendance.participant_id == STEADY * 1000, Attendance.event_id > 12
        )
    )
    bump(scored, ATTENDANCE)
    recompute(scored, now=NOW + timedelta(days=1))
    first, second = changes(scored, STEADY)
    was, now = (row.parts["engagement"]["value"] for row in (first, second))
    assert second.cause == f"Engagement moved from {was} to {now}: missed the last 6 events"
    assert second.health is not None
    assert (second.before, second.health < (first.health or 0)) == (first.health, True)


def test_what_the_crm_says_is_named_as_the_cause(scored: Session):
    scored.get_one(Customer, STEADY).reported_health = 40
    scored.flush()
    recompute(scored, now=NOW + timedelta(days=1))
    assert changes(scored, STEADY)[-1].cause == "The CRM's figure moved from 80 to 40"
    scored.get_one(Customer, STEADY).reported_health = None
    scored.flush()
    recompute(scored, now=NOW + timedelta(days=2))
    last = changes(scored, STEADY)[-1]
    assert last.cause == "The CRM's figure is no longer known (it was 40)"
    assert last.health == last.parts["engagement"]["value"]


def test_only_touched_customers_follow_when_only_they_were_scored(scored: Session):
    scored.execute(
        delete(Attendance).where(
            Attendance.participant_id.in_((STEADY * 1000, FADING * 1000)),
            Attendance.event_id.in_((3, 4, 5, 6)),
        )
    )
    bump(scored, ATTENDANCE)
    recompute(scored, now=NOW + timedelta(days=1), only=[STEADY])
    assert (len(changes(scored, STEADY)), len(changes(scored, FADING))) == (2, 1)


def test_an_admin_changes_the_weights_and_everybody_follows(scored: Session):
    with pytest.raises(NotAllowed):
        health.set_weights(scored, HealthWeights(50, 50), by=ANAS, now=NOW)
    shown = health.preview(scored, EVERYBODYS, HealthWeights(50, 50))
    promised = dict(shown.rows.select("customer_id", "health").iter_rows())
    changed = health.set_weights(scored, HealthWeights(50, 50), by=EVERYBODYS, now=NOW)
    assert changed == shown.changed > 0
    found = health.health_of(scored, ANAS, FADING)
    scored.expire_all()
    assert scored.get_one(Customer, FADING).health_score == promised[FADING]
    assert found.changes[0].cause == "Weights changed: CRM 50%, engagement 50%"
    assert health.set_weights(scored, HealthWeights(50, 50), by=EVERYBODYS, now=NOW) == 0


def test_history_is_the_newest_first_and_ones_own(scored: Session):
    with pytest.raises(NotFound):
        health.health_of(scored, BENS, FADING)
    found = health.health_of(scored, ANAS, FADING)
    assert (found.reported, found.weights) == (80, HealthWeights())
    assert [one.health for one in found.changes] == [found.health]
