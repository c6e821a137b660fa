"""Deliveries of mail events one to five times, in any order, to workers that the system kills on the way."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select

from data.db import transaction
from data.settings import PROJECT
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignRecipient,
    DomainHabit,
    HookDelivery,
)
from services.campaigns import judging, take_in
from services.campaigns.receiving import take_in_mail
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
from tests.services.campaigns.test_receiving import account, clock, deliver, transacting

DYING = """
import os, signal, sys
from contextlib import contextmanager
from sqlalchemy import func, select
from data.db import make_engine, transaction
from data.tables import CampaignEvent
from services.campaigns import intake, judging
from services.campaigns.receiving import take_in_mail
from tests.services.campaigns.mail_world import NOW

engine, place = make_engine(sys.argv[1]), sys.argv[2]
insert, wrote = intake.insert_frame, False

def die(session):
    print(session.scalar(select(func.count()).select_from(CampaignEvent)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

def noticed(session, table, rows):
    global wrote
    insert(session, table, rows)
    wrote = wrote or table is CampaignEvent.__table__
    if wrote and place == "between":
        die(session)

@contextmanager
def deadly():
    before = wrote
    with transaction(engine) as session:
        yield session
        if place == "look" or (place == "end" and wrote) or (place == "after" and before):
            die(session)

intake.insert_frame = noticed
if place == "judge":
    with transaction(engine) as session:
        judging.judge_again(session, now=NOW)
        die(session)
else:
    take_in_mail(deadly, {}, lambda: NOW)
"""
"""`place` is where it dies: in the first "look" at what waits; "between" events and the mails made of them;
at the "end" of all that is written, before it is kept; in the look "after" it was; after judging."""
TABLES = (CampaignEvent, CampaignMail, CampaignLink, Campaign, CampaignRecipient, DomainHabit)


def told_of(mails: int) -> list[dict[str, object]]:
    """Five events of each mail, by a person and by a scanner that follows links for some domains."""
    told: list[dict[str, object]] = []
    for number in range(mails):
        who = f"p{number % 900}@company-{number % 90}.example"
        rest: dict[str, Any] = {"campaign": 1 + number % 3}
        # Of the person, so that an event told again with the same id is the same event.
        shared = f"198.51.100.{number % 900 % 200}"
        told += mail(who, **rest)
        told.append(event("open", who, 60 + number, ip=shared, **rest))
        scanned = number % 90 < 20
        told.append(click(who, 8 if scanned else 300 + number, ip=shared, **rest))
        last = "unsubscribe" if number % 50 == 0 else "open"
        told.append(event(last, who, 301 + number, **rest))
    return told


def die(engine: Engine, place: str) -> int:
    """How many events the worker saw in the ledger when it was killed there, kept or not."""
    url = engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", DYING, url, place],
        cwd=PROJECT,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2_000:]
    return int(died.stdout)


def expect_the_same(
    engine: Engine, told: list[dict[str, object]], chance: random.Random, kills: list[str]
) -> None:
    with transaction(engine) as session:
        customer(session, "Company", "company-7.example", "p7")
        take_in(session, SENDGRID, frame(told), now=NOW)
        judging.judge_again(session, now=NOW)
    whole = state(engine)
    with transaction(engine) as session:
        for table in TABLES:
            session.execute(delete(table))
        known = account(session)
    scattered = [one for one in told for _ in range(chance.randint(1, 5))]
    chance.shuffle(scattered)
    pieces, number = [scattered[at::10] for at in range(10)], 0
    for place, piece in enumerate(pieces):
        with transaction(engine) as session:
            while piece:
                size = chance.randint(1, 1 + len(piece))
                raw = json.dumps([piece.pop() for _ in range(min(size, len(piece)))]).encode()
                number += 1
                deliver(session, known, raw, str(number))
        if place < len(kills):
            before = kept(engine)
            seen, after = die(engine, kills[place]), kept(engine)
            assert (seen > before) is (kills[place] != "look")
            assert (after > before) is (kills[place] == "after")
    assert waiting(engine) > 0
    take_in_mail(transacting(engine), {}, clock)
    assert waiting(engine) == 0
    if len(kills) > 1:
        assert die(engine, "judge") == kept(engine)
    with transaction(engine) as session:
        judging.judge_again(session, now=NOW)
    assert state(engine) == whole


def kept(engine: Engine) -> int:
    with transaction(engine, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(CampaignEvent)) or 0


def waiting(engine: Engine) -> int:
    with transaction(engine, read_only=True) as session:
        new = select(func.count()).where(HookDelivery.state == "new")
        return session.scalar(new) or 0


def test_events_in_any_order_with_a_killed_worker_come_to_the_same(engine: Engine):
    """Its events are written then, their mails are not."""
    expect_the_same(engine, told_of(200), random.Random(11), ["between"])


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_thousand_events_with_workers_killed_again_and_again(engine: Engine, seed: int):
    told = told_of(2_000)
    assert len(told) == 10_000
    kills = ["between", "look", "end", "after", "between", "end", "after", "between"]
    expect_the_same(engine, told, random.Random(seed), kills)
