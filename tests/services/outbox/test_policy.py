from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotAllowed
from data.tables import AppSetting, AuditEntry, OutboxMail
from services import outbox
from services.outbox import SendPolicy, policy
from services.outbox.policy import QUIET
from tests.support import queued

CHANGED = SendPolicy(
    undo_seconds=0,
    per_stakeholder=0,
    quiet_from=time(21, 30),
    weekends=True,
    four_eyes_arr=Decimal("100000.50"),
    four_eyes_severity="critical",
    paused=True,
    paused_why="Wrong list.",
)


def test_policy_comes_back_as_it_was_saved(session: Session, now: datetime):
    assert policy.load(session) == SendPolicy()
    policy.save(session, CHANGED, by=queued.colleague(session, "Ada", "admin"), now=now)
    assert policy.load(session) == CHANGED
    assert session.scalars(select(AuditEntry.action)).all() == ["send_policy.changed"]


def test_only_admins_change_it(session: Session, now: datetime):
    with pytest.raises(NotAllowed):
        policy.save(session, CHANGED, by=queued.colleague(session, "Dana"), now=now)


def test_what_the_rules_before_put_off_is_looked_at_again(session: Session, now: datetime):
    admin = queued.colleague(session, "Ada", "admin")
    customer = queued.customer(session)
    box = queued.mailbox(session)
    later = now + timedelta(days=2)
    reasons = (
        QUIET,
        "Maria was contacted 2 times within 7 days; 2 is the limit.",
        "451 later",
        None,
    )
    mails = [
        queued.approved(box, f"p{n}@acme.example", later, customer_id=customer)
        for n in range(len(reasons))
    ]
    numbers = outbox.enqueue_many(session, mails, now=now)
    for number, reason in zip(numbers, reasons, strict=True):
        row = session.get_one(OutboxMail, number)
        row.reason, row.due_at = reason, later
    session.flush()

    def due() -> list[bool]:
        session.expire_all()
        return [session.get_one(OutboxMail, number).due_at == now for number in numbers]

    policy.save(session, replace(SendPolicy(), undo_seconds=5), by=admin, now=now)
    assert due() == [False, False, False, False]
    policy.save(session, replace(SendPolicy(), weekends=True), by=admin, now=now)
    assert due() == [True, True, False, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"undo_seconds": -1},
        {"per_stakeholder": -1},
        {"per_customer": 5000},
        {"four_eyes_arr": Decimal(-1)},
        {"four_eyes_severity": "dreadful"},
    ],
)
def test_numbers_out_of_range_are_refused(
    session: Session, now: datetime, wrong: dict[str, object]
):
    admin = queued.colleague(session, "Ada", "admin")
    with pytest.raises(BadInput):
        policy.save(session, replace(SendPolicy(), **wrong), by=admin, now=now)


def test_policy_of_an_older_version_has_defaults_for_the_rest(session: Session, now: datetime):
    session.add(AppSetting(name=policy.NAME, value={"weekends": True, "gone": 1}, changed_at=now))
    session.flush()
    assert policy.load(session) == SendPolicy(weekends=True)
