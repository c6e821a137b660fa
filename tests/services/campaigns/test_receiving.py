"""Deliveries of mail vendors, from the door to the ledger, one by one and many together."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import (
    Campaign,
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
from services.suppression import blocked, suppress
from tests.services.campaigns.mail_world import (
    NOW,
    PERSON,
    SENDGRID,
    click,
    customer,
    event,
    frame,
    mail,
    mail_of,
)


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
        judging.judge_again(session, now=NOW + timedelta(minutes=9))
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
        assert blocked(session, scanned, "support") is not None  # they left everything
        assert mail_of(session, scanned).unsubscribed_at is not None
        judging.judge_again(session, now=NOW + timedelta(minutes=20))
        later = click(scanned, 9, "https://ours.example/9")
        take_in(session, SENDGRID, frame([later]), now=NOW + timedelta(minutes=21))
        session.expire_all()
        assert mail_of(session, scanned).unsubscribed_at is not None
        (campaign,) = session.scalars(select(Campaign))
        assert (campaign.unsubscribed, campaign.quarantined) == (2, 0)


def test_a_later_no_counts_after_a_scanners_was_dismissed_and_reaches_as_far_as_it_says(
    engine: Engine,
):
    maria = "maria@dataflow.example"
    person = {"ip": "203.0.113.5"}
    with transaction(engine) as session:
        customer(session, "DataFlow", "dataflow.example", "maria")
        told = mail(maria) + [click(maria, 6 + n, f"https://ours.example/{n}") for n in range(3)]
        told.append(event("group_unsubscribe", maria, 8))
        take_in(session, SENDGRID, frame(told), now=NOW)
        (one,) = quarantine.held(session, SYSTEM)
        quarantine.dismiss(session, one.mail_id, by=SYSTEM, now=NOW)
        assert session.scalars(select(Campaign.quarantined)).all() == [0]
        later = [NOW + timedelta(hours=n) for n in range(1, 6)]
        said = frame([event("group_unsubscribe", maria, 90_000, **person)])
        take_in(session, SENDGRID, said, now=later[0])
        take_in(session, SENDGRID, said, now=later[0])
        assert settling.settle(session, now=later[1]) == 1
        assert blocked(session, maria, "support") is None
        said = frame([event("unsubscribe", maria, 99_000, **person)])
        take_in(session, SENDGRID, said, now=later[2])
        assert settling.settle(session, now=later[3]) == 1
        assert blocked(session, maria, "support") is not None
        for row in session.scalars(select(Suppression)):
            row.lifted_at, row.lifted_by = NOW, None
        session.flush()
        said = frame([event("unsubscribe", maria, 99_001, **person)])
        take_in(session, SENDGRID, said, now=later[3])
        assert settling.settle(session, now=later[4]) == 0  # said before it was lifted


@pytest.mark.parametrize(("settled", "listed"), [(11, 0), (61, 6)])
def test_a_scanners_no_waits_for_the_last_word_or_is_taken_back_by_it(
    engine: Engine, settled: int, listed: int
):
    """Few of them look like people; together they are a company that scans its mail."""
    staff = [f"p{n}@scan.example" for n in range(6)]
    with transaction(engine) as session:
        customer(session, "Scan", "scan.example")
        for some in (staff[:5], staff[5:]):
            told = [one for who in some for one in mail(who)]
            told += [
                event(
                    "unsubscribe", who, 40 + ord(who[1]), ip=f"198.51.{who[1]}.9", useragent=PERSON
                )
                for who in some
            ]
            take_in(session, SENDGRID, frame(told), now=NOW)
        assert settling.settle(session, now=NOW + timedelta(minutes=settled)) == listed
        suppress(session, staff[0], "campaigns", "manual", now=NOW)
        judging.judge_again(session, now=NOW + timedelta(minutes=62))
        assert settling.settle(session, now=NOW + timedelta(hours=3)) == 0
        assert len(quarantine.held(session, SYSTEM)) == 6
        assert [who for who in staff if blocked(session, who, "campaigns")] == staff[:1]
        again = event("unsubscribe", staff[1], 9_000, ip="203.0.113.9", useragent=PERSON)
        take_in(session, SENDGRID, frame([again]), now=NOW + timedelta(hours=4))
        assert settling.settle(session, now=NOW + timedelta(hours=6)) == 1
        assert blocked(session, staff[1], "support") is not None


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
