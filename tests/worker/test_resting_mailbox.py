"""Mail behind a mailbox from which nothing leaves says why it waits, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import Engine, update

from data.db import transaction
from data.tables import Mailbox
from services import outbox
from services.access import Viewer
from services.outbox.listing import QueueRow
from tests.support import queued
from tests.support.crashing import Bench
from tests.support.fakes.memory import Fault, Provider


class Desk:
    """A bench with two mails of one mailbox, and an admin who looks at the queue."""

    def __init__(self, engine: Engine, faults: list[Fault], **limits: int) -> None:
        self.bench = Bench(engine, Provider("plain", faults=faults))
        self.worker = self.bench.worker()
        with transaction(engine) as session:
            self.ada: Viewer = queued.colleague(session, "Ada", "admin")
            acme = queued.customer(session, time_zone="UTC")
            box = queued.mailbox(session, "eml", **limits)
            now = self.bench.clock.now
            mails = [
                queued.approved(box, f"p{n}@acme.example", now, customer_id=acme) for n in range(2)
            ]
            outbox.enqueue_many(session, mails, now=now)

    def work(self) -> None:
        while self.worker.send_next():
            pass

    def waiting(self) -> list[QueueRow]:
        with transaction(self.bench.engine, read_only=True) as session:
            rows, _ = outbox.listing(session, self.ada, now=self.bench.clock.now)
            for row in rows:
                assert outbox.view(session, self.ada, row.id, now=self.bench.clock.now).row == row
        return rows


def test_limit_of_the_provider_is_told_of_each_mail_behind_it_for_as_long_as_it_lasts(
    engine: Engine,
):
    desk = Desk(engine, ["limit"] * 3, per_minute=1_000)
    for minutes in (1, 2, 4):
        desk.work()
        ends = desk.bench.clock.now + timedelta(minutes=minutes)
        rows = desk.waiting()
        assert [row.until for row in rows] == [ends, ends]
        assert [row.due_at for row in rows] == [ends, ends]
        assert all("all that its provider allows" in row.reason for row in rows)
        desk.bench.clock.pass_by(60 * minutes - 1)
        desk.work()
        assert len(desk.bench.provider.faults) == (2, 1, 0)[(1, 2, 4).index(minutes)]
        desk.bench.clock.pass_by(1)
    desk.work()
    assert desk.waiting() == []


@pytest.mark.parametrize(("limit", "span"), [("per_minute", 60), ("per_day", 86_400)])
def test_own_limit_of_a_mailbox_is_told_with_its_end(
    engine: Engine, limit: Literal["per_minute", "per_day"], span: int
):
    desk = Desk(engine, [], **{"per_minute": 1_000, "per_day": 1_000, limit: 1})
    began = desk.bench.clock.now
    desk.work()
    (row,) = desk.waiting()
    assert "sends 1 a" in row.reason
    assert row.until == began + timedelta(seconds=span)
    assert row.paused == ""


def test_limit_is_told_before_a_worker_has_come_to_the_mail(engine: Engine):
    desk = Desk(engine, [], per_minute=1)
    assert desk.worker.send_next()
    assert "sends 1 a minute" in desk.waiting()[0].reason


def test_mail_that_waits_longer_for_something_else_says_that(engine: Engine):
    desk = Desk(engine, [], per_minute=1)
    desk.worker.send_next()
    night = desk.bench.clock.now.replace(hour=23)
    desk.bench.clock.set_by((night - desk.bench.clock.now).total_seconds())
    (row,) = desk.waiting()
    assert "Quiet hours" in row.reason
    assert row.until is not None
    assert row.until > night + timedelta(hours=5)


@pytest.mark.parametrize(
    ("state", "words"), [("revoked", "connected again"), ("paused", "resumes it")]
)
def test_mailbox_that_a_person_has_to_see_to_says_who_and_what(
    engine: Engine, state: str, words: str
):
    desk = Desk(engine, [])
    with transaction(engine) as session:
        session.execute(update(Mailbox).values(state=state, why="It was locked."))
    for row in desk.waiting():
        assert row.paused.startswith("It was locked. ")
        assert words in row.paused


def test_pause_of_all_sending_is_told_of_each_mail(engine: Engine):
    desk = Desk(engine, [])
    with transaction(engine) as session:
        outbox.pause_all(session, "Wrong list.", by=desk.ada, now=desk.bench.clock.now)
    assert {row.paused for row in desk.waiting()} == {
        "All sending is paused. Wrong list. It goes on when an admin resumes it."
    }


def test_revoked_by_the_provider_while_sending_is_told_of_the_mails_behind_too(engine: Engine):
    desk = Desk(engine, ["revoked"])
    desk.work()
    assert all("connected again" in row.paused for row in desk.waiting())
