"""Somebody says no while a mail is passing the last gate: which of the two is first counts for both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import OutboxMail, Stakeholder
from services import outbox, suppression, wire
from services.access import Viewer
from tests.support import queued
from tests.support.crashing import Bench, Clock, Killed
from tests.support.fakes.memory import Provider

ADDRESS = "maria@acme.example"
AT_WORK = "maria@work.example"


@dataclass
class World:
    """One approved mail to Maria, who has a second address, and an admin."""

    bench: Bench
    admin: Viewer
    stakeholder: int
    seen: list[str] = field(default_factory=list[str])

    @property
    def state(self) -> str:
        with transaction(self.bench.engine, read_only=True) as session:
            return session.scalars(select(OutboxMail.state)).one()

    def waits(self) -> bool:
        """Whether anybody waits for a lock in this test's own database."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with self.bench.engine.connect() as asking:
            return bool(asking.scalar(text(waiting)))

    def begin(self, work: Callable[[], None]) -> Thread:
        """Start `work` beside, and let it go on until it has ended or has to wait."""
        thread = Thread(target=work)
        thread.start()
        while thread.is_alive() and not self.waits():
            thread.join(0.01)
        return thread


@pytest.fixture
def world(engine: Engine) -> World:
    if engine.dialect.name == "sqlite":
        pytest.skip("its writers take turns, so nobody can say no meanwhile")
    bench = Bench(engine, Provider("plain"))
    with transaction(engine) as session:
        admin = queued.colleague(session, "Ada", "admin")
        acme = queued.customer(session, time_zone="UTC")
        maria = queued.stakeholder(session, acme, ADDRESS)
        box = queued.mailbox(session)
        mail = queued.approved(
            box, ADDRESS, bench.clock.now, customer_id=acme, stakeholder_id=maria
        )
        outbox.enqueue_many(session, [mail], now=bench.clock.now)
    return World(bench, admin, maria)


def unsubscribed(session: Session, world: World, clock: Clock) -> None:
    suppression.suppress(session, ADDRESS, "", "unsubscribed", now=clock.now)


def complained_elsewhere(session: Session, world: World, clock: Clock) -> None:
    """From an address that nobody knows to be hers, but the mail it answers was for her."""
    suppression.suppress(
        session, AT_WORK, "", "complaint", stakeholder_id=world.stakeholder, now=clock.now
    )


def imported(session: Session, world: World, clock: Clock) -> None:
    suppression.import_list(session, ADDRESS.encode(), "", by=world.admin, now=clock.now)


def paused(session: Session, world: World, clock: Clock) -> None:
    outbox.pause_all(session, by=world.admin, now=clock.now)


def marked(session: Session, world: World, clock: Clock) -> None:
    session.get_one(Stakeholder, world.stakeholder).unsubscribed = True


WAYS = [unsubscribed, complained_elsewhere, imported, paused, marked]
Way = Callable[[Session, World, Clock], None]


@pytest.mark.parametrize("says_no", WAYS)
def test_no_that_comes_while_a_mail_passes_the_gate_waits_until_it_is_marked(
    world: World, says_no: Way
):
    bench = world.bench
    beside: list[Thread] = []

    def say_no() -> None:
        with transaction(bench.engine) as session:
            says_no(session, world, bench.clock)
        world.seen.append(world.state)

    def at(step: str) -> None:
        if step == "passing_gate":
            beside.append(world.begin(say_no))

    bench.worker(at).send_next()
    for thread in beside:
        thread.join()
    # Once the no is committed, the mail was on the wire: nothing begins to leave after it.
    assert world.seen in (["wire"], ["sent"])


@pytest.mark.parametrize("says_no", WAYS)
def test_mail_that_comes_to_the_gate_while_a_no_is_being_committed_heeds_it(
    world: World, says_no: Way
):
    bench = world.bench
    beside: list[Thread] = []

    def send() -> None:
        bench.worker().send_next()

    with transaction(bench.engine) as session:
        says_no(session, world, bench.clock)
        session.flush()
        event.listen(session, "before_commit", lambda _: beside.append(world.begin(send)))
    for thread in beside:
        thread.join()
    assert world.state == ("queued" if says_no is paused else "blocked")
    assert not bench.provider.ledger


def test_second_no_in_one_transaction_takes_the_turn_once(world: World):
    with transaction(world.bench.engine) as session:
        unsubscribed(session, world, world.bench.clock)
        imported(session, world, world.bench.clock)
        paused(session, world, world.bench.clock)
    assert not world.bench.worker().send_next()
    assert world.state == "queued"


def test_no_that_is_taken_back_holds_nobody_up(world: World):
    with suppress(Killed), transaction(world.bench.engine) as session:
        unsubscribed(session, world, world.bench.clock)
        raise Killed
    world.bench.worker().send_next()
    assert world.state == "sent"


def test_no_within_a_part_of_a_transaction_takes_its_turn_at_the_end_of_all(world: World):
    """Letters are taken in one by one, each a part of its own: a turn from the first bounce on would hold up all
    mail meanwhile, and who waits for a row then could be waited for."""
    free = text("SELECT pg_try_advisory_xact_lock_shared(:key)")

    def others_may_go() -> bool:
        with world.bench.engine.connect() as other:
            return bool(other.scalar(free, {"key": wire.GATE_LOCK}))

    with transaction(world.bench.engine) as session:
        with session.begin_nested():
            unsubscribed(session, world, world.bench.clock)
        assert others_may_go()
        event.listen(session, "before_commit", lambda _: world.seen.append(str(others_may_go())))
    assert world.seen == ["False"]
    assert others_may_go()
