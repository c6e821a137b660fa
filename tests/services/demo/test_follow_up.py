"""The demo shows the follow-up of its last event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, func, select

from data.db import transaction
from data.tables import Draft, Event, FollowUp, Notification
from services.access import SYSTEM
from services.attendance import analysis
from services.demo.load import load
from worker.jobs import Runner
from worker.periodic import KINDS

DAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FEW = {"attendance.committed"}


@pytest.fixture
def world(engine: Engine) -> Engine:
    load(DAY, engine)
    kinds = {name: kind for name, kind in KINDS.items() if name in FEW}
    runner = Runner(partial(transaction, engine), lambda: DAY + timedelta(minutes=5), kinds)
    while runner.run_next():
        pass
    return engine


def test_last_event_is_followed_up_the_year_before_is_not_and_all_is_analysed(world: Engine):
    with transaction(world, read_only=True) as session:
        names = session.scalars(
            select(Event.name).join(FollowUp, FollowUp.event_id == Event.id).distinct()
        ).all()
        drafts = session.scalars(select(Draft).where(Draft.source == "event")).all()
        notes = session.scalar(select(func.count()).where(Notification.kind == "event_attended"))
        customers = session.scalar(select(func.count()).select_from(FollowUp))
    assert names == ["Customer Community User Group"]
    assert notes == customers
    assert len(drafts) > 10
    assert any("Automate renewal reminders" in draft.text for draft in drafts)
    assert all("first automated reminder" in d.text or "board" in d.text for d in drafts)
    told = {(draft.text.partition("\n")[2], draft.customer_id) for draft in drafts}
    assert len({words for words, _ in told}) == len(told), "two customers got the same words"
    # The year is analysed on the same data: loading it again would take as long as all else.
    with transaction(world, read_only=True) as session:
        found = analysis.analysis(session, SYSTEM, DAY.date())
    assert found.events == 18
    assert (found.reach.hits, found.reach.of) == (76, 78)
    assert found.measured > 3
    assert found.lift.relative is not None
    assert {one.segment for one in found.worth} == {"Enterprise", "Mid-Market", "SMB"}
