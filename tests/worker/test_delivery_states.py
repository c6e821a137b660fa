"""People, workers, crashes, faults and time in any order: a machine of the send queue."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete, select, text, update

from data.db import transaction
from data.errors import AppError
from data.tables import Approval, Draft, Mailbox, OutboxMail, metadata
from services import outbox, suppression
from services.access import Viewer
from services.outbox import Approved
from tests.support import queued
from tests.support.crashing import Bench
from tests.support.fakes.memory import FAULTS, Fault, Provider
from worker.delivery import STEPS

KINDS: tuple[Literal["drafts", "files", "plain"], ...] = ("drafts", "files", "plain")
PEOPLE, MAILS = 2, 4


class Sending(RuleBasedStateMachine):
    """`allowed` is how often a message may reach somebody: once, and once more for each time a person
    decided that it had not gone out."""

    engine: Engine
    kind: Literal["drafts", "files", "plain"]

    @initialize()
    def empty(self) -> None:
        self.bench = Bench(self.engine, Provider(self.kind))
        self.allowed: Counter[str] = Counter()
        self.closed: dict[str, int] = {}
        """Message key to its copies at the moment from which on it must not leave."""
        self.settled_by_hand: set[str] = set()
        self.silent: dict[int, int] = {}
        self.mails: dict[int, Approved] = {}
        with transaction(self.engine) as session:
            # They only grow, so what keeps them has to go first.
            sqlite = self.engine.dialect.name == "sqlite"
            for name in ("audit_entry", "timeline_entry"):
                refusing = f"drop trigger if exists {name}_no_delete"
                without = f"alter table {name} disable trigger user"
                session.execute(text(refusing if sqlite else without))
            for table in reversed(metadata.sorted_tables):
                session.execute(delete(table))
        with transaction(self.engine) as session:
            self.ana: Viewer = queued.colleague(session, "Ana", "admin")
            self.customer = queued.customer(session, time_zone="UTC")
            self.people = [
                queued.stakeholder(session, self.customer, f"p{n}@acme.example")
                for n in range(PEOPLE)
            ]
            self.box = queued.mailbox(session, per_minute=1000)

    # What people do.

    @precondition(lambda self: len(self.mails) < MAILS)
    @rule(person=st.integers(0, PEOPLE - 1))
    def approve(self, person: int) -> None:
        now = self.bench.clock.now
        with transaction(self.engine) as session:
            draft = Draft(
                dedup_key=f"d{len(self.mails)}", kind="personal", topic="relationship",
                customer_id=self.customer, stakeholder_id=self.people[person], subject="s",
                text="t", html="h", source="manual", created_at=now, updated_at=now,
            )  # fmt: skip
            session.add(draft)
            session.flush()
            mail = queued.approved(
                self.box, f"p{person}@acme.example", now, draft_id=draft.id,
                customer_id=self.customer, stakeholder_id=self.people[person],
                owner_id=self.ana.person_id,
            )  # fmt: skip
            self._approval(session, mail)
            outbox.enqueue(session, mail, now=now)
        self.mails[draft.id] = mail
        self.allowed[self._key(mail)] = 1

    def _approval(self, session: object, mail: Approved) -> None:
        assert mail.draft_id is not None
        assert self.ana.person_id is not None
        session.add(  # type: ignore[attr-defined]
            Approval(
                draft_id=mail.draft_id,
                revision=1,
                sha256=mail.approved_hash,
                person_id=self.ana.person_id,
                at=self.bench.clock.now,
            )
        )

    @rule(which=st.integers(0, MAILS - 1))
    def edit(self, which: int) -> None:
        """Takes the mail back, unless it may have left."""
        mail = self._mail(which)
        if mail is None or mail.draft_id is None:
            return
        now = self.bench.clock.now
        with transaction(self.engine) as session:
            if outbox.withdraw(session, mail.draft_id, "Edited", by=self.ana, now=now):
                session.execute(
                    update(Approval).where(Approval.draft_id == mail.draft_id).values(voided_at=now)
                )
                self.closed[self._key(mail)] = self._copies(mail)

    @rule(which=st.integers(0, MAILS - 1))
    def approve_again(self, which: int) -> None:
        mail = self._mail(which)
        if mail is None or self._key(mail) not in self.closed:
            return
        with transaction(self.engine) as session:
            self._approval(session, mail)
            outbox.enqueue(session, mail, now=self.bench.clock.now)
        del self.closed[self._key(mail)]

    @rule(
        which=st.integers(0, MAILS - 1),
        act=st.sampled_from(["retry", "cancel", "went_out", "again"]),
    )
    def act(self, which: int, act: str) -> None:
        mail = self._mail(which)
        if mail is None:
            return
        acts = {
            "retry": outbox.retry,
            "cancel": outbox.cancel,
            "went_out": outbox.went_out,
            "again": outbox.send_again,
        }
        with suppress(AppError), transaction(self.engine) as session:
            number = session.scalars(
                select(OutboxMail.id).where(OutboxMail.dedup_key == mail.dedup_key)
            ).one()
            acts[act](session, number, by=self.ana, now=self.bench.clock.now)
            if act == "again":
                self.allowed[self._key(mail)] += 1
            elif act == "went_out":
                self.settled_by_hand.add(self._key(mail))
            elif act == "cancel":
                self.closed[self._key(mail)] = self._copies(mail)

    @rule(person=st.integers(0, PEOPLE - 1))
    def unsubscribe(self, person: int) -> None:
        with transaction(self.engine) as session:
            now = self.bench.clock.now
            suppression.suppress(session, f"p{person}@acme.example", "", "unsubscribed", now=now)
        self.silent.setdefault(person, self._reached(person))

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        change = outbox.pause_all if paused else outbox.resume_all
        with transaction(self.engine) as session:
            change(session, by=self.ana, now=self.bench.clock.now)

    @rule()
    def connect_again(self) -> None:
        with transaction(self.engine) as session:
            session.execute(update(Mailbox).values(state="ready"))

    # What workers do, and what befalls them.

    @rule(step=st.sampled_from(STEPS), faults=st.lists(st.sampled_from(FAULTS), max_size=2))
    def work(self, step: str, faults: list[Fault]) -> None:
        self.bench.provider.faults = faults
        self.bench.crash(step)

    @rule(
        step=st.sampled_from(["claimed", "prepared", "draft_kept", "on_the_wire", "called"]),
        hours=st.sampled_from([0, 1]),
        jump=st.sampled_from([0, 0, -1, 1]),
        meanwhile=st.sampled_from(["work", "edit", "unsubscribe"]),
        which=st.integers(0, MAILS - 1),
    )
    def sleep(self, step: str, hours: int, jump: int, meanwhile: str, which: int) -> None:
        """A worker stops there, within its lease or past it; the clock may be set by an hour; others go
        on; then it wakes up."""

        def stop(reached: str) -> None:
            if reached != step:
                return
            self.bench.clock.pass_by(3600 * hours)
            self.bench.clock.set_by(3600 * jump)
            if meanwhile == "edit":
                self.edit(which)
            elif meanwhile == "unsubscribe" and step != "on_the_wire":
                self.unsubscribe(which % PEOPLE)
            self.bench.run_out(rounds=2 * max(hours, jump))

        self.bench.provider.faults = []
        self.bench.worker(stop).send_next()

    @rule()
    def recover(self) -> None:
        self.bench.provider.faults = []
        self.bench.run_out(rounds=1)

    @rule(minutes=st.sampled_from([1, 2, 20, 24 * 60, 4 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.bench.clock.now += timedelta(minutes=minutes)

    # What must hold at any time.

    @invariant()
    def nobody_gets_a_mail_twice(self) -> None:
        for key, copies in self.bench.provider.copies().items():
            assert copies <= self.allowed[key]

    @invariant()
    def everybody_gets_the_text_that_was_approved(self) -> None:
        approved = {self._key(mail): mail.approved_hash for mail in self.mails.values()}
        for key, sha in self.bench.provider.ledger:
            assert sha == approved[key]

    @invariant()
    def what_was_taken_back_stays(self) -> None:
        copies = self.bench.provider.copies()
        for key, before in self.closed.items():
            assert copies[key] == before

    @invariant()
    def who_unsubscribed_is_left_alone(self) -> None:
        for person, before in self.silent.items():
            assert self._reached(person) == before

    @invariant()
    def what_is_marked_as_sent_was_sent(self) -> None:
        copies = self.bench.provider.copies()
        with transaction(self.engine, read_only=True) as session:
            sent = select(OutboxMail.message_id).where(OutboxMail.state == "sent")
            for message_id in session.scalars(sent):
                key = message_id.partition("@")[0]
                assert copies[key] or key in self.settled_by_hand

    def teardown(self) -> None:
        """In the end everything comes to rest."""
        if not hasattr(self, "bench"):
            return
        self.pause(paused=False)
        self.connect_again()
        self.bench.provider.faults = []
        self.bench.clock.pass_by(14 * 24 * 3600)
        # At most two mails a week to each person.
        for _ in range(2 * len(self.mails) + 2):
            self.bench.run_out(rounds=15)
            if not self.bench.open():
                break
            self.bench.clock.pass_by(4 * 24 * 3600)
        assert self.bench.open() == 0
        self.nobody_gets_a_mail_twice()
        self.what_was_taken_back_stays()

    def _mail(self, which: int) -> Approved | None:
        mails = list(self.mails.values())
        return mails[which % len(mails)] if mails else None

    def _copies(self, mail: Approved) -> int:
        return self.bench.provider.copies()[self._key(mail)]

    def _reached(self, person: int) -> int:
        keys = {
            self._key(mail)
            for mail in self.mails.values()
            if mail.recipient == f"p{person}@acme.example"
        }
        return sum(n for key, n in self.bench.provider.copies().items() if key in keys)

    @staticmethod
    def _key(mail: Approved) -> str:
        return mail.message_id.partition("@")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_doubled_or_sent_against_anybodys_will(
    engine: Engine, kind: Literal["drafts", "files", "plain"]
):
    machine = type("Sending", (Sending,), {"engine": engine, "kind": kind})
    examples = settings(
        max_examples=40 if engine.dialect.name == "sqlite" else 15,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(machine, settings=examples)
    assert metadata.tables  # what has to hold is said by the machine's invariants
