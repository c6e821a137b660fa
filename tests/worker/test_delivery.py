from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import (
    Approval,
    Draft,
    Mailbox,
    Notification,
    OutboxEvent,
    OutboxMail,
    Person,
    Suppression,
    TimelineEntry,
    Touch,
)
from integrations.senders import HELD_UP
from integrations.senders.eml import EmlSender
from integrations.senders.smtp import SmtpSender
from services import outbox
from services.outbox import policy
from services.outbox.moves import MOVES
from services.outbox.timing import MOST_REFUSALS
from tests.support import queued
from tests.support.crashing import Bench
from tests.support.fakes.memory import FAULTS, Fault, Provider
from tests.support.fakes.smtp import Fault as SmtpFault
from tests.support.fakes.smtp import running_smtp
from worker.delivery import RECOVERY_STEPS, STEPS

KINDS = ("drafts", "files", "plain")
ONLY_WITH_DRAFTS = ("preparing", "prepared", "keeping_draft", "draft_kept")


@pytest.fixture(params=KINDS)
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench(engine, Provider(request.param))


def queue(bench: Bench, count: int = 1, **values: Any) -> list[int]:
    """Approved mails to one person each of a customer, with a CSM to tell."""
    with transaction(bench.engine) as session:
        ana = queued.colleague(session, "Ana")
        customer = queued.customer(session, time_zone="UTC")
        box = queued.mailbox(session, per_minute=1000)
        mails = []
        for n in range(count):
            person = queued.stakeholder(session, customer, f"p{n}@acme.example")
            given = {
                "customer_id": customer,
                "stakeholder_id": person,
                "owner_id": ana.person_id,
            }
            mails.append(
                queued.approved(box, f"p{n}@acme.example", bench.clock.now, **(given | values))
            )
        return outbox.enqueue_many(session, mails, now=bench.clock.now)


def rows(bench: Bench) -> list[OutboxMail]:
    with transaction(bench.engine, read_only=True) as session:
        return list(session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def states(bench: Bench) -> list[str]:
    return [row.state for row in rows(bench)]


def assert_moves_allowed(bench: Bench) -> None:
    with transaction(bench.engine, read_only=True) as session:
        events = session.execute(select(OutboxEvent).order_by(OutboxEvent.id)).scalars()
        for event in events:
            assert event.from_state is None or event.to_state in MOVES[event.from_state]


@pytest.mark.parametrize("step", STEPS)
def test_worker_killed_at_any_step_loses_and_doubles_nothing(bench: Bench, step: str):
    queue(bench, 3)
    reached = bench.crash(step, nth=2)
    assert reached == (bench.provider.kind == "drafts" or step not in ONLY_WITH_DRAFTS)
    bench.run_out()
    may_be_out = bench.provider.kind == "plain" and step in ("on_the_wire", "called", "recording")
    wanted = ["review" if may_be_out else "sent", "sent", "sent"]
    assert sorted(states(bench)) == sorted(wanted)
    assert set(bench.provider.copies().values()) == {1}
    assert len(bench.provider.ledger) == (2 if may_be_out and step == "on_the_wire" else 3)
    assert {row.approved_hash for row in rows(bench)} >= set(bench.provider.texts().values())
    assert_moves_allowed(bench)


@pytest.mark.parametrize(
    ("died", "step"),
    [
        *itertools.product(["on_the_wire", "called"], RECOVERY_STEPS),
        ("claimed", "recovering"),
        ("claimed", "recovered"),
    ],
)
def test_worker_killed_while_it_recovers_loses_and_doubles_nothing(
    bench: Bench, died: str, step: str
):
    queue(bench, 2)
    assert bench.crash(died)
    assert bench.crash_recovering(step)
    bench.run_out()
    may_be_out = bench.provider.kind == "plain" and died != "claimed"
    assert sorted(states(bench)) == (["review", "sent"] if may_be_out else ["sent", "sent"])
    assert set(bench.provider.copies().values()) == {1}
    assert len(bench.provider.ledger) == (1 if may_be_out and died == "on_the_wire" else 2)
    assert_moves_allowed(bench)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at_call", [0, 1])
def test_faulty_provider_loses_and_doubles_nothing(bench: Bench, fault: Fault, at_call: int):
    """With drafts the first call makes the draft and the second sends it."""
    queue(bench, 2)
    before: list[Fault] = ["none"] * at_call
    bench.provider.faults = [*before, fault]
    bench.run_out()
    if fault == "revoked":
        assert "queued" in states(bench)
        with transaction(bench.engine) as session:
            session.execute(update(Mailbox).values(state="ready"))
        bench.run_out()
    ends = {"hard": "failed"}
    if bench.provider.kind == "plain":
        ends |= {"lost": "review", "taken": "review"}
    assert sorted(states(bench)) == sorted([ends.get(fault, "sent"), "sent"])
    assert set(bench.provider.copies().values()) == {1}
    assert_moves_allowed(bench)


def sleep_at(bench: Bench, step: str, seconds: float) -> None:
    """A worker stops at `step`, another one takes over, the first wakes up and goes on."""

    def stop(reached: str) -> None:
        if reached == step:
            bench.clock.pass_by(seconds)
            bench.run_out(rounds=3)

    bench.worker(stop).send_next()


@pytest.mark.parametrize("step", ["claimed", "prepared", "draft_kept", "on_the_wire", "called"])
def test_worker_that_slept_past_its_lease_changes_nothing(bench: Bench, step: str):
    queue(bench)
    sleep_at(bench, step, 3600)
    bench.run_out()
    left_alone = bench.provider.kind == "plain" and step == "on_the_wire"
    assert len(bench.provider.ledger) == (0 if left_alone else 1)
    assert states(bench) == ["review" if left_alone else "sent"]


@pytest.mark.parametrize("seconds", [3600, -3600])
@pytest.mark.parametrize("step", ["claimed", "on_the_wire", "called"])
def test_clock_set_by_an_hour_loses_and_doubles_nothing(bench: Bench, step: str, seconds: int):
    """While a worker is at `step`, with another one beside it."""
    queue(bench, 2)

    def jump(reached: str) -> None:
        if reached == step and not bench.clock.passed:
            bench.clock.set_by(seconds)
            bench.run_out(rounds=1)

    bench.worker(jump).send_next()
    bench.run_out(rounds=2)
    bench.clock.pass_by(3600)
    bench.run_out()
    # Set forward, a lease looks over though it is not; only SMTP cannot be asked what came of it.
    asked = bench.provider.kind == "plain" and step == "on_the_wire" and seconds > 0
    assert sorted(states(bench)) == (["review", "sent"] if asked else ["sent", "sent"])
    assert set(bench.provider.copies().values()) == {1}
    assert_moves_allowed(bench)


def test_worker_that_slept_hands_nothing_over_though_the_clock_was_set_back(bench: Bench):
    queue(bench)
    taken: list[int] = []

    def stop(reached: str) -> None:
        if reached == "on_the_wire":
            bench.clock.pass_by(3600)
            bench.clock.set_by(-3600)
        elif reached == "called":
            taken.append(len(bench.provider.ledger))

    bench.worker(stop).send_next()
    assert taken == [0]
    bench.run_out()
    assert (states(bench), len(bench.provider.ledger)) == (["sent"], 1)


def test_worker_that_is_held_up_again_and_again_gives_nothing_up(bench: Bench):
    """The machine is slow, not the provider unwilling."""
    queue(bench)

    def dawdle(reached: str) -> None:
        if reached == "on_the_wire":
            bench.clock.pass_by(80)

    for _ in range(MOST_REFUSALS + 2):
        assert bench.worker(dawdle).send_next()
        bench.clock.pass_by(61)
    [row] = rows(bench)
    assert (row.state, row.attempts, row.reason) == ("queued", 0, HELD_UP.reply)
    bench.run_out()
    assert (states(bench), len(bench.provider.ledger)) == (["sent"], 1)


def drafted(bench: Bench) -> int:
    """One approved mail that came of a draft; the draft's id."""
    [mail] = queue(bench)
    with transaction(bench.engine) as session:
        return drafted_of(session, mail, bench)


def drafted_of(session: Session, mail: int, bench: Bench) -> int:
    row = session.get_one(OutboxMail, mail)
    owner = row.owner_id or session.scalars(select(Person.id)).first()
    assert owner is not None
    at = {"created_at": bench.clock.now, "updated_at": bench.clock.now}
    draft = Draft(
        dedup_key="d", kind="personal", topic="relationship", customer_id=row.customer_id,
        stakeholder_id=row.stakeholder_id, owner_id=owner, subject="s", text="t",
        html="h", source="manual", state="approved", **at,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    session.add(
        Approval(
            draft_id=draft.id, revision=1, sha256=row.approved_hash,
            person_id=owner, at=bench.clock.now,
        )
    )  # fmt: skip
    row.draft_id = draft.id
    return draft.id


def test_mail_on_the_wire_can_no_longer_be_taken_back(bench: Bench):
    """A worker stops between its last look and the call, past its lease: whoever withdraws the mail in
    between is told no; where that becomes possible again, the sleeper no longer hands it over."""
    draft = drafted(bench)
    withdrawn: list[bool] = []

    def withdraw() -> None:
        with transaction(bench.engine) as session:
            done = outbox.withdraw(session, draft, "Edited", by=None, now=bench.clock.now)
            withdrawn.append(done)

    def stop(reached: str) -> None:
        if reached == "on_the_wire":
            assert states(bench) == ["wire"]
            withdraw()
            bench.clock.pass_by(3600)
            withdraw()
            for _ in range(3):
                bench.worker().recover()
                bench.clock.pass_by(60)
                bench.worker().settle_next()
            withdraw()

    bench.worker(stop).send_next()
    bench.run_out()
    plain = bench.provider.kind == "plain"
    assert withdrawn == [False, False, not plain]
    assert states(bench) == ["review" if plain else "cancelled"]
    assert bench.provider.ledger == []


def test_mail_that_smtp_may_have_is_never_queued_again(engine: Engine):
    """Neither killed, nor asleep, nor cut off after the message and before the answer."""
    bench = Bench(engine, Provider("plain", faults=["taken", "none", "lost"]))
    queue(bench, 4)
    bench.crash("on_the_wire", nth=4)
    bench.run_out()
    assert sorted(states(bench)) == ["review", "review", "review", "sent"]
    with transaction(engine) as session:
        back = select(OutboxEvent.id).where(
            OutboxEvent.from_state.in_(["wire", "unknown", "review"]),
            OutboxEvent.to_state == "queued",
        )
        assert session.scalars(back).all() == []


@pytest.mark.parametrize("fault", ["dropped", "lost"])
def test_line_cut_between_the_message_and_the_answer_is_left_to_a_person(
    engine: Engine, tmp_path: Path, fault: SmtpFault
):
    """With a real server: `dropped` has taken the mail and its 250 is lost, `lost` has not taken it."""
    with running_smtp(tmp_path) as server:
        bench = Bench(engine, Provider("plain"), real=SmtpSender(server.account()))
        queue(bench, 2)
        server.next_faults["data"].append(fault)
        bench.run_out()
    assert sorted(states(bench)) == ["review", "sent"]
    assert len(server.ledger) == (2 if fault == "dropped" else 1)
    unsure = next(row for row in rows(bench) if row.state == "review")
    assert "No answer after the message was handed over" in (unsure.reply or "")


def test_full_disk_puts_mail_off_until_there_is_room(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "mail"
    bench = Bench(engine, Provider("files"), real=EmlSender(folder))
    queue(bench)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        bench.worker().send_next()
    [row] = rows(bench)
    assert (row.state, list(folder.iterdir())) == ("queued", [])
    assert "No space left on device. Make room there; it is tried again." in (row.reason or "")
    bench.run_out()
    [file] = folder.iterdir()
    assert (states(bench), file.read_bytes()) == (["sent"], row.raw)


def test_late_word_of_the_provider_settles_what_was_left_for_a_person(engine: Engine):
    bench = Bench(engine, Provider("plain"))
    queue(bench)

    def stop(reached: str) -> None:
        if reached == "called":
            bench.clock.pass_by(3600)
            bench.run_out(rounds=2)
            assert states(bench) == ["review"]

    bench.worker(stop).send_next()
    assert states(bench) == ["sent"]


def test_text_other_than_approved_is_never_handed_over(bench: Bench):
    queue(bench)
    with transaction(bench.engine) as session:
        session.execute(update(OutboxMail).values(raw=b"Subject: Buy now\r\n\r\nHello"))
    bench.run_out()
    assert bench.provider.ledger == []
    assert states(bench) == ["blocked"]
    with transaction(bench.engine) as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 1


def test_mail_that_is_tried_again_in_vain_is_told_again(bench: Bench):
    [number] = queue(bench)
    with transaction(bench.engine) as session:
        session.execute(update(OutboxMail).values(raw=b"Subject: Buy now\r\n\r\nHello"))
        admin = queued.colleague(session, "Olga", "admin")
    for told in (1, 2):
        bench.run_out()
        assert states(bench) == ["blocked"]
        with transaction(bench.engine) as session:
            assert session.scalar(select(func.count()).select_from(Notification)) == told
            outbox.retry(session, number, by=admin, now=bench.clock.now)
        bench.clock.pass_by(60)


def test_mail_that_is_tried_again_waits_for_the_day_it_was_put_off_to(bench: Bench):
    [number] = queue(bench)
    later = bench.clock.now + timedelta(days=3)
    with transaction(bench.engine) as session:
        session.execute(update(OutboxMail).values(state="blocked"))
        session.get_one(Draft, drafted_of(session, number, bench)).not_before = later
        admin = queued.colleague(session, "Olga", "admin")
        outbox.retry(session, number, by=admin, now=bench.clock.now)
        assert session.scalar(select(OutboxMail.due_at)) == later


def test_mail_past_its_end_is_blocked_without_a_call(bench: Bench):
    queue(bench, expires_at=bench.clock.now + timedelta(hours=1))
    bench.clock.pass_by(3601)
    bench.run_out(rounds=1)
    assert (states(bench), bench.provider.ledger) == (["blocked"], [])


def test_refused_mail_does_not_count_against_the_caps(bench: Bench):
    queue(bench)
    bench.provider.faults = ["none", "hard"] if bench.provider.kind == "drafts" else ["hard"]
    bench.run_out()
    with transaction(bench.engine) as session:
        touch = session.scalars(select(Touch)).one()
        assert touch.released_at is not None


def test_provider_that_is_down_is_tried_once_a_minute_at_most(bench: Bench):
    queue(bench)
    bench.provider.faults = ["refused"] * 200
    calls: list[Any] = []
    for _ in range(120):
        before = len(bench.provider.faults)
        worker = bench.worker()
        while worker.send_next():
            pass
        calls += [bench.clock.now] * (before - len(bench.provider.faults))
        bench.clock.pass_by(10)
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(calls)]
    assert min(gaps) >= 60
    assert len(calls) < 8


def test_nobody_at_the_address_is_written_to_again(engine: Engine):
    """As after a report of a bounce: all that waits for this address is held back, on any topic."""
    bench = Bench(engine, Provider("plain", faults=["nobody"]))
    [first] = queue(bench)
    with transaction(engine) as session:
        row = session.get_one(OutboxMail, first)
        row.draft_id = None
        whom = {"customer_id": row.customer_id, "stakeholder_id": row.stakeholder_id}
        mail = queued.approved(
            row.mailbox_id, row.recipient, bench.clock.now, topic="events", **whom
        )
        outbox.enqueue(session, mail, now=bench.clock.now)
    bench.run_out()

    assert states(bench) == ["failed", "blocked"]
    assert bench.provider.ledger == []
    with transaction(engine, read_only=True) as session:
        entry = session.scalars(select(Suppression)).one()
        assert (entry.email, entry.topic, entry.reason) == (row.recipient, "", "hard_bounce")
        assert (entry.stakeholder_id, entry.outbox_id) == (row.stakeholder_id, first)
        told = session.scalars(select(Notification).order_by(Notification.id)).first()
        assert told is not None
        assert "Ask for a new one" in told.body
        noted = session.scalars(select(TimelineEntry.title)).all()
        assert [title for title in noted if "came back for good" in title]


def test_colleague_whose_address_is_gone_is_no_stakeholder_to_ask_about(engine: Engine):
    bench = Bench(engine, Provider("plain", faults=["nobody"]))
    queue(bench, customer_id=None, stakeholder_id=None, kind="digest")
    bench.run_out()
    [row] = rows(bench)
    assert (row.state, row.reason) == ("failed", "The provider refused it: 550 no such user")
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(Suppression)).all() == []


def test_refusal_that_is_not_about_the_address_bars_nobody(engine: Engine):
    bench = Bench(engine, Provider("plain", faults=["hard"]))
    queue(bench)
    bench.run_out()
    assert states(bench) == ["failed"]
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(Suppression)).all() == []


@pytest.mark.parametrize("kind", ["drafts", "plain"])
def test_limit_of_the_mailbox_outlives_no_mail(engine: Engine, kind: Literal["drafts", "plain"]):
    """For 26 hours the provider takes nothing; that is the mailbox's, and no mail is given up for it."""
    bench = Bench(engine, Provider(kind, faults=["limit"] * 1000))
    queue(bench, 3)
    worker = bench.worker()
    for _ in range(26 * 6):
        while worker.send_next():
            pass
        worker.recover()
        bench.clock.pass_by(600)

    assert states(bench) == ["queued", "queued", "queued"]
    assert max(row.attempts for row in rows(bench)) <= 1
    refused = 1000 - len(bench.provider.faults)
    assert refused < 40, "the mailbox did not rest"
    assert any("goes on by itself" in (row.reason or "") for row in rows(bench))
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(Notification)).all() == []
    bench.provider.faults = []
    bench.run_out()
    assert states(bench) == ["sent", "sent", "sent"]


def test_mailbox_sends_no_faster_than_its_owner_said(bench: Bench):
    queue(bench, 5)
    with transaction(bench.engine) as session:
        session.execute(update(Mailbox).values(per_minute=2))
    sent: list[int] = []
    worker = bench.worker()
    for _ in range(3):
        while worker.send_next():
            pass
        sent.append(len(bench.provider.ledger))
        bench.clock.pass_by(60)
    assert sent == [2, 4, 5]


def test_a_daily_limit_that_is_raised_counts_for_the_worker_that_runs(bench: Bench):
    queue(bench, 3)
    worker = bench.worker()
    for limit, there in ((1, 1), (1_000, 3)):
        with transaction(bench.engine) as session:
            session.execute(update(Mailbox).values(per_day=limit))
        while worker.send_next():
            pass
        bench.clock.pass_by(120)
        while worker.send_next():
            pass
        assert len(bench.provider.ledger) == there


@pytest.fixture
def forbidden(bench: Bench) -> Iterator[Bench]:
    queue(bench, 2)
    yield bench
    assert bench.provider.ledger == []
    assert states(bench) == ["queued", "queued"]


def test_nothing_leaves_while_sending_is_paused(forbidden: Bench):
    with transaction(forbidden.engine) as session:
        admin = queued.colleague(session, "Ada", "admin")
        paused = outbox.SendPolicy(paused=True, paused_why="Wrong list.")
        policy.save(session, paused, by=admin, now=forbidden.clock.now)
    assert not forbidden.worker().send_next()


def test_nothing_leaves_a_paused_mailbox(forbidden: Bench):
    with transaction(forbidden.engine) as session:
        session.execute(update(Mailbox).values(state="paused"))
    assert not forbidden.worker().send_next()


def test_request_that_the_provider_finishes_late_is_waited_for(engine: Engine):
    """The client had given up and the draft was still there: that is not yet proof that it stays."""
    bench = Bench(engine, Provider("drafts", faults=["none", "lost"]))
    queue(bench)
    bench.worker().send_next()
    bench.clock.pass_by(20)
    assert bench.worker().settle_next()
    assert states(bench) == ["unknown"]
    draft, key = bench.provider.drafts.popitem()
    bench.provider.ledger.append((key, rows(bench)[0].approved_hash))
    assert draft
    bench.run_out()
    assert states(bench) == ["sent"]
    assert bench.provider.copies() == {key: 1}


def two_for_one_place(bench: Bench) -> list[int]:
    """Two approved mails to one person, of which one may leave in a week."""
    with transaction(bench.engine) as session:
        admin = queued.colleague(session, "Ada", "admin")
        rules = outbox.SendPolicy(per_stakeholder=1)
        policy.save(session, rules, by=admin, now=bench.clock.now)
        company = queued.customer(session, time_zone="UTC")
        person = queued.stakeholder(session, company, "kim@acme.example")
        whom = {"customer_id": company, "stakeholder_id": person}
        box = queued.mailbox(session)
        mails = [
            queued.approved(box, "kim@acme.example", bench.clock.now, **whom) for _ in range(2)
        ]
        return outbox.enqueue_many(session, mails, now=bench.clock.now)


@pytest.mark.parametrize(("fault", "taken"), [("hard", True), ("refused", False)])
def test_place_of_a_mail_that_failed_is_taken_at_once(engine: Engine, fault: Fault, taken: bool):
    """The other mail waits for its day only as long as the first may still go out: one that is put off for a
    minute does not lose its place to whoever came later."""
    bench = Bench(engine, Provider("plain"))
    two_for_one_place(bench)

    def other_worker(reached: str) -> None:
        if reached == "on_the_wire":
            bench.worker().send_next()
            assert "1 is the limit" in (rows(bench)[1].reason or "")
            bench.provider.faults = [fault]

    bench.worker(other_worker).send_next()
    bench.worker().send_next()
    assert states(bench)[1] == ("sent" if taken else "queued")


@pytest.mark.parametrize("by_draft", [False, True])
def test_place_of_a_mail_that_is_cancelled_is_taken_at_once(engine: Engine, by_draft: bool):
    """It was once called for, and found not to have gone out: it kept its place until it was cancelled."""
    bench = Bench(engine, Provider("drafts", faults=["none", "lost"]))
    first, _ = two_for_one_place(bench)
    bench.worker().send_next()
    bench.clock.pass_by(60)
    assert bench.worker().settle_next()
    bench.clock.now -= timedelta(seconds=1)  # its own turn comes a moment later
    bench.worker().send_next()
    assert states(bench) == ["queued", "queued"]
    assert "1 is the limit" in (rows(bench)[1].reason or "")

    with transaction(engine) as session:
        admin = queued.colleague(session, "Olga", "admin")
        if by_draft:
            draft = drafted_of(session, first, bench)
            assert outbox.withdraw(session, draft, "Edited", by=admin, now=bench.clock.now)
        else:
            outbox.cancel(session, first, by=admin, now=bench.clock.now)
    bench.worker().send_next()
    assert states(bench) == ["cancelled", "sent"]


def test_message_that_may_be_under_way_keeps_its_place_under_the_cap(engine: Engine):
    bench = Bench(engine, Provider("drafts", faults=["none", "lost"]))
    two_for_one_place(bench)
    bench.run_out(rounds=5)
    first, second = rows(bench)
    assert (first.state, second.state) == ("sent", "queued")
    assert "1 is the limit" in (second.reason or "")
