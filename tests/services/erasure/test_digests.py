"""A colleague's daily digest names customers' people: whoever is erased is gone from it, and from its file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.errors import InvalidMove
from data.tables import OutboxMail, Person
from integrations.senders import Outgoing
from integrations.senders.eml import EmlSender
from services import erasure, tasks
from services.access import SYSTEM
from services.tasks import NewTask
from services.today import send_digests
from tests.services.erasure.test_traces import MAIL, NAME, erase, found_in
from tests.support.queued import colleague, customer, mailbox, stakeholder

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ABOUT = {
    "Ana": f"Call {NAME} at Acme: two events missed, and nobody has heard of them for weeks",
    "Ben": "Ask Zenobia about the renewal",
    "Cid": f"Write to {MAIL.upper()}",
    "Dora": "Call Kim",
}


@pytest.fixture
def zenobia(app_database: Engine, tmp_path: Path) -> int:
    """Four colleagues have had a digest as a file; all but Dora's name her."""
    first, last = NAME.split()
    with transaction() as session:
        box, at = mailbox(session), customer(session)
        number = stakeholder(session, at, MAIL, first_name=first, last_name=last)
        for name, title in ABOUT.items():
            owner = colleague(session, name).person_id
            session.get_one(Person, owner).digest = True
            new = NewTask(dedup_key=name, title=title, due_at=MONDAY, owner_id=owner)
            if name == "Ben":
                new = replace(new, customer_id=at, stakeholder_id=number)
            tasks.add(session, new, now=MONDAY)
        assert send_digests(session, MONDAY) == len(ABOUT)
        for mail in session.scalars(select(OutboxMail)):
            mail.state, mail.mailbox_id = "sent", box
            out = Outgoing(mail.raw, mail.message_id, mail.recipient, "ana@vendor.example")
            assert EmlSender(tmp_path / "mail").send(out).kind == "sent"
    return number


def test_digests_that_name_who_was_erased_are_emptied_and_their_files_go(
    zenobia: int, tmp_path: Path, now: datetime
):
    assert len([name for name in found_in(tmp_path) if name.endswith(".eml")]) == 3
    with transaction(read_only=True) as session:
        assert erasure.preview(session, zenobia, by=SYSTEM).changes["outbox"] == 3
    erase(zenobia, now)
    assert found_in(tmp_path) == []
    assert len(list(tmp_path.rglob("*.eml"))) == 1, "a digest about others went too"
    with transaction(read_only=True) as session:
        mails = session.scalars(select(OutboxMail)).all()
        assert [mail.recipient for mail in mails if mail.raw] == ["dora@vendor.example"]
        assert {mail.state for mail in mails} == {"sent"}


def test_digest_that_waits_does_not_leave_and_one_on_the_wire_is_waited_for(
    zenobia: int, now: datetime
):
    with transaction() as session:
        session.query(OutboxMail).update({"state": "wire"})
    with transaction() as session, pytest.raises(InvalidMove, match="to a colleague"):
        erasure.erase(session, zenobia, NAME, by=SYSTEM, now=now)
    with transaction() as session:
        session.query(OutboxMail).update({"state": "queued"})
    erase(zenobia, now)
    with transaction(read_only=True) as session:
        waits = select(OutboxMail.recipient).where(OutboxMail.state == "queued")
        assert session.scalars(waits).all() == ["dora@vendor.example"]


def test_namesake_leaves_the_digests_that_do_not_say_which_of_them(zenobia: int, now: datetime):
    first, last = NAME.split()
    with transaction() as session:
        other = customer(session, "Brightline")
        stakeholder(session, other, "zq@b.example", first_name=first, last_name=last)
        session.query(OutboxMail).update({"topic": "relationship"})
        ana = session.query(OutboxMail).filter_by(recipient="ana@vendor.example").one()
        ana.topic, ana.raw = "internal", b"\r\n\r\nCall " + NAME.encode()
    erase(zenobia, now)
    with transaction(read_only=True) as session:
        assert all(session.scalars(select(OutboxMail.raw)))


def test_preview_says_that_mails_to_others_stay(zenobia: int):
    with transaction(read_only=True) as session:
        stays = erasure.preview(session, zenobia, by=SYSTEM).stays
    assert any("Mails to other people that mention them" in one for one in stays)
