"""Deliveries of mail vendors, from the door to the ledger, with workers that are killed on the way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignMail,
    CampaignRecipient,
    HookDelivery,
    Integration,
    Job,
    Suppression,
)
from integrations.hooks.records import Said
from services.access import SYSTEM
from services.campaigns import judging, quarantine, settling, take_in
from services.campaigns.receiving import take_in_mail
from services.hooks import Known, store
from services.suppression import blocked
from tests.services.campaigns.mail_world import (
    NOW,
    SENDGRID,
    click,
    customer,
    event,
    frame,
    mail,
    state,
)


class Killed(BaseException):
    """The worker is gone in the middle of a transaction."""


def account(session: Session, vendor: str = "sendgrid") -> Known:
    row = Integration(
        vendor=vendor, name="Ours", address=vendor * 5, options={}, state="ready", created_at=NOW
    )
    session.add(row)
    session.flush()
    return Known(row.id, vendor, ("secret",))


def deliver(session: Session, known: Known, raw: bytes, number: str) -> bool:
    return store(session, known, Said(number, "events", "mail"), raw, now=NOW)


def transacting(engine: Engine) -> Callable[[], AbstractContextManager[Session]]:
    return lambda: transaction(engine)


def clock() -> datetime:
    return NOW


def count(engine: Engine, table: type) -> int:
    with transaction(engine, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_deliveries_of_one_slot_ask_for_one_job(engine: Engine):
    with transaction(engine) as session:
        known = account(session)
        for number in range(3):
            assert deliver(
                session, known, json.dumps(mail(f"a{number}@b.example")).encode(), str(number)
            )
        assert not deliver(session, known, b"[]", "0")
        assert session.scalars(select(Job.kind)).all() == ["campaigns.take_in"]
    assert take_in_mail(transacting(engine), {}, clock) == 6
    assert take_in_mail(transacting(engine), {}, clock) == 0
    with transaction(engine, read_only=True) as session:
        assert set(session.scalars(select(HookDelivery.state))) == {"done"}


def test_delivery_nobody_can_read_does_not_stop_the_others(engine: Engine):
    with transaction(engine) as session:
        known = account(session)
        deliver(session, known, json.dumps(mail("a@b.example")).encode(), "good")
        deliver(session, known, b"{cut off", "bad")
    assert take_in_mail(transacting(engine), {}, clock) == 2
    with transaction(engine, read_only=True) as session:
        found = dict(
            session.execute(select(HookDelivery.vendor_event_id, HookDelivery.state)).all()
        )
        assert found == {"good": "done", "bad": "failed"}


def ten_thousand() -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    for number in range(2_000):
        who = f"p{number % 900}@company-{number % 90}.example"
        campaign = 1 + number % 3
        told += mail(who, campaign=campaign)
        told.append(
            event("open", who, 60 + number, campaign=campaign, ip=f"198.51.100.{number % 200}")
        )
        told.append(click(who, 30 + number, campaign=campaign, ip=f"198.51.100.{number % 200}"))
        told.append(
            event(
                "unsubscribe" if number % 50 == 0 else "open", who, 31 + number, campaign=campaign
            )
        )
    return told


@pytest.mark.parametrize("seed", [11])
def test_ten_thousand_events_in_any_order_with_killed_workers_come_to_the_same(
    engine: Engine, seed: int
):
    """Each one to five times, in deliveries of all sizes; a worker is killed at every other transaction."""
    chance = random.Random(seed)
    told = ten_thousand()
    assert len(told) == 10_000
    with transaction(engine) as session:
        take_in(session, SENDGRID, frame(told), now=NOW)
        judging.judge_again(session, now=NOW)
    whole = state(engine)
    with transaction(engine) as session:
        for table in (CampaignEvent, CampaignMail, Campaign, CampaignRecipient):
            session.query(table).delete()
        known = account(session)
    scattered = [one for one in told for _ in range(chance.randint(1, 5))]
    chance.shuffle(scattered)
    deaths = 0

    @contextmanager
    def deadly() -> Iterator[Session]:
        nonlocal deaths
        with transaction(engine) as session:
            yield session
            if chance.random() < 0.4:
                deaths += 1
                raise Killed

    number = 0
    while scattered:
        with transaction(engine) as session:
            for _ in range(8):
                size = min(chance.randint(1, 2_500), len(scattered))
                piece = [scattered.pop() for _ in range(size)]
                number += 1
                deliver(session, known, json.dumps(piece).encode(), str(number))
        for _ in range(30):
            try:
                take_in_mail(deadly, {}, clock)
                break
            except Killed:
                continue
    take_in_mail(transacting(engine), {}, clock)
    with transaction(engine) as session:
        judging.judge_again(session, now=NOW)
    assert deaths > 0
    assert state(engine) == whole


def test_a_persons_no_counts_after_a_while_and_a_scanners_waits_for_a_person(engine: Engine):
    maria, scanned = "maria@dataflow.example", "tom@scanned.example"
    with transaction(engine) as session:
        customer(session, "DataFlow", "dataflow.example", "maria")
        customer(session, "Scanned", "scanned.example", "tom")
        told = mail(maria) + mail(scanned)
        told.append(event("group_unsubscribe", maria, 9_000, ip="203.0.113.5"))
        told += [click(scanned, 6 + n, f"https://ours.example/{n}") for n in range(3)]
        told.append(event("unsubscribe", scanned, 8))
        take_in(session, SENDGRID, frame(told), now=NOW)
        assert settling.settle(session, now=NOW + timedelta(minutes=9)) == 0
        assert settling.settle(session, now=NOW + timedelta(minutes=11)) == 1
        assert settling.settle(session, now=NOW + timedelta(minutes=12)) == 0
        assert blocked(session, maria, "campaigns") is not None
        assert blocked(session, maria, "support") is None
        assert blocked(session, scanned, "campaigns") is None
        held = quarantine.held(session, SYSTEM)
        assert [(one.email, one.customer) for one in held] == [(scanned, "Scanned")]
        quarantine.confirm(session, held[0].mail_id, by=SYSTEM, now=NOW)
        assert blocked(session, scanned, "campaigns") is not None
        assert quarantine.held(session, SYSTEM) == []


def test_hard_bounce_and_complaint_count_at_once_and_once(engine: Engine):
    with transaction(engine) as session:
        told = mail("gone@b.example") + mail("cross@b.example") + mail("full@b.example")
        told.append(event("bounce", "gone@b.example", 5, type="bounce"))
        told.append(event("bounce", "full@b.example", 5, type="blocked"))
        told.append(event("spamreport", "cross@b.example", 500))
        take_in(session, SENDGRID, frame(told), now=NOW)
        assert settling.settle(session, now=NOW) == 2
        reasons = dict(session.execute(select(Suppression.email, Suppression.reason)).all())
        assert reasons == {"gone@b.example": "hard_bounce", "cross@b.example": "complaint"}
        for row in session.scalars(select(Suppression)):
            row.lifted_at = NOW
        session.flush()
        take_in(session, SENDGRID, frame([click("gone@b.example", 900)]), now=NOW)
        assert settling.settle(session, now=NOW) == 0
