"""What one person approved and by now needs two: the last gate sends it back, and does not forget it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Approval, Customer, Draft, OutboxMail
from services import drafts, notifications, outbox
from services.access import Viewer
from services.outbox import policy as policies
from services.outbox.gate import Decision
from tests.services.drafts.machine import OPEN, START
from tests.services.drafts.world import make, queued
from tests.support.portfolio import Portfolio, portfolio

LATER = START + timedelta(minutes=2)


@pytest.fixture
def known(session: Session) -> Portfolio:
    found = portfolio(session, START)
    rules(session, found)
    return found


def rules(session: Session, known: Portfolio, **values: object) -> None:
    policies.save(session, replace(OPEN, **values), by=known.ada, now=START)


def at_gate(session: Session, now: datetime = LATER) -> Decision:
    claimed = outbox.claim(session, now=now, seconds=60)
    assert claimed is not None
    passed = outbox.pass_gate(session, claimed.lease, now=now, seconds=60)
    assert passed is not None
    return passed.decision


def told(session: Session, who: Viewer) -> list[str]:
    return [row.title for row in notifications.listing(session, who)]


@pytest.mark.parametrize("rule", [{"four_eyes_severity": "high"}, {"four_eyes_arr": Decimal(1)}])
def test_rule_that_came_after_the_approval_holds_for_what_waits(
    session: Session, known: Portfolio, rule: dict[str, object]
):
    draft = make(session, known, START, severity="critical")
    drafts.approve(session, draft.id, 1, by=known.dana, now=START)
    rules(session, known, **rule)
    decision = at_gate(session)
    assert decision.kind == "recall"
    assert "two people" in (decision.why or "")
    assert (draft.state, draft.why) == ("second_look", decision.why)
    (row,) = queued(session, draft.id)
    assert (row.state, row.reason) == ("cancelled", decision.why)
    assert told(session, known.dana) == [
        "A mail was not sent: it waits for a second person: After the webinar"
    ]
    second = "A mail to TechCorp waits for your second look"
    assert second in told(session, known.morgan)
    assert second in told(session, known.ada)
    shown = drafts.view(session, known.dana, draft.id, LATER)
    assert "recall" in [move.move for move in shown.history]
    assert {"approve", "recall"}.isdisjoint(shown.actions)


def test_second_person_sends_the_very_same_mail(session: Session, known: Portfolio):
    draft = make(session, known, START, severity="critical")
    drafts.approve(session, draft.id, 1, by=known.dana, now=START)
    rules(session, known, four_eyes_severity="high")
    at_gate(session)
    done = drafts.approve(session, draft.id, 1, by=known.morgan, now=LATER)
    assert done.state == "approved"
    (row,) = queued(session, draft.id)
    assert row.state == "queued"
    assert len({one.sha256 for one in session.scalars(select(Approval))}) == 1
    assert at_gate(session, LATER + timedelta(minutes=2)).kind == "go"
    assert told(session, known.morgan) == []


def test_customer_that_has_grown_since_needs_the_second_person(session: Session, known: Portfolio):
    rules(session, known, four_eyes_arr=Decimal(300_000))
    draft = make(session, known, START)
    drafts.approve(session, draft.id, 1, by=known.dana, now=START)
    session.get_one(Customer, known.techcorp).arr = Decimal(400_000)
    session.flush()
    assert at_gate(session).kind == "recall"


def test_two_approvals_and_rules_that_ask_for_one_pass(session: Session, known: Portfolio):
    rules(session, known, four_eyes_severity="high")
    both = make(session, known, START, severity="critical")
    one = make(session, known, START, "two", stakeholder_id=known.tom)
    drafts.approve(session, both.id, 1, by=known.dana, now=START)
    drafts.approve(session, both.id, 1, by=known.morgan, now=START)
    drafts.approve(session, one.id, 1, by=known.dana, now=START)
    assert [at_gate(session).kind for _ in range(2)] == ["go", "go"]


def test_what_quiet_hours_put_off_goes_back_when_the_rule_comes_not_days_later(
    session: Session, known: Portfolio
):
    saturday = START - timedelta(days=2)
    rules(session, known, weekends=False)
    draft = make(session, known, saturday, severity="critical")
    drafts.approve(session, draft.id, 1, by=known.dana, now=saturday)
    assert at_gate(session, saturday + timedelta(minutes=2)).kind == "wait"
    hour = saturday + timedelta(hours=1)
    changed = replace(OPEN, weekends=False, four_eyes_severity="high")
    policies.save(session, changed, by=known.ada, now=hour)
    assert at_gate(session, hour).kind == "recall"


def test_gate_does_not_wait_for_somebody_who_has_the_draft(engine: Engine):
    """They may be waiting for the mail in turn. It stays where it is until they are done."""
    if engine.dialect.name == "sqlite":
        pytest.skip("There is one writer at a time.")
    with transaction(engine) as session:
        known = portfolio(session, START)
        rules(session, known)
        number = make(session, known, START, severity="critical").id
        drafts.approve(session, number, 1, by=known.dana, now=START)
        rules(session, known, four_eyes_severity="high")
    with transaction(engine) as session:
        claimed = outbox.claim(session, now=LATER, seconds=60)
        assert claimed is not None
    with transaction(engine) as other:
        other.get_one(Draft, number, with_for_update=True)
        with transaction(engine) as session:
            passed = outbox.pass_gate(session, claimed.lease, now=LATER, seconds=60)
            assert passed is not None
            assert passed.decision.kind == "wait"
    with transaction(engine) as session:
        row = session.scalars(select(OutboxMail)).one()
        assert (row.state, row.due_at) == ("queued", LATER + timedelta(seconds=30))
        assert at_gate(session, row.due_at).kind == "recall"
