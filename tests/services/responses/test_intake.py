"""What incoming mail leads to: whom it belongs to, who is told, and who is not written to any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Mailbox,
    MailEvent,
    Notification,
    OutboxMail,
    StakeholderEmail,
    TimelineEntry,
    Touch,
)
from services import outbox, touches
from tests.services.responses.world import MARIA, World, make_world
from tests.support import letters, queued


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return make_world(session, now)


def test_reply_is_kept_without_its_quotes_and_its_csm_is_told(world: World):
    assert world.take(letters.reply(world.mail.message_id)) == 1
    (kept,) = world.inbound()
    assert (kept.kind, kept.text, kept.outbox_id) == (
        "reply", "Yes, Thursday.", world.mail.outbox_id,
    )  # fmt: skip
    assert (kept.customer_id, kept.stakeholder_id) == (world.known.techcorp, world.known.maria)
    (event,) = world.session.scalars(select(MailEvent)).all()
    assert (event.kind, event.verdict, event.reason) == ("reply", "human", "answered")
    (told,) = world.session.scalars(select(Notification)).all()
    assert (told.person_id, told.title) == (
        world.known.dana.person_id, "Maria Lopez replied to “Your report”",
    )  # fmt: skip
    assert [e.kind for e in world.session.scalars(select(TimelineEntry))] == ["reply"]


def test_same_message_again_changes_nothing(world: World):
    raw = letters.reply(world.mail.message_id)
    assert [world.take(raw), world.take(raw)] == [1, 0]
    assert (len(world.inbound()), world.kinds()) == (1, ["reply"])
    assert len(world.session.scalars(select(Notification)).all()) == 1


def test_provider_thread_is_enough(world: World):
    """Gmail may have given our mail another Message-ID."""
    thread = world.session.get_one(OutboxMail, world.mail.outbox_id).thread_id
    world.session.get_one(OutboxMail, world.mail.outbox_id).wire_at = world.now - timedelta(days=40)
    world.take(letters.reply("other@mail.example"), thread=thread)
    (kept,) = world.inbound()
    assert (kept.kind, kept.outbox_id) == ("reply", world.mail.outbox_id)


def test_sender_and_time_are_enough(world: World):
    world.take(letters.reply("", subject="RE: your  REPORT"))
    (kept,) = world.inbound()
    assert (kept.kind, kept.outbox_id) == ("reply", world.mail.outbox_id)


def test_new_mail_long_after_ours_is_no_reply(world: World):
    row = world.session.get_one(OutboxMail, world.mail.outbox_id)
    row.wire_at = world.now - timedelta(days=5)
    world.take(letters.reply("", subject="Something else"))
    (kept,) = world.inbound()
    assert (kept.kind, kept.outbox_id, kept.customer_id) == ("other", None, world.known.techcorp)
    assert world.kinds() == []


def test_private_mail_leaves_no_trace(world: World):
    assert world.take(letters.reply("", sender="friend@home.example")) == 0
    assert world.take(letters.reply(world.mail.message_id, sender="Dana@ours.example")) == 0
    assert world.take(letters.bounce("somebody@elses.example")) == 0
    assert world.inbound() == []


def test_automatic_answer_is_no_reply_and_disturbs_nobody(world: World):
    world.take(letters.reply(world.mail.message_id, headers="Auto-Submitted: auto-replied\r\n"))
    assert world.kinds() == ["auto_reply"]
    assert world.session.scalars(select(Notification)).all() == []


@pytest.mark.parametrize("style", ["postfix", "exchange", "gmail"])
def test_hard_bounce_stops_all_mail_to_the_address(world: World, style: str):
    row = world.session.get_one(OutboxMail, world.mail.outbox_id)
    touches.reserve(world.session, row, world.now)
    world.take(letters.bounce(world.mail.message_id, style=style))
    assert world.blocked() == "hard_bounce"
    assert world.kinds() == ["bounce"]
    assert world.session.scalars(select(Touch.released_at)).all() == [world.now]
    (told,) = world.session.scalars(select(Notification)).all()
    assert told.urgent


def test_hard_bounce_lets_a_colleague_of_theirs_be_written_to_before_the_week_is_over(world: World):
    row = world.session.get_one(OutboxMail, world.mail.outbox_id)
    whom = {"customer_id": row.customer_id, "stakeholder_id": world.known.tom}
    mail = queued.approved(row.mailbox_id, "tom@techcorp.example", world.now, **whom)
    waiting = world.session.get_one(
        OutboxMail, outbox.enqueue(world.session, mail, now=world.now), populate_existing=True
    )
    waiting.due_at = world.now + timedelta(days=6)
    waiting.reason = f"This customer was contacted 6 times within 7 days; 6 {touches.LIMIT}"
    world.take(letters.bounce(world.mail.message_id))
    world.session.refresh(waiting)
    assert waiting.due_at == world.now


@pytest.mark.parametrize("status", ["4.2.2", "5.2.2", "5.7.1"])
def test_soft_bounce_stops_nothing(world: World, status: str):
    world.take(letters.bounce(world.mail.message_id, status=status))
    assert world.blocked() is None
    assert world.kinds() == ["bounce"]


def test_bounce_is_found_by_our_own_header(world: World):
    raw = letters.bounce(world.mail.message_id).replace(
        f"Message-ID: <{world.mail.message_id}>".encode(), b"Message-ID: <other@google.example>"
    )
    world.take(raw)
    assert world.blocked() == "hard_bounce"


def test_report_about_another_address_stops_nobody(world: World):
    world.take(letters.bounce(world.mail.message_id, recipient="ceo@techcorp.example"))
    assert world.blocked() is None
    (event,) = world.session.scalars(select(MailEvent)).all()
    assert event.detail == {"status": "5.1.1", "dead": False}
    (told,) = world.session.scalars(select(Notification)).all()
    assert (told.urgent, "for good" in told.title) == (False, False)


def test_bounce_under_the_id_that_gmail_gave_our_mail_is_found_by_thread_and_recipient(
    world: World,
):
    thread = world.session.get_one(OutboxMail, world.mail.outbox_id).thread_id
    assert world.take(letters.bounce("CAKx@mail.example", style="exchange"), thread=thread) == 1
    assert world.blocked() == "hard_bounce"


@pytest.mark.parametrize("style", ["exchange", "gmail"])
def test_bounce_of_a_mail_by_hand_in_our_thread_leaves_no_trace(world: World, style: str):
    thread = world.session.get_one(OutboxMail, world.mail.outbox_id).thread_id
    elsewhere = "accounting@elsewhere.example"
    raw = letters.bounce("hand.written@ours.example", recipient=elsewhere, style=style)
    raw = raw.replace(b"X-CSCX-Message: hand.written\r\n", b"")
    ours = f"References: <{world.mail.message_id}> <hand.written@ours.example>".encode()
    raw = raw.replace(b"References: <hand.written@ours.example>", ours)
    assert world.take(raw, thread=thread) == 0
    assert (world.inbound(), world.kinds(), world.blocked()) == ([], [], None)


@pytest.mark.parametrize(
    ("recipient", "kept"), [("accounting@elsewhere.example", 0), ("Maria@TechCorp.example", 1)]
)
def test_bounce_that_names_no_mail_is_ours_by_thread_and_recipient(
    world: World, recipient: str, kept: int
):
    thread = world.session.get_one(OutboxMail, world.mail.outbox_id).thread_id
    raw = letters.bounce("hand.written@ours.example", recipient=recipient)
    raw = raw.partition(b"--B1\r\nContent-Description: Undelivered Message")[0] + b"--B1--\r\n"
    assert world.take(raw, thread=thread) == kept
    assert world.blocked() == ("hard_bounce" if kept else None)


def test_complaint_whose_report_hides_the_name_stops_all_mail(world: World):
    world.take(letters.complaint(world.mail.message_id, "cmVkYWN0ZWQ=@TechCorp.example"))
    assert world.blocked() == "complaint"


def test_complaint_about_another_address_is_told_as_that(world: World):
    world.take(letters.complaint(world.mail.message_id, "else@other.example"))
    assert world.blocked() is None
    told = world.session.scalars(select(Notification)).one()
    assert "another address" in told.body
    assert "no more mail" not in told.body


def test_complaint_stops_all_mail_and_is_told_at_once(world: World):
    world.take(letters.complaint(world.mail.message_id))
    assert world.blocked() == "complaint"
    assert world.kinds() == ["complaint"]
    assert world.session.scalars(select(Notification.urgent)).all() == [True]


def test_colleague_of_the_recipient_may_answer(world: World):
    world.take(letters.reply(world.mail.message_id, sender="Tom <tom@techcorp.example>"))
    assert [kept.stakeholder_id for kept in world.inbound()] == [world.known.tom]
    title = "Tom Baker replied to “Your report”, the mail to Maria Lopez"
    assert world.told() == [title]
    assert [(e.title, e.stakeholder_id) for e in world.session.scalars(select(TimelineEntry))] == [
        (title, world.known.tom)
    ]


@pytest.mark.parametrize(
    "sender",
    ["Any <any@else.example>", "ines@datapro.example", "maria@techcorp.example.evil.example"],
)
def test_stranger_who_answers_is_told_as_one_and_counts_as_nobodys_reply(world: World, sender: str):
    assert world.take(letters.reply(world.mail.message_id, sender=sender)) == 1
    (kept,) = world.inbound()
    assert (kept.kind, kept.stakeholder_id, kept.outbox_id) == ("other", None, world.mail.outbox_id)
    assert world.kinds() == []
    address = kept.sender
    assert world.told() == [
        f"Somebody else ({address}) answered the mail to Maria Lopez: “Your report”"
    ]
    (noted,) = world.session.scalars(select(TimelineEntry))
    assert (noted.detail, noted.stakeholder_id) == ("Yes, Thursday.", None)


@pytest.mark.parametrize(
    "sender",
    [
        "Erik <erik@ours.example>",
        "Dana@ours.example",
        "dana+sales@ours.example",
        "team@ours.example",
    ],
)
def test_what_we_write_ourselves_is_nobodys_answer(world: World, sender: str):
    world.session.add(
        Mailbox(kind="eml", address="Team@ours.example", state="removed", created_at=world.now)
    )
    world.box.address = "company@ours.example"
    world.session.flush()
    assert world.take(letters.reply(world.mail.message_id, sender=sender)) == 0
    assert (world.inbound(), world.kinds(), world.told()) == ([], [], [])


def test_recipient_may_answer_from_another_address_of_theirs(world: World):
    world.session.add(
        StakeholderEmail(
            email="lopez@home.example",
            stakeholder_id=world.known.maria,
            shown_as="lopez@home.example",
        )
    )
    world.session.flush()
    world.take(letters.reply(world.mail.message_id, sender="Lopez@home.example"))
    assert world.told() == ["Maria Lopez replied to “Your report”"]
    assert world.kinds() == ["reply"]


def test_hostile_name_and_subject_are_kept_as_text(world: World):
    raw = letters.reply(
        world.mail.message_id,
        sender='"<script>alert(1)</script>" <maria@techcorp.example>',
        subject="Re: ![x](http://evil.example)\x00\x1b",
    )
    world.take(raw)
    (kept,) = world.inbound()
    assert kept.sender == MARIA
    assert kept.subject.isprintable()


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize("report", [letters.bounce, letters.complaint])
def test_reply_with_a_report_attached_is_a_reply(
    world: World, report: Callable[[str], bytes], ours: bool, html: bool
):
    about = world.mail.message_id if ours else "somebody@elses.example"
    raw = letters.with_attached(world.mail.message_id, report(about), html=html)
    assert world.take(raw) == 1
    (kept,) = world.inbound()
    assert (kept.kind, kept.text) == ("reply", "Tom's address bounced, see attached.")
    assert (world.kinds(), world.blocked()) == (["reply"], None)


def test_daemon_that_makes_no_whole_report_is_heard(world: World):
    raw = letters.bounce(world.mail.message_id).replace(b"multipart/report", b"multipart/mixed")
    world.take(raw)
    assert world.blocked() == "hard_bounce"


def test_receipt_is_no_reply_and_disturbs_nobody(world: World):
    world.take(letters.receipt(world.mail.message_id))
    assert [kept.kind for kept in world.inbound()] == ["auto_reply"]
    assert (world.kinds(), world.told()) == (["auto_reply"], [])


def test_report_that_the_mail_was_passed_on_is_no_reply(world: World):
    raw = letters.bounce(world.mail.message_id, action="relayed", status="2.0.0", style="exchange")
    raw = raw.replace(b"Auto-Submitted: auto-replied\r\n", b"")
    world.take(raw)
    assert world.kinds() == ["auto_reply"]
