from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from hashlib import sha256

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, InvalidMove, NotAllowed, NotFound
from data.tables import Approval, Draft, DraftEvent, FrozenMail, Mailbox, StakeholderEmail
from integrations.mime import Attachment
from services import drafts, notifications, outbox
from services.access import SYSTEM, Viewer
from services.outbox import SendPolicy
from services.outbox import policy as policies
from services.outbox.policy import QUIET
from tests.services.drafts.world import make, open_it, queued
from tests.support.crashing import Killed
from tests.support.portfolio import Portfolio, portfolio

MINUTE = timedelta(minutes=1)


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def four_eyes(session: Session, known: Portfolio, now: datetime, **values: object) -> None:
    policies.save(session, replace(SendPolicy(), **values), by=known.ada, now=now)


def test_approved_draft_is_queued_with_the_very_bytes_that_were_approved(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    done = drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    (row,) = queued(session, draft.id)
    (approval,) = session.scalars(select(Approval))
    assert done.state == draft.state == "approved"
    assert row.approved_hash == approval.sha256 == sha256(row.raw).hexdigest()
    assert row.approved_by == approval.person_id == known.dana.person_id
    assert row.due_at == now + timedelta(seconds=30)
    assert row.recipient == "Maria@techcorp.example"


def test_what_is_checked_shown_and_frozen_is_one_and_the_same_address(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    assert len([sql for sql in asked if "shown_as" in sql]) == 1, "read once, and used throughout"


def test_draft_is_shown_as_it_will_be_sent(session: Session, known: Portfolio, now: datetime):
    """With the line that every mail ends with; nothing but the address behind it differs."""
    draft = make(session, known, now)
    shown = drafts.view(session, known.dana, draft.id, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    (row,) = queued(session, draft.id)
    text = message_from_bytes(row.raw, policy=default).get_body(("plain",))
    assert text is not None
    way_out = f"/u/{row.unsubscribe}"
    assert way_out in text.get_content()
    assert text.get_content().replace(way_out, "/u/…").split() == shown.sent_text.split()
    assert "/u/…" in shown.sent_html
    assert "/u/" not in shown.text + shown.html


def test_frozen_mail_carries_the_words_the_files_and_the_way_out(
    session: Session, known: Portfolio, now: datetime
):
    file = Attachment("event.ics", "text/calendar", b"BEGIN:VCALENDAR")
    draft = make(session, known, now, attachments=(file,))
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    (row,) = queued(session, draft.id)
    mail = message_from_bytes(row.raw, policy=default)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "https://docs.example.com/guide" in text.get_content()
    assert "https://docs.example.com/guide" not in html.get_content().split("href=", 1)[1][:60]
    assert f"/t/o/{row.tracking}.gif" in html.get_content()
    assert row.unsubscribe in str(mail["List-Unsubscribe"])
    assert row.unsubscribe in text.get_content()
    assert "unsubscribe.invalid" not in row.raw.decode()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["event.ics"]
    assert "Dana Example" in str(mail["From"])


def test_answers_reach_the_csm_when_the_company_mailbox_sends(
    session: Session, known: Portfolio, now: datetime
):
    session.add(
        Mailbox(kind="smtp", address="team@ours.example", display_name="Ours", created_at=now)
    )
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    mail = message_from_bytes(queued(session, draft.id)[0].raw, policy=default)
    assert "team@ours.example" in str(mail["From"])
    assert str(mail["Reply-To"]) == "dana@ours.example"


def test_scheduled_draft_leaves_no_earlier(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    revision = drafts.schedule(session, draft.id, 1, now + 60 * MINUTE, by=known.dana, now=now)
    drafts.approve(session, draft.id, revision, by=known.dana, now=now)
    (row,) = queued(session, draft.id)
    assert row.due_at == now + 60 * MINUTE
    mail = message_from_bytes(row.raw, policy=default)
    assert mail["Date"].datetime == now + 60 * MINUTE


@pytest.mark.parametrize(
    ("at", "leaves", "quiet"),
    [
        # Maria's clock is Chicago's, six hours behind UTC; mail reaches her from 7 to 20 on weekdays.
        ("2026-11-23T12:51", "2026-11-23T13:00", True),
        ("2026-11-24T02:00", "2026-11-24T13:00", True),
        ("2026-11-21T15:00", "2026-11-23T13:00", True),
        ("2026-11-23T13:51", "2026-11-23T13:51:30", False),
    ],
)
def test_approving_tells_when_quiet_hours_let_the_mail_leave(
    session: Session, known: Portfolio, now: datetime, at: str, leaves: str, *, quiet: bool
):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(leaves).replace(tzinfo=UTC)
    draft = make(session, known, now)
    done = drafts.approve(session, draft.id, 1, by=known.dana, now=moment)
    assert (done.due_at, done.quiet) == (expected, quiet)
    assert queued(session, draft.id)[0].due_at == moment + timedelta(seconds=30)
    (waiting,), _ = outbox.listing(session, known.dana, now=now)
    assert (waiting.due_at, waiting.reason) == (expected, QUIET if quiet else "")
    shown = drafts.view(session, known.dana, draft.id, moment)
    assert shown.sending is not None
    assert shown.sending.due_at == shown.undo_until == expected


def test_draft_tells_when_quiet_hours_would_let_it_leave(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    weekday = datetime(2026, 11, 25, 15, tzinfo=UTC)
    put_off = drafts.view(session, known.dana, draft.id, saturday).opens_at
    assert put_off is not None
    assert put_off.astimezone(UTC).weekday() == 0
    assert drafts.view(session, known.dana, draft.id, weekday).opens_at is None


def test_mail_that_need_not_wait_bears_the_moment_of_its_approval(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now, not_before=now - 60 * MINUTE)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    mail = message_from_bytes(queued(session, draft.id)[0].raw, policy=default)
    assert mail["Date"].datetime == now


def test_edited_draft_loses_its_approval_and_its_place_in_the_queue(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    revision = drafts.edit(
        session, draft.id, 1, subject="New", text="New words", by=known.dana, now=now
    )
    assert (revision, draft.state) == (2, "pending")
    assert queued(session, draft.id)[0].state == "cancelled"
    assert session.scalars(select(Approval)).one().voided_at == now
    drafts.approve(session, draft.id, 2, by=known.dana, now=now)
    first, second = queued(session, draft.id)
    assert (first.state, second.state) == ("cancelled", "queued")
    assert first.approved_hash != second.approved_hash


def test_undone_approval_can_be_given_again(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    revision = drafts.undo_approval(session, draft.id, 1, by=known.dana, now=now)
    assert (draft.state, queued(session, draft.id)[0].state) == ("pending", "cancelled")
    drafts.approve(session, draft.id, revision, by=known.dana, now=now)
    assert [row.state for row in queued(session, draft.id)] == ["cancelled", "queued"]


@pytest.mark.parametrize("state", ["wire", "sent", "unknown", "review"])
def test_mail_that_may_have_left_cannot_be_changed(
    session: Session, known: Portfolio, now: datetime, state: str
):
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    queued(session, draft.id)[0].state = state
    session.flush()
    with pytest.raises(InvalidMove, match="on its way"):
        drafts.undo_approval(session, draft.id, 1, by=known.dana, now=now)
    with pytest.raises(InvalidMove, match="on its way"):
        drafts.edit(session, draft.id, 1, subject="New", text="New", by=known.dana, now=now)
    with pytest.raises(InvalidMove, match="on its way"):
        drafts.cancel(session, draft.id, "the event is off", now=now)
    assert drafts.cancel_for(session, "event", 7, "the event is off", now=now) == (0, 0)


def test_nobody_approves_what_somebody_else_has_just_changed(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    drafts.edit(session, draft.id, 1, subject="Mine", text="Mine", by=known.morgan, now=now)
    with pytest.raises(InvalidMove, match="changed since"):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    assert queued(session, draft.id) == []


def test_second_of_two_who_approve_is_told_that_it_is_done(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    with pytest.raises(InvalidMove, match="approved by now"):
        drafts.approve(session, draft.id, 1, by=known.morgan, now=now)
    assert len(queued(session, draft.id)) == 1


def test_only_owner_manager_and_admin_approve(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    with pytest.raises(NotFound):
        drafts.approve(session, draft.id, 1, by=known.erik, now=now)
    with pytest.raises(NotAllowed):
        drafts.approve(session, draft.id, 1, by=SYSTEM, now=now)
    revision = drafts.reassign(
        session, draft.id, 1, known.erik.person_id or 0, by=known.dana, now=now
    )
    with pytest.raises(NotAllowed):
        drafts.approve(session, draft.id, revision, by=known.dana, now=now)
    done = drafts.approve(session, draft.id, revision, by=known.morgan, now=now)
    assert done.state == "approved"


def test_large_customer_needs_two_different_people(
    session: Session, known: Portfolio, now: datetime
):
    four_eyes(session, known, now, four_eyes_arr=Decimal(200_000))
    draft = make(session, known, now)
    first = drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    assert (first.state, queued(session, draft.id)) == ("second_look", [])
    with pytest.raises(InvalidMove, match="second person"):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    second = drafts.approve(session, draft.id, 1, by=known.morgan, now=now)
    assert second.state == "approved"
    assert len(queued(session, draft.id)) == 1
    assert len({row.sha256 for row in session.scalars(select(Approval))}) == 1


def test_edit_between_two_looks_asks_both_again(session: Session, known: Portfolio, now: datetime):
    four_eyes(session, known, now, four_eyes_severity="high")
    draft = make(session, known, now, severity="critical")
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    drafts.edit(session, draft.id, 1, subject="New", text="New", by=known.morgan, now=now)
    assert draft.state == "pending"
    assert drafts.approve(session, draft.id, 2, by=known.morgan, now=now).state == "second_look"
    assert drafts.approve(session, draft.id, 2, by=known.dana, now=now).state == "approved"


def test_second_look_refuses_a_mail_whose_address_has_changed(
    session: Session, known: Portfolio, now: datetime
):
    four_eyes(session, known, now, four_eyes_arr=Decimal(1))
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    address = session.get_one(StakeholderEmail, "maria@techcorp.example")
    address.shown_as = "other@techcorp.example"
    session.flush()
    with pytest.raises(InvalidMove, match="address"):
        drafts.approve(session, draft.id, 1, by=known.morgan, now=now)
    assert queued(session, draft.id) == []


def test_lowered_rule_lets_the_waiting_one_through_with_one_more_look(
    session: Session, known: Portfolio, now: datetime
):
    four_eyes(session, known, now, four_eyes_arr=Decimal(1))
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    four_eyes(session, known, now, four_eyes_arr=None)
    drafts.approve(session, draft.id, 1, by=known.morgan, now=now)
    assert draft.state == "approved"
    assert session.scalars(select(FrozenMail)).one().revision == 1


def test_many_are_approved_only_where_they_were_looked_at(
    session: Session, known: Portfolio, now: datetime
):
    seen = make(session, known, now)
    unseen = make(session, known, now, "two", stakeholder_id=known.tom)
    foreign = make(
        session, known, now, "three", customer_id=known.datapro, stakeholder_id=known.ines
    )
    open_it(session, seen, known.dana, now)
    wanted = [(seen.id, 1), (unseen.id, 1), (foreign.id, 1), (999, 1)]
    done = drafts.approve_many(session, wanted, by=known.dana, now=now)
    assert done.approved == (seen.id,)
    left = dict(done.left)
    assert "open it first" in left[unseen.id]
    assert left[foreign.id] == left[999] == "Not in your portfolio."
    assert unseen.state == foreign.state == "pending"
    assert len(queued(session, seen.id)) == 1


@pytest.mark.parametrize("address", ["jörg@techcorp.example", "other@techcorp.example"])
def test_one_address_that_went_wrong_holds_none_of_the_others(
    session: Session, known: Portfolio, now: datetime, address: str
):
    """One that mail cannot carry, and one that was changed between the two looks."""
    four_eyes(session, known, now, four_eyes_arr=Decimal(1))
    one = make(session, known, now)
    other = make(session, known, now, "two", stakeholder_id=known.tom)
    wanted = [(one.id, 1), (other.id, 1)]
    for draft in (one, other):
        open_it(session, draft, known.dana, now)
        open_it(session, draft, known.morgan, now)
    first = drafts.approve_many(session, wanted, by=known.dana, now=now)
    assert first.second_look == (one.id, other.id)
    session.get_one(StakeholderEmail, "tom@techcorp.example").shown_as = address
    session.flush()
    second = drafts.approve_many(session, wanted, by=known.morgan, now=now)
    assert second.approved == (one.id,)
    ((left, words),) = second.left
    assert left == other.id
    assert "address" in words
    assert (len(queued(session, one.id)), queued(session, other.id)) == (1, [])


def test_edit_of_another_hides_that_one_has_seen_it(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    open_it(session, draft, known.dana, now)
    drafts.edit(session, draft.id, 1, subject="New", text="New", by=known.morgan, now=now)
    done = drafts.approve_many(session, [(draft.id, 2)], by=known.dana, now=now)
    assert not done.approved
    open_it(session, draft, known.dana, now)
    again = drafts.approve_many(session, [(draft.id, 2)], by=known.dana, now=now)
    assert again.approved == (draft.id,)


def test_looking_twice_is_noted_once(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    open_it(session, draft, known.dana, now)
    open_it(session, draft, known.dana, now)
    drafts.note_read(session, draft.id, 5, by=known.dana, now=now)
    reads = session.scalars(select(DraftEvent).where(DraftEvent.move == "read")).all()
    assert len(reads) == 1
    assert drafts.last_opened(session, known.dana) == draft.id
    assert drafts.last_opened(session, known.morgan) is None


def test_rejecting_needs_a_reason_and_can_be_taken_back(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    with pytest.raises(BadInput):
        drafts.reject(session, draft.id, 1, "  ", by=known.dana, now=now)
    drafts.reject(session, draft.id, 1, "She has left the company", by=known.dana, now=now)
    assert (draft.state, draft.why) == ("rejected", "She has left the company")
    with pytest.raises(InvalidMove):
        drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    drafts.reopen(session, draft.id, 1, by=known.dana, now=now)
    assert (draft.state, draft.why) == ("pending", None)


def test_token_that_was_not_made_to_approve_cannot_reject_either(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    reading = replace(known.dana, scopes=frozenset())
    with pytest.raises(NotAllowed, match="token"):
        drafts.reject(session, draft.id, 1, "Not now", by=reading, now=now)
    assert draft.state == "pending"
    made_for_it = replace(known.dana, scopes=frozenset({"drafts:approve"}))
    drafts.reject(session, draft.id, 1, "Not now", by=made_for_it, now=now)
    assert draft.state == "rejected"


def test_source_that_is_gone_cancels_its_drafts_approved_or_not(
    session: Session, known: Portfolio, now: datetime
):
    one = make(session, known, now, source="lesson", source_id=7)
    two = make(session, known, now, "two", source="lesson", source_id=7, stakeholder_id=known.tom)
    other = make(
        session, known, now, "three", source="lesson", source_id=8, stakeholder_id=known.tom
    )
    drafts.approve(session, one.id, 1, by=known.dana, now=now)
    assert drafts.cancel_for(session, "lesson", 7, "The event is off", now=now) == (2, 0)
    assert (one.state, two.state) == ("cancelled", "cancelled")
    assert other.state == "pending"
    assert queued(session, one.id)[0].state == "cancelled"


def told(session: Session, who: Viewer) -> list[str]:
    rows = notifications.listing(session, who)
    return [row.title for row in rows if row.kind.startswith("second_look")]


def test_who_may_give_the_second_look_is_told_once_until_it_is_given(
    session: Session, known: Portfolio, now: datetime
):
    four_eyes(session, known, now, four_eyes_arr=Decimal(1))
    draft = make(session, known, now)
    drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    said = ["A mail to TechCorp waits for your second look"]
    assert [told(session, who) for who in (known.dana, known.erik)] == [[], []]
    assert [told(session, who) for who in (known.morgan, known.ada)] == [said, said]
    assert notifications.unread(session, known.morgan) == 1

    drafts.edit(session, draft.id, 1, subject="Other", text="Words", by=known.dana, now=now)
    assert [told(session, who) for who in (known.morgan, known.ada)] == [[], []]
    drafts.approve(session, draft.id, 2, by=known.dana, now=now)
    assert told(session, known.ada) == said
    drafts.approve(session, draft.id, 2, by=known.morgan, now=now)
    assert [told(session, who) for who in (known.morgan, known.ada)] == [[], []]


def test_many_second_looks_are_told_as_a_number(session: Session, known: Portfolio, now: datetime):
    four_eyes(session, known, now, four_eyes_arr=Decimal(1))
    made = [
        make(session, known, now, f"n{n}", not_before=now + timedelta(days=2 * n)) for n in range(7)
    ]
    for draft in made:
        open_it(session, draft, known.dana, now)
    drafts.approve_many(session, [(d.id, 1) for d in made], by=known.dana, now=now)
    assert told(session, known.ada) == ["7 mails wait for a second look"]


@pytest.mark.parametrize("committed", [False, True])
def test_process_that_dies_while_it_approves_queues_all_or_nothing(
    engine: Engine, now: datetime, committed: bool
):
    def die() -> None:
        raise Killed

    def approve(step: Callable[[], None] = lambda: None) -> None:
        with transaction(engine) as session:
            drafts.approve(session, number, 1, by=known.dana, now=now)
            step()

    with transaction(engine) as session:
        known = portfolio(session, now)
        number = make(session, known, now).id
    if committed:
        approve()
    else:
        with pytest.raises(Killed):
            approve(die)
    with transaction(engine, read_only=True) as session:
        draft = session.get_one(Draft, number)
        assert draft.state == ("approved" if committed else "pending")
        assert len(queued(session, number)) == committed
    with pytest.raises(InvalidMove) if committed else nullcontext():
        approve()
    with transaction(engine, read_only=True) as session:
        assert len(queued(session, number)) == 1
