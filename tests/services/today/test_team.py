from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.tables import Draft, Task
from services import tasks
from services.access import Viewer
from services.tasks import NewTask
from services.today import TeamLine, team
from tests.support.portfolio import Portfolio, portfolio

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def us(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def wait(session: Session, owner: Viewer, customer_id: int, to: int, days: int, state: str) -> None:
    made = MONDAY - timedelta(days=days)
    session.add(
        Draft(
            dedup_key=f"{owner.name}{days}{state}",
            kind="follow_up",
            topic="relationship",
            owner_id=owner.person_id,
            customer_id=customer_id,
            stakeholder_id=to,
            severity="normal",
            subject="Renewal",
            text="Hello",
            html="<p>Hello</p>",
            source="manual",
            state=state,
            created_at=made,
            updated_at=made,
        )
    )
    session.flush()


def test_who_answers_for_others_sees_what_waits_with_them(session: Session, us: Portfolio):
    wait(session, us.erik, us.datapro, us.ines, 3, "pending")
    wait(session, us.erik, us.datapro, us.ines, 1, "pending")
    wait(session, us.erik, us.datapro, us.ines, 9, "rejected")
    late = NewTask(
        dedup_key="call", title="Call", due_at=MONDAY, owner_id=us.dana.person_id, customer_id=None
    )
    tasks.add(session, late, now=MONDAY)
    assert us.dana.person_id
    assert us.erik.person_id
    expected = [
        TeamLine(us.erik.person_id, "Erik Example", 2, MONDAY - timedelta(days=3), 0, 0),
        TeamLine(us.dana.person_id, "Dana Example", 0, None, 1, 0),
    ]
    assert team(session, us.morgan, MONDAY) == expected
    assert team(session, us.ada, MONDAY) == expected


def test_csm_answers_only_for_themselves(session: Session, us: Portfolio):
    wait(session, us.erik, us.datapro, us.ines, 3, "pending")
    assert team(session, us.dana, MONDAY) == []
    assert team(session, us.erik, MONDAY) == []


def test_snoozed_tasks_are_left_out_of_the_team_s_as_out_of_one_s_own(
    session: Session, us: Portfolio
):
    for n, hours in enumerate((None, 3, -1)):
        new = NewTask(f"call {n}", "Call", MONDAY, us.dana.person_id, customer_id=None)
        number = tasks.add(session, new, now=MONDAY) or 0
        if hours:
            session.get_one(Task, number).snoozed_until = MONDAY + timedelta(hours=hours)
    session.flush()
    (line,) = team(session, us.morgan, MONDAY)
    assert line.tasks == 2
    assert tasks.count_due(session, us.dana, MONDAY, MONDAY.date())[0] == 2
