"""Reports of mail servers in strange shapes: what they say of our recipient decides, and nothing else does."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import InboundMail, Notification, OutboxMail, TimelineEntry
from tests.services.responses.world import MARIA, World, make_world
from tests.support import letters
from tests.support.letters import block, daemon, report

OTHER = "other@elsewhere.example"
LATER = "Mail to Maria Lopez could not be delivered yet"
GONE = "Mail to Maria Lopez came back for good"
BEYOND = "Mail to Maria Lopez was passed on, and has not arrived"


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return make_world(session, now)


DEAD = {
    "the last block is another's": (block(), block(OTHER)),
    "the first block is another's": (block(OTHER, action="delivered", status="2.0.0"), block()),
    "another one's was only put off": (block(), block(OTHER, action="delayed", status="4.4.1")),
    "another was a list": (block(), block("list@x.example", action="expanded", status="2.0.0")),
    "failed, with a remark": (block(action="Failed (permanent)", status="5.1.1 (bad address)"),),
    "other, and the answer knows": (block(status="5.0.0"),),
    "an empty line too many": (block().replace("Action", "\nAction"),),
}
ALIVE = {
    "other, and the answer says full": block(status="5.0.0", said="550 mailbox full"),
    "other, and for now": block(status="5.0.0", said="550 try again later"),
    "other, and the answer says refused": block(status="5.0.0", said="554 5.7.1 refused"),
    "put off": block(action="delayed", status="4.4.7"),
}


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("kind", ["delivery-status", "global-delivery-status"])
@pytest.mark.parametrize("blocks", DEAD.values(), ids=DEAD)
def test_our_block_stops_mail_to_ours(
    world: World, blocks: tuple[str, ...], kind: str, *, encoded: bool
):
    assert world.take(report(world.mail.message_id, *blocks, kind=kind, encoded=encoded)) == 1
    assert (world.blocked(), world.told(), world.kinds()) == ("hard_bounce", [GONE], ["bounce"])


@pytest.mark.parametrize("blocks", ALIVE.values(), ids=ALIVE)
def test_what_may_pass_stops_nobody(world: World, blocks: str):
    assert world.take(report(world.mail.message_id, blocks)) == 1
    assert (world.blocked(), world.told()) == (None, [LATER])


def test_dead_address_behind_ours_stops_nobody_and_is_named(world: World):
    behind = block("bob@inside.example", original=MARIA)
    assert world.take(report(world.mail.message_id, behind)) == 1
    assert (world.blocked(), world.told()) == (None, [BEYOND])
    told = world.session.scalars(select(Notification)).one()
    assert "sent it on to bob@inside.example" in told.body
    assert "5.1.1 unknown" in told.body
    assert not told.urgent


def test_ours_at_the_end_of_another_address_is_dead(world: World):
    world.take(report(world.mail.message_id, block(MARIA, original="m.lopez@techcorp.example")))
    assert world.blocked() == "hard_bounce"


def test_list_that_took_it_is_on_the_timeline_and_disturbs_nobody(world: World):
    passed_on = block(action="expanded", status="2.0.0", said="250 ok")
    assert world.take(report(world.mail.message_id, passed_on)) == 1
    assert (world.blocked(), world.told(), world.kinds()) == (None, [], [])
    assert [kept.kind for kept in world.inbound()] == ["auto_reply"]
    titles = world.session.scalars(select(TimelineEntry.title)).all()
    assert titles == ["Mail to Maria Lopez was passed on"]


def test_ours_that_arrived_is_no_bounce_whatever_became_of_others(world: World):
    arrived = block(action="delivered", status="2.0.0", said="250 ok")
    assert world.take(report(world.mail.message_id, block(OTHER), arrived)) == 1
    assert (world.blocked(), world.told(), world.kinds()) == (None, [], ["auto_reply"])


def test_report_in_our_thread_is_found_by_any_of_its_blocks(world: World):
    thread = world.session.get_one(OutboxMail, world.mail.outbox_id).thread_id
    raw = report("CAKx@mail.example", block(OTHER), block())
    assert world.take(raw, thread=thread) == 1
    assert world.blocked() == "hard_bounce"


NOBODY = f"  {MARIA}\n    SMTP error from remote mail server: 550 5.1.1 user unknown"
VERSION = "This message was created by mail delivery software (Exim 4.92.3).\n\n"
QMAIL = (
    f"Hi. This is the qmail-send program.\n\n<{MARIA}>:\n1.2.3.4 does not like recipient.\n"
    "Remote host said: 550 5.1.1 No such user\nGiving up."
)


@pytest.mark.parametrize(
    ("text", "sender", "status"),
    [
        (VERSION + NOBODY, "Mail Delivery System <Mailer-Daemon@mx.example>", "5.1.1"),
        (f"Postmail 5.1.0:\n{NOBODY}", "MAILER-DAEMON@mx.example", "5.1.1"),
        (NOBODY, '"Mail Delivery Service" <mailer-daemon@mx.example>', "5.1.1"),
        (QMAIL, "MAILER-DAEMON@mx.example", "5.1.1"),
        ("Status: 5.1.10\nno such address", "Mail Delivery Subsystem <out@mx.example>", "5.1.10"),
    ],
)
def test_letter_of_a_server_stops_mail_by_the_code_of_the_answer(
    world: World, text: str, sender: str, status: str
):
    assert world.take(daemon(world.mail.message_id, text, sender=sender)) == 1
    assert (world.blocked(), world.told()) == ("hard_bounce", [GONE])
    assert [kept.status for kept in world.inbound()] == [status]


@pytest.mark.parametrize(
    "text",
    [
        "Postmail 5.1.0 says: your mail is delayed, we keep trying.",
        "Postmail 5.1.0 says: it did not work.",
        f"Your message has not yet been delivered to:\n{NOBODY}",
        "Ihre Nachricht wird verzögert zugestellt.\n550 5.1.1",
    ],
)
def test_letter_that_goes_on_trying_or_has_only_a_version_stops_nobody(world: World, text: str):
    assert world.take(daemon(world.mail.message_id, text)) == 1
    assert (world.blocked(), world.told()) == (None, [LATER])


def test_letter_about_several_stops_nobody(world: World):
    several = f"X-Failed-Recipients: {OTHER}, {MARIA}\n"
    assert world.take(daemon(world.mail.message_id, NOBODY, headers=several)) == 1
    assert (world.blocked(), world.told()) == (None, [LATER])


@pytest.mark.parametrize(
    "sender",
    [
        "Postmaster TechCorp <postmaster@techcorp.example>",
        "Postmaster <maria@techcorp.example>",
        "Maria Postmaster <maria@techcorp.example>",
    ],
)
def test_person_who_is_called_postmaster_is_heard(world: World, sender: str):
    raw = letters.reply(world.mail.message_id, sender=sender, text="Maria reads it tomorrow.")
    assert world.take(raw) == 1
    told = world.session.scalars(select(Notification)).one()
    assert "Maria reads it tomorrow." in told.body
    assert {kept.kind for kept in world.session.scalars(select(InboundMail))} <= {"reply", "other"}
    assert "bounce" not in world.kinds()


@pytest.mark.parametrize("header", ["Return-Path: <>\n", "Auto-Submitted: auto-generated\n"])
def test_postmaster_that_no_person_writes_as_is_a_server(world: World, header: str):
    raw = daemon(
        world.mail.message_id, NOBODY, sender="Postmaster <postmaster@mx.example>", headers=header
    )
    assert world.take(raw) == 1
    assert world.blocked() == "hard_bounce"


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("else@other.example", "Somebody reported “Your report” as spam"),
        (MARIA, "Maria Lopez reported “Your report” as spam"),
    ],
)
def test_complaint_is_laid_to_nobody_but_whom_it_names(world: World, address: str, title: str):
    world.take(letters.complaint(world.mail.message_id, address))
    assert world.told() == [title]
    assert world.session.scalars(select(TimelineEntry.title)).all() == [title]
