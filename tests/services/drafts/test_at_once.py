"""People and workers on the same drafts at the same moment, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AppError, InvalidMove
from data.tables import Approval, Draft, Mailbox, OutboxEvent, OutboxMail
from services import drafts, outbox
from services.access import Viewer
from services.drafts import DraftView
from services.outbox import policy as policies
from tests.services.drafts.machine import OPEN, START
from tests.services.drafts.oracle import holds, marker
from tests.services.drafts.world import make, new_draft, queued
from tests.support.portfolio import Portfolio, portfolio

MOVES = ("approve", "approve", "approve", "edit", "undo", "reject")
SECOND = timedelta(seconds=1)


@dataclass
class Reviewer:
    """Somebody who opens drafts and does something to each, a moment later."""

    engine: Engine
    who: Viewer
    numbers: list[int]
    seed: int
    approved: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])

    def work(self) -> None:
        dice = Random(self.seed)
        for turn in range(25):
            number, move = dice.choice(self.numbers), dice.choice(MOVES)
            now = START + turn * SECOND
            with transaction(self.engine, read_only=True) as session:
                shown = drafts.view(session, self.who, number, now)
            try:
                with transaction(self.engine) as session:
                    self._move(session, move, shown, turn)
            except AppError:
                continue  # somebody was faster
            if move == "approve":
                self.approved.add((number, shown.text.split()[-1]))

    def _move(self, session: Session, move: str, shown: DraftView, turn: int) -> None:
        which = {"draft_id": shown.id, "revision": shown.revision}
        edge = {"by": self.who, "now": START + turn * SECOND}
        if move == "approve":
            drafts.approve(session, **which, accepted=("duplicate",), **edge)
        elif move == "edit":
            words = f"Hello\n\nversion{self.seed}.{turn}"
            drafts.edit(session, **which, subject="Words", text=words, **edge)
        elif move == "undo":
            drafts.undo_approval(session, **which, **edge)
        else:
            drafts.reject(session, **which, why="no", **edge)
            drafts.reopen(session, shown.id, shown.revision, **edge)


@dataclass
class Worker:
    """Takes what is due to the wire, where it stays."""

    engine: Engine
    turns: int = 40
    gone: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def work(self) -> None:
        for turn in range(self.turns):
            now = START + turn * SECOND
            with transaction(self.engine) as session:
                claimed = outbox.claim(session, now=now, seconds=600)
            if claimed is None:
                continue
            with transaction(self.engine) as session:
                passed = outbox.pass_gate(session, claimed.lease, now=now, seconds=600)
                row = session.get_one(OutboxMail, claimed.lease.id)
                number, words = row.draft_id or 0, marker(row.raw)
            if passed and passed.lease:
                self.gone.append((number, words))


def begin(engine: Engine) -> tuple[Portfolio, list[int]]:
    with transaction(engine) as session:
        world = portfolio(session, START)
        box = Mailbox(kind="eml", address="a@ours.example", per_minute=10_000, created_at=START)
        session.add(box)
        policies.save(session, replace(OPEN, undo_seconds=0), by=world.ada, now=START)
        new = [
            new_draft(world, f"k{n}", text=f"Hello\n\nversion{n}", may_hold=False) for n in range(6)
        ]
        return world, drafts.create_many(session, new, now=START)


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_goes_out_that_was_not_approved_as_it_is(engine: Engine, seed: int):
    world, numbers = begin(engine)
    people = [
        Reviewer(engine, who, numbers, 10 * seed + place)
        for place, who in enumerate((world.dana, world.morgan, world.ada))
    ]
    workers = [Worker(engine), Worker(engine)]
    with ThreadPoolExecutor(5) as pool:
        for future in [pool.submit(one.work) for one in (*people, *workers)]:
            future.result()
    with transaction(engine, read_only=True) as session:
        holds(session)
    gone = [one for worker in workers for one in worker.gone]
    approved = set().union(*(person.approved for person in people))
    assert approved
    assert len({number for number, _ in gone}) == len(gone), "left twice"
    assert set(gone) <= approved


def test_of_two_approvals_in_the_same_moment_one_counts(engine: Engine):
    world, numbers = begin(engine)
    number = numbers[0]

    def approve(who: Viewer) -> bool:
        try:
            with transaction(engine) as session:
                drafts.approve(session, number, 1, by=who, now=START, accepted=("duplicate",))
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(approve, (world.dana, world.morgan, world.ada)))
    assert sorted(done) == [False, False, True]
    with transaction(engine, read_only=True) as session:
        holds(session)


def queue_one(engine: Engine, world: Portfolio, number: int) -> int:
    """The draft, approved; its mail in the send queue."""
    with transaction(engine) as session:
        drafts.approve(session, number, 1, by=world.dana, now=START, accepted=("duplicate",))
    with transaction(engine, read_only=True) as session:
        mail = select(OutboxMail.id).where(OutboxMail.draft_id == number)
        return session.scalars(mail).one()


def all_at_once(*moves: Callable[[], bool]) -> list[bool]:
    """What each came to; none begins before all are ready."""
    ready = Barrier(len(moves))

    def go(move: Callable[[], bool]) -> bool:
        ready.wait(30)
        return move()

    with ThreadPoolExecutor(len(moves)) as pool:
        return list(pool.map(go, moves))


def cancelling(engine: Engine, mail: int, who: Viewer) -> Callable[[], bool]:
    def cancel() -> bool:
        try:
            with transaction(engine) as session:
                outbox.cancel(session, mail, by=who, now=START)
        except InvalidMove:
            return False
        return True

    return cancel


def state_of(engine: Engine, mail: int) -> tuple[str, list[str]]:
    """Of a mail, and the states it went through."""
    with transaction(engine, read_only=True) as session:
        events = select(OutboxEvent.to_state).where(OutboxEvent.outbox_id == mail)
        told = list(session.scalars(events.order_by(OutboxEvent.id)))
        return session.get_one(OutboxMail, mail).state, told


def test_mail_cancelled_while_workers_claim_it_leaves_or_is_cancelled_never_both(engine: Engine):
    world, numbers = begin(engine)
    for number in numbers:
        mail = queue_one(engine, world, number)
        workers = [Worker(engine, turns=1) for _ in range(2)]

        def sending(worker: Worker) -> Callable[[], bool]:
            def send() -> bool:
                worker.work()
                return bool(worker.gone)

            return send

        cancelled, *sent = all_at_once(
            cancelling(engine, mail, world.dana), *(sending(one) for one in workers)
        )
        assert sorted([cancelled, *sent]) == [False, False, True]
        end = "cancelled" if cancelled else "wire"
        assert state_of(engine, mail) == (end, ["queued", end])


def test_of_two_who_cancel_in_the_same_moment_one_is_told_that_it_moved_on(engine: Engine):
    world, numbers = begin(engine)
    for number in numbers:
        mail = queue_one(engine, world, number)
        people = (world.dana, world.morgan, world.ada)
        done = all_at_once(*(cancelling(engine, mail, who) for who in people))
        assert sorted(done) == [False, False, True]
        assert state_of(engine, mail) == ("cancelled", ["queued", "cancelled"])


def test_cancel_and_retry_in_the_same_moment_leave_a_state_that_one_of_them_chose(engine: Engine):
    world, numbers = begin(engine)
    for number in numbers:
        mail = queue_one(engine, world, number)
        with transaction(engine) as session:
            session.execute(update(OutboxMail).where(OutboxMail.id == mail).values(state="failed"))

        def retry(mail: int = mail) -> bool:
            try:
                with transaction(engine) as session:
                    outbox.retry(session, mail, by=world.ada, now=START)
            except InvalidMove:
                return False
            return True

        cancelled, retried = all_at_once(cancelling(engine, mail, world.dana), retry)
        # What is tried again can still be cancelled; what is cancelled is not tried again.
        assert cancelled
        ways = [["queued", "queued", "cancelled"], ["queued", "cancelled"]]
        assert state_of(engine, mail) == ("cancelled", ways[0] if retried else ways[1])


def test_merged_mail_is_not_cancelled_while_somebody_has_a_draft_it_was_made_of(engine: Engine):
    """They may be waiting for the mail in turn. It stays queued, and can be cancelled afterwards."""
    if engine.dialect.name == "sqlite":
        pytest.skip("There is one writer at a time.")
    with transaction(engine) as session:
        known = portfolio(session, START)
        first, second = (make(session, known, START, key) for key in "ab")
        made = drafts.merge(session, first.id, 1, other_id=second.id, by=known.dana, now=START)
        drafts.approve(session, made, 1, by=known.dana, now=START)
        part, mail = second.id, queued(session, made)[0].id
    cancel = cancelling(engine, mail, known.dana)
    with transaction(engine) as other:
        other.get_one(Draft, part, with_for_update=True)
        assert not cancel()
    assert state_of(engine, mail) == ("queued", ["queued"])
    assert cancel()
    with transaction(engine, read_only=True) as session:
        states = session.scalars(select(Draft.state).order_by(Draft.id)).all()
        assert states == ["pending", "held", "cancelled"]


@pytest.mark.parametrize("way", ["cancel", "reject"])
def test_part_that_is_closed_while_its_mail_is_being_approved_takes_the_approval_along(
    engine: Engine, way: str
):
    world, numbers = begin(engine)
    first, second = numbers[:2]
    with transaction(engine) as session:
        made = drafts.merge(session, first, 1, other_id=second, by=world.dana, now=START)
        revision = session.get_one(Draft, made).revision
    closing = Event()

    def close() -> None:
        with transaction(engine) as session:
            closing.set()
            if way == "cancel":
                drafts.cancel(session, first, "It is off.", now=START)
            else:
                drafts.reject(session, first, 1, "No", by=world.morgan, now=START)

    accepted = ("duplicate", "same_day")
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            drafts.approve(session, made, revision, by=world.dana, now=START, accepted=accepted)
            session.flush()
            closed = pool.submit(close)
            closing.wait(10)
            with suppress(TimeoutError):  # on Postgres it waits for the approval by now
                closed.result(0.3)
        closed.result()
    with transaction(engine, read_only=True) as session:
        assert session.get_one(Draft, made).state == "cancelled"
        assert session.scalars(select(Approval.voided_at)).one() is not None
        assert session.scalars(select(OutboxMail.state)).one() == "cancelled"
