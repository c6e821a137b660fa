"""People and the worker moving a few drafts about, each with their own idea of how these stand."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

import api.auth
import api.routers.drafts
import data.db
from api.main import api as app
from data.db import transaction
from data.errors import AppError
from data.tables import Mailbox, OutboxMail
from integrations.senders import Outcome
from services import drafts, outbox
from services.access import Viewer, tokens
from services.ids import public_id
from services.outbox import SendPolicy, Timing
from services.outbox import policy as policies
from tests.services.drafts.oracle import Known, Seen, holds, marker
from tests.services.drafts.world import new_draft
from tests.support import databases
from tests.support.portfolio import Portfolio, portfolio

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPEN = SendPolicy(
    undo_seconds=30,
    per_stakeholder=1000,
    per_customer=1000,
    quiet_from=time(0),
    quiet_until=time(0),
    weekends=True,
)
REFUSED = (AppError,)
CLIENT = TestClient(app)


class Moves(RuleBasedStateMachine):
    """UI, API and worker against one database, each with its own idea of what is there."""

    template: ClassVar[Path]
    done: ClassVar[Counter[str]]
    """How often each move came about in the whole run: a test in which none did would say nothing."""
    screens: Bundle[Seen] = Bundle("screens")

    def __init__(self) -> None:
        super().__init__()
        self.now, self.count, self.four_eyes = START, 0, False
        self.known: dict[int, Known] = {}
        self.read: set[tuple[int, int, int]] = set()
        self.claimed: list[outbox.Claimed] = []
        self.flying: list[tuple[outbox.Claimed, object]] = []
        self.stack = ExitStack()
        fresh = databases.sqlite_database(self.template, self.folder())
        self.engine: Engine = self.stack.enter_context(fresh)

    def folder(self) -> Path:
        raise NotImplementedError

    def teardown(self) -> None:
        self.stack.close()

    @initialize(target=screens, critical=st.booleans(), four_eyes=st.booleans())
    def begin(self, critical: bool, four_eyes: bool):
        with transaction(self.engine) as session:
            self.world: Portfolio = portfolio(session, self.now)
            session.add(
                Mailbox(
                    kind="eml", address="a@ours.example", per_minute=10_000, created_at=self.now
                )
            )
            policies.save(session, OPEN, by=self.world.ada, now=self.now)
            self.tokens = {
                who.name: tokens.create_token(
                    session, "test", by=who, now=self.now, scopes=["drafts:approve"]
                )
                for who in self.people()
            }
        patched = self.stack.enter_context(pytest.MonkeyPatch.context())
        patched.setattr(data.db, "engine", lambda: self.engine)
        for module in (api.auth, api.routers.drafts):
            patched.setattr(module, "utc_now", lambda: self.now)
        self.change_the_rule(four_eyes)
        # From the start, and on three screens: otherwise most runs would move nothing.
        number = self.add(critical)
        seen = [self.look_at(number, who) for who in self.people()]
        self.begun()
        return multiple(*seen)

    def begun(self) -> None:
        """For what else is there from the start."""

    def call(self, who: Viewer, path: str, **said: object) -> dict[str, Any] | None:
        """What the API answers to this person's token; None when it refuses."""
        bearer = {"Authorization": f"Bearer {self.tokens[who.name]}"}
        made = (
            CLIENT.post(path, json=said, headers=bearer)
            if said
            else CLIENT.get(path, headers=bearer)
        )
        assert made.status_code in (200, 403, 404, 409, 422), made.text
        return made.json() if made.status_code == 200 else None

    def people(self) -> list[Viewer]:
        return [self.world.dana, self.world.morgan, self.world.ada]

    def words(self) -> str:
        self.count += 1
        return f"Hello\n\nversion{self.count}"

    @precondition(lambda self: len(self.known) < 3)
    @rule(target=screens, critical=st.booleans(), reader=st.integers(0, 2))
    def make(self, critical: bool, reader: int):
        return self.look_at(self.add(critical), self.people()[reader])

    def add(self, critical: bool) -> int:
        text = self.words()
        with transaction(self.engine) as session:
            whom = (self.world.maria, self.world.tom)[self.count % 2]
            new = new_draft(
                self.world, f"k{self.count}", text=text, may_hold=False, stakeholder_id=whom,
                severity="critical" if critical else "normal",
            )  # fmt: skip
            number = drafts.create(session, new, now=self.now)
        assert number is not None
        self.known[number] = Known(text.split()[-1], critical)
        return number

    def look_at(self, number: int, who: Viewer) -> Seen:
        with transaction(self.engine) as session:
            shown = drafts.view(session, who, number, self.now)
            drafts.note_read(session, number, shown.revision, by=who, now=self.now)
        self.opened(number, shown.revision, who)
        return Seen(number, shown.revision, shown.text.split()[-1], who)

    def opened(self, number: int, revision: int, who: Viewer) -> None:
        self.read.add((number, revision, who.person_id or 0))

    @rule(target=screens, screen=screens, reader=st.integers(0, 2))
    def open_again(self, screen: Seen, reader: int):
        return self.look_at(screen.draft_id, self.people()[reader])

    @rule(screen=screens)
    def approve(self, screen: Seen) -> None:
        try:
            with transaction(self.engine) as session:
                done = drafts.approve(
                    session, screen.draft_id, screen.revision,
                    by=screen.who, now=self.now, accepted=("duplicate",),
                )  # fmt: skip
        except REFUSED:
            self.done["refused"] += 1
            return
        self.took(screen, done.state, "service")

    @rule(target=screens, screen=screens, reader=st.integers(0, 2))
    def read_by_api(self, screen: Seen, reader: int):
        who = self.people()[reader]
        found = self.call(who, f"/drafts/{public_id('draft', screen.draft_id)}")
        assert found is not None
        return Seen(screen.draft_id, found["revision"], found["text"].split()[-1], who)

    @rule(screen=screens)
    def approve_by_api(self, screen: Seen) -> None:
        path = f"/drafts/{public_id('draft', screen.draft_id)}"
        read = self.call(screen.who, path)
        assert read is not None
        said = {"revision": screen.revision, "accept": ["duplicate"], "way": read["way"]}
        done = self.call(screen.who, f"{path}/approve", **said)
        if done is not None:
            self.took(screen, done["state"], "API")

    @rule(screen=screens)
    def reject_by_api(self, screen: Seen) -> None:
        path = f"/drafts/{public_id('draft', screen.draft_id)}/reject"
        if self.call(screen.who, path, revision=screen.revision, why="no") is not None:
            self.void(screen.draft_id, self.known[screen.draft_id].text)
            self.done["reject, API"] += 1

    @rule(several=st.lists(screens, min_size=1, max_size=3, unique_by=lambda one: one.draft_id))
    def approve_many(self, several: list[Seen]) -> None:
        who = several[0].who
        with transaction(self.engine) as session:
            wanted = [(one.draft_id, one.revision) for one in several]
            done = drafts.approve_many(session, wanted, by=who, now=self.now)
        for one in several:
            state = {"approved": done.approved, "second_look": done.second_look}
            for name, numbers in state.items():
                if one.draft_id in numbers:
                    mine = (one.draft_id, one.revision, who.person_id or 0)
                    assert mine in self.read, "approved unread"
                    self.took(one, name, "many", by=who)

    def took(self, screen: Seen, state: str, way: str, *, by: Viewer | None = None) -> None:
        """An approval came about, and led to this state."""
        self.done[f"{state}, {way}"] += 1
        known = self.known[screen.draft_id]
        assert screen.text == known.text, "approved other words than were on the screen"
        known.approvers.add((by or screen.who).person_id or 0)
        known.approved = state == "approved"
        two = self.four_eyes and known.critical
        assert not (known.approved and two and len(known.approvers) < 2), "one person was enough"

    @rule(target=screens, screen=screens, back=st.booleans())
    def edit(self, screen: Seen, back: bool):
        text = f"Hello\n\n{screen.text}" if back else self.words()
        try:
            with transaction(self.engine) as session:
                revision = drafts.edit(
                    session, screen.draft_id, screen.revision,
                    subject="Words", text=text, by=screen.who, now=self.now,
                )  # fmt: skip
        except REFUSED:
            return multiple()
        if revision != screen.revision:
            self.void(screen.draft_id, text.split()[-1])
            self.done["edit, service"] += 1
        self.opened(screen.draft_id, revision, screen.who)
        return Seen(screen.draft_id, revision, text.split()[-1], screen.who)

    @rule(screen=screens, move=st.sampled_from(["undo", "reject", "cancel", "reopen", "later"]))
    def other_move(self, screen: Seen, move: str) -> None:
        edge = {"by": screen.who, "now": self.now}
        number, revision = screen.draft_id, screen.revision
        try:
            with transaction(self.engine) as session:
                if move == "undo":
                    revision = drafts.undo_approval(session, number, revision, **edge)
                elif move == "reject":
                    drafts.reject(session, number, revision, "no", **edge)
                elif move == "cancel":
                    drafts.cancel(session, number, "no", **edge)
                elif move == "reopen":
                    drafts.reopen(session, number, revision, **edge)
                else:
                    later = self.now + timedelta(minutes=2)
                    revision = drafts.schedule(session, number, revision, later, **edge)
        except REFUSED:
            return
        self.opened(number, revision, screen.who)
        self.void(number, self.known[number].text)
        self.done[f"{move}, service"] += 1

    def void(self, number: int, text: str) -> None:
        known = self.known[number]
        known.text, known.approved = text, False
        known.approvers.clear()

    @rule(two=st.booleans(), way=st.integers(0, 2))
    def approve_and_let_it_leave(self, two: bool, way: int) -> None:
        """The whole way at once, which moves drawn one by one seldom go to its end."""
        number = max(self.known)
        for who in self.people()[: 1 + two]:
            screen = self.look_at(number, who)
            if way == 0:
                self.approve(screen)
            elif way == 1:
                self.approve_by_api(screen)
            else:
                self.approve_many([screen])
        if self.known[number].approved:
            self.worker_claims(200)
            self.worker_passes_the_gate(0)

    @precondition(lambda self: any(known.critical for known in self.known.values()))
    @rule(on=st.booleans())
    def change_the_rule(self, on: bool) -> None:
        with transaction(self.engine) as session:
            changed = replace(OPEN, four_eyes_severity="critical" if on else None)
            policies.save(session, changed, by=self.world.ada, now=self.now)
        self.four_eyes = on

    @precondition(lambda self: any(known.approved for known in self.known.values()))
    @rule(seconds=st.sampled_from([1, 31, 200]))
    def worker_claims(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        with transaction(self.engine) as session:
            claimed = outbox.claim(session, now=self.now, seconds=60)
        if claimed:
            self.claimed.append(claimed)

    @precondition(lambda self: self.claimed)
    @rule(place=st.integers(0, 5))
    def worker_passes_the_gate(self, place: int) -> None:
        if not self.claimed:
            return
        claimed = self.claimed.pop(place % len(self.claimed))
        with transaction(self.engine) as session:
            passed = outbox.pass_gate(session, claimed.lease, now=self.now, seconds=60)
            row = session.get_one(OutboxMail, claimed.lease.id)
            number, raw = row.draft_id, row.raw
        assert number is not None
        known = self.known[number]
        if passed is not None and passed.decision.kind == "recall":
            known.approved = False
            self.done["recalled"] += 1
        if passed is None or passed.lease is None:
            return
        two = self.four_eyes and known.critical
        assert not two or len(known.approvers) >= 2, "one person was enough"
        assert known.approved, "left without an approval"
        assert marker(raw) == known.text, "left with other words than were approved"
        assert claimed.outgoing.raw == raw
        assert known.sent == [], "left twice"
        known.sent.append(known.text)
        self.done["left"] += 1
        self.flying.append((claimed, passed.lease))

    @precondition(lambda self: self.flying)
    @rule(kind=st.sampled_from(["sent", "unknown", "refused_for_now", "refused_for_good"]))
    def provider_answers(self, kind: str) -> None:
        claimed, lease = self.flying.pop()
        with transaction(self.engine) as session:
            outcome = Outcome(kind, provider_id=claimed.outgoing.message_id)  # type: ignore[arg-type]
            outbox.record(session, lease, outcome, now=self.now, timing=Timing())  # type: ignore[arg-type]
            row = session.get_one(OutboxMail, claimed.lease.id)
            if kind.startswith("refused") and row.draft_id:
                self.known[row.draft_id].sent.clear()  # it certainly did not go out

    @invariant()
    def what_is_queued_is_approved_as_it_stands(self) -> None:
        with transaction(self.engine, read_only=True) as session:
            holds(session)
            for row in session.scalars(select(OutboxMail).where(OutboxMail.state == "queued")):
                assert row.draft_id is not None
                known = self.known[row.draft_id]
                assert known.approved
                assert marker(row.raw) == known.text
