"""Which mailbox a mail leaves from, and in whose name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Mailbox, Person
from integrations.senders.eml import EmlSender
from services.mailboxes import FromLine, from_line, mailbox_for, mailbox_found, sender_of
from tests.support.queued import colleague, mailbox


def test_first_need_makes_the_folder_and_later_ones_use_it(app_database: Engine):
    with transaction() as session:
        ana = colleague(session, "Ana")
        assert mailbox_found(session, ana.person_id) is None
        first = mailbox_for(session, ana.person_id)
        again = mailbox_for(session, None)

    assert (first.kind, first.state, first.id) == ("eml", "ready", again.id)
    assert isinstance(sender_of(first), EmlSender)


def test_many_first_needs_at_once_make_one_folder(app_database: Engine):
    def ask(_number: int) -> int:
        with transaction() as session:
            return mailbox_for(session, None).id

    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(ask, range(12)))

    with transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Mailbox)) == len(found) == 1


def test_own_mailbox_comes_before_the_companys_and_that_before_the_folder(session: Session):
    ana, bob = colleague(session, "Ana"), colleague(session, "Bob")
    folder = mailbox(session, "eml")
    assert mailbox_for(session, ana.person_id).id == folder

    company = mailbox(session, "smtp")
    assert mailbox_for(session, ana.person_id).id == company

    own = mailbox(session, "gmail", person_id=ana.person_id)
    assert mailbox_for(session, ana.person_id).id == own
    assert mailbox_for(session, bob.person_id).id == company
    assert mailbox_for(session, None).id == company


def test_mail_waits_for_a_mailbox_that_is_stopped_rather_than_leaving_by_another(session: Session):
    ana = colleague(session, "Ana")
    mailbox(session, "eml")
    stopped = mailbox(session, "smtp", state="paused")
    assert mailbox_for(session, ana.person_id).id == stopped

    own = mailbox(session, "gmail", person_id=ana.person_id, state="revoked")
    assert mailbox_for(session, ana.person_id).id == own


def test_company_server_that_works_comes_before_one_that_does_not(session: Session):
    mailbox(session, "smtp", state="paused")
    works = mailbox(session, "smtp")
    assert mailbox_for(session, None).id == works


def test_removed_mailbox_is_nobodys_and_sends_nothing(session: Session):
    ana = colleague(session, "Ana")
    gone = session.get_one(
        Mailbox, mailbox(session, "gmail", person_id=ana.person_id, state="removed")
    )
    assert mailbox_for(session, ana.person_id).id != gone.id
    said = sender_of(gone).check()
    assert said is not None
    assert "removed" in said


def test_mail_is_in_the_csms_name_and_answers_reach_them(session: Session, now: datetime):
    ana = colleague(session, "Ana")
    company = session.get_one(
        Mailbox,
        mailbox(session, "smtp", display_name="Vendor"),
    )
    company.address = "success@vendor.example"
    own = session.get_one(
        Mailbox, mailbox(session, "gmail", person_id=ana.person_id, display_name="Ana L.")
    )
    folder = session.get_one(Mailbox, mailbox(session, "eml"))

    assert from_line(session, company, ana.person_id) == FromLine(
        "Ana", "success@vendor.example", "ana@vendor.example"
    )
    assert from_line(session, company, None) == FromLine("Vendor", "success@vendor.example")
    assert from_line(session, own, ana.person_id) == FromLine("Ana L.", "ana@vendor.example")
    assert from_line(session, folder, ana.person_id) == FromLine("Ana", "ana@vendor.example")


def test_person_without_an_address_still_has_a_from_line(session: Session, now: datetime):
    nameless = Person(name="Cleo", role="csm", created_at=now)
    session.add(nameless)
    session.flush()
    folder = session.get_one(Mailbox, mailbox(session, "eml"))

    assert from_line(session, folder, nameless.id) == FromLine("Cleo", "ana@vendor.example")
