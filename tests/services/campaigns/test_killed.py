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
from data.db import make_engine, transaction
from services.campaigns import judging
from services.campaigns.receiving import take_in_mail
from tests.services.campaigns.mail_world import NOW

engine, left = make_engine(sys.argv[1]), int(sys.argv[3])

@contextmanager
def deadly():
    global left
    with transaction(engine) as session:
        yield session
        left -= 1
        if left == 0:
            session.flush()
            os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "judge":
    with deadly() as session:
        judging.judge_again(session, now=NOW)
else:
    take_in_mail(deadly, {}, lambda: NOW)
"""
TABLES = (CampaignEvent, CampaignMail, CampaignLink, Campaign, CampaignRecipient, DomainHabit)


def told_of(mails: int) -> list[dict[str, object]]:
    """Five events of each mail, by a person and by a scanner that follows links for some domains."""
    told: list[dict[str, object]] = []
    for number in range(mails):
        who = f"p{number % 900}@company-{number % 90}.example"
        rest: dict[str, Any] = {"campaign": 1 + number % 3}
        shared = f"198.51.100.{number % 200}"
        told += mail(who, **rest)
        told.append(event("open", who, 60 + number, ip=shared, **rest))
        scanned = number % 90 < 20
        told.append(click(who, 8 if scanned else 300 + number, ip=shared, **rest))
        last = "unsubscribe" if number % 50 == 0 else "open"
        told.append(event(last, who, 301 + number, **rest))
    return told


def die(engine: Engine, what: str, transactions: int) -> bool:
    """Whether a worker was killed before its so many-th transaction was written, or there were not so many."""
    url = engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", DYING, url, what, str(transactions)],
        cwd=PROJECT,
        check=False,
        timeout=120,
    )
    assert died.returncode in (0, -signal.SIGKILL)
    return died.returncode != 0


def expect_the_same(
    engine: Engine, told: list[dict[str, object]], chance: random.Random, kills: list[int]
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
            assert die(engine, "take in", kills[place])
    assert waiting(engine) > 0
    take_in_mail(transacting(engine), {}, clock)
    assert waiting(engine) == 0
    if len(kills) > 1:
        assert die(engine, "judge", 1)
    with transaction(engine) as session:
        judging.judge_again(session, now=NOW)
    assert state(engine) == whole


def waiting(engine: Engine) -> int:
    with transaction(engine, read_only=True) as session:
        new = select(func.count()).where(HookDelivery.state == "new")
        return session.scalar(new) or 0


def test_events_in_any_order_with_a_killed_worker_come_to_the_same(engine: Engine):
    """The second transaction is the one that takes in: the first only looks at what waits."""
    expect_the_same(engine, told_of(200), random.Random(11), [2])


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_thousand_events_with_workers_killed_again_and_again(engine: Engine, seed: int):
    told = told_of(2_000)
    assert len(told) == 10_000
    expect_the_same(engine, told, random.Random(seed), [2, 1, 2, 2, 1, 2, 2, 2])
