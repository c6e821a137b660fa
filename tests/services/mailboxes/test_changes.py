"""What people may do to mailboxes: their own, and admins all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AppError, BadInput, InvalidMove, NotAllowed, NotFound
from data.settings import settings
from data.tables import AuditEntry, Mailbox
from services.access import Viewer
from services.mailboxes import changes, company, imap_account, listing, seal, signature_for, unseal
from services.mailboxes.company import SmtpForm
from tests.support.fakes.gmail import running_gmail
from tests.support.fakes.imap import running_imap
from tests.support.fakes.smtp import running_smtp
from tests.support.queued import approved, colleague, mailbox

FORM = SmtpForm("Success@vendor.example", "smtp.vendor.example", user="engage", password="pw-1")


@pytest.fixture
def ana(session: Session) -> Viewer:
    return colleague(session, "Ana")


@pytest.fixture
def admin(session: Session) -> Viewer:
    return colleague(session, "Olga", "admin")


def box(session: Session, mailbox_id: int) -> Mailbox:
    return session.get_one(Mailbox, mailbox_id)


def test_own_mailbox_is_paused_and_resumed(session: Session, ana: Viewer, now: datetime):
    own = mailbox(session, "gmail", person_id=ana.person_id, secret=b"x")

    changes.pause(session, own, "On leave\r\nuntil June", by=ana, now=now)
    assert (box(session, own).state, box(session, own).why) == ("paused", "On leave until June")
    with pytest.raises(InvalidMove):
        changes.pause(session, own, by=ana, now=now)

    changes.resume(session, own, by=ana, now=now)
    changes.resume(session, own, by=ana, now=now)
    assert (box(session, own).state, box(session, own).why) == ("ready", None)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["mailbox.paused", "mailbox.resumed"]


def test_gmail_without_its_secret_must_be_connected_again(
    session: Session, ana: Viewer, now: datetime
):
    own = mailbox(session, "gmail", person_id=ana.person_id, state="revoked")
    with pytest.raises(InvalidMove, match="Connect the mailbox again"):
        changes.resume(session, own, by=ana, now=now)


@pytest.mark.parametrize("whose", ["a colleague's", "the company's", "nobody's"])
def test_csm_touches_no_mailbox_but_their_own(
    session: Session, ana: Viewer, now: datetime, whose: str
):
    bob = colleague(session, "Bob")
    number = {
        "a colleague's": mailbox(session, "gmail", person_id=bob.person_id),
        "the company's": mailbox(session, "smtp"),
        "nobody's": 10**6,
    }[whose]
    tries = (
        lambda: changes.pause(session, number, by=ana, now=now),
        lambda: changes.resume(session, number, by=ana, now=now),
        lambda: changes.set_rates(session, number, 10, 10, by=ana, now=now),
    )
    for attempt in tries:
        with pytest.raises(NotFound, match="no such mailbox of yours"):
            attempt()


def test_company_settings_are_for_admins(session: Session, ana: Viewer, now: datetime):
    manager = colleague(session, "Max", "manager")
    server = mailbox(session, "smtp")
    for by in (ana, manager):
        for attempt in (
            lambda by=by: company.add_smtp(session, FORM, by=by, now=now),
            lambda by=by: company.edit_smtp(session, server, FORM, by=by, now=now),
            lambda by=by: company.set_folder(session, "mail", by=by, now=now),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_rates_keep_to_what_the_provider_bears(session: Session, ana: Viewer, now: datetime):
    own = mailbox(session, "gmail", person_id=ana.person_id)
    changes.set_rates(session, own, 50, 2_000, by=ana, now=now)
    assert (box(session, own).per_minute, box(session, own).per_day) == (50, 2_000)
    for per_minute, per_day in ((51, 10), (0, 10), (10, 2_001), (10, 0)):
        with pytest.raises(BadInput):
            changes.set_rates(session, own, per_minute, per_day, by=ana, now=now)


def test_signature_is_the_persons_whatever_mailbox_they_have(
    session: Session, ana: Viewer, now: datetime
):
    assert signature_for(session, ana.person_id) == "Ana\nana@vendor.example"
    company_wide = mailbox(session, "smtp", signature="Vendor Inc.")
    assert signature_for(session, ana.person_id) == "Vendor Inc."

    changes.save_signature(session, " Ana Lopez \n+43 1 234\x00 ", by=ana, now=now)
    assert signature_for(session, ana.person_id) == "Ana Lopez\n+43 1 234"
    mailbox(session, "gmail", person_id=ana.person_id, signature="")
    assert signature_for(session, ana.person_id) == "Ana Lopez\n+43 1 234"

    changes.save_signature(session, "", by=ana, now=now)
    assert box(session, company_wide).signature == "Vendor Inc."
    with pytest.raises(BadInput):
        changes.save_signature(session, "x\n" * 13, by=ana, now=now)


def test_password_of_a_server_is_sealed_and_in_no_list_or_log(
    session: Session, admin: Viewer, ana: Viewer, now: datetime, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    number = company.add_smtp(session, FORM, by=admin, now=now)
    secret = box(session, number).secret or b""

    assert unseal(secret) == "pw-1"
    shown = f"{listing(session, admin, now)} {FORM} {caplog.text}"
    shown += str([(a.what, a.detail) for a in session.scalars(select(AuditEntry))])
    assert "pw-1" not in shown
    assert box(session, number).address == "success@vendor.example"


def test_password_never_follows_to_another_server(session: Session, admin: Viewer, now: datetime):
    number = company.add_smtp(session, FORM, by=admin, now=now)
    moved = SmtpForm(FORM.address, "smtp.elsewhere.example", user="engage")
    with pytest.raises(BadInput, match="Type the password again"):
        company.edit_smtp(session, number, moved, by=admin, now=now)

    renamed = SmtpForm(FORM.address, FORM.host, user="engage", display_name="Vendor Success")
    company.edit_smtp(session, number, renamed, by=admin, now=now)
    assert unseal(box(session, number).secret or b"") == "pw-1"

    open_server = SmtpForm(FORM.address, "localhost", 25, "none")
    company.edit_smtp(session, number, open_server, by=admin, now=now)
    assert box(session, number).secret is None


def test_inbox_is_read_with_the_same_password_and_never_at_another_server(
    session: Session, admin: Viewer, now: datetime
):
    with_inbox = replace(FORM, inbox_host="IMAP.vendor.example", inbox_folder="Answers")
    number = company.add_smtp(session, with_inbox, by=admin, now=now)
    account = imap_account(box(session, number))
    assert (account.host, account.port, account.user) == ("imap.vendor.example", 993, "engage")
    assert (account.password, account.folder) == ("pw-1", "Answers")

    moved = replace(with_inbox, inbox_host="imap.elsewhere.example", password="")
    with pytest.raises(BadInput, match="Type the password again"):
        company.edit_smtp(session, number, moved, by=admin, now=now)

    without = replace(FORM, password="")
    company.edit_smtp(session, number, without, by=admin, now=now)
    assert "imap" not in box(session, number).options


BAD_FORMS = [
    replace(FORM, inbox_host="imap vendor"),
    replace(FORM, inbox_host="imap.vendor.example", inbox_port=0),
    replace(FORM, inbox_host="imap.vendor.example", inbox_encryption="none"),
    replace(FORM, inbox_host="imap.vendor.example", inbox_folder="IN\r\nBOX"),
    SmtpForm("not an address", "smtp.vendor.example"),
    SmtpForm(FORM.address, "smtp vendor"),
    SmtpForm(FORM.address, "-smtp"),
    SmtpForm(FORM.address, ""),
    SmtpForm(FORM.address, "smtp.vendor.example", 0),
    SmtpForm(FORM.address, "smtp.vendor.example", 70_000),
    SmtpForm(FORM.address, "smtp.vendor.example", encryption="none"),
    SmtpForm(FORM.address, "smtp.vendor.example", encryption="rot13"),
    SmtpForm(FORM.address, "smtp.vendor.example", user="engage"),
    SmtpForm(FORM.address, "smtp.vendor.example", user="a\r\nb", password="x"),
    SmtpForm(FORM.address, "smtp.vendor.example", authority="certainly"),
]


@pytest.mark.parametrize("form", BAD_FORMS, ids=range(len(BAD_FORMS)))
def test_server_that_cannot_be_is_refused(
    session: Session, admin: Viewer, now: datetime, form: SmtpForm
):
    with pytest.raises(BadInput):
        company.add_smtp(session, form, by=admin, now=now)


def test_folder_beside_the_data_or_one_that_exists(
    session: Session, admin: Viewer, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path / "var"))
    settings.cache_clear()
    for refused in ("../outside", "a/../../outside", str(tmp_path / "missing"), "a\0b"):
        with pytest.raises(BadInput):
            company.set_folder(session, refused, by=admin, now=now)
    assert not (tmp_path / "outside").exists()

    company.set_folder(session, "letters", by=admin, now=now)
    assert listing(session, admin, now)[0].place == str(tmp_path / "var" / "letters")
    (tmp_path / "there").mkdir()
    company.set_folder(session, str(tmp_path / "there"), by=admin, now=now)
    company.set_folder(session, "", by=admin, now=now)
    assert listing(session, admin, now)[0].place == str(tmp_path / "var" / "mail")
    settings.cache_clear()


def test_list_shows_ones_own_and_the_companys_and_admins_all(
    session: Session, ana: Viewer, admin: Viewer, now: datetime
):
    bob = colleague(session, "Bob")
    own = mailbox(session, "gmail", person_id=ana.person_id, options={"calendar": True})
    others = mailbox(session, "gmail", person_id=bob.person_id)
    shared = mailbox(session, "smtp", options={"host": "smtp.vendor.example", "port": 587})
    mailbox(session, "gmail", person_id=ana.person_id, state="removed")

    mine = listing(session, ana, now)
    assert [(r.id, r.mine, r.editable) for r in mine] == [(own, True, True), (shared, False, False)]
    assert (mine[0].calendar, mine[1].place, mine[1].options) == (True, "", {})
    assert {r.id for r in listing(session, admin, now)} == {own, others, shared}


def test_list_counts_what_left_today_and_what_waits(session: Session, ana: Viewer, now: datetime):
    from services import outbox

    own = mailbox(session, "gmail", person_id=ana.person_id)
    for number in range(3):
        outbox.enqueue(session, approved(own, f"p{number}@customer.example", now), now=now)

    row = listing(session, ana, now)[0]
    assert (row.sent, row.waiting) == (0, 3)


def test_removing_forgets_the_secret_and_gives_google_its_access_back(
    app_database: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    with running_gmail() as google:
        for name, value in google.environment().items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        with transaction() as session:
            ana = colleague(session, "Ana")
            own = mailbox(session, "gmail", person_id=ana.person_id, secret=seal("refresh-ana"))

        assert changes.check(own, by=ana, now=now) == changes.Checked(
            True, "It works: mail can leave from here."
        )
        changes.remove(own, by=ana, now=now)

        assert google.revoked == {"refresh-ana"}
        with transaction(read_only=True) as session:
            assert (box(session, own).state, box(session, own).secret) == ("removed", None)
        with pytest.raises(NotFound):
            changes.check(own, by=ana, now=now)


def test_check_says_what_is_wrong_and_mends_what_works_again(
    app_database: Engine, now: datetime, tmp_path: Path
):
    with running_smtp(tmp_path, sign_in=True) as server:
        with transaction() as session:
            admin = colleague(session, "Olga", "admin")
            form = SmtpForm(
                FORM.address, "localhost", server.port, "none", user="engage", password="wrong"
            )
            number = company.add_smtp(session, form, by=admin, now=now)
        wrong = changes.check(number, by=admin, now=now)
        assert not wrong.ok
        assert "does not accept the user name or password" in wrong.words

        with transaction() as session:
            box(session, number).state = "revoked"
            box(session, number).secret = seal("long & secret")
        assert changes.check(number, by=admin, now=now).ok
        with transaction(read_only=True) as session:
            assert (box(session, number).state, box(session, number).checked_at) == ("ready", now)


def test_check_signs_in_where_replies_are_read_too(
    app_database: Engine, now: datetime, tmp_path: Path
):
    with running_smtp(tmp_path, sign_in=True) as server:
        with running_imap() as inbox:
            inbox.password = "long & secret"
            with transaction() as session:
                admin = colleague(session, "Olga", "admin")
                form = SmtpForm(
                    FORM.address, "localhost", server.port, "none", user="engage", password="long & secret",
                    inbox_host="localhost", inbox_port=inbox.port, inbox_encryption="none",
                )  # fmt: skip
                number = company.add_smtp(session, form, by=admin, now=now)
            works = changes.check(number, by=admin, now=now)
            assert works == changes.Checked(
                True, "It works: mail can leave from here, and replies are read."
            )
            assert not any("FETCH" in said for said in inbox.said)

            inbox.refuses = "NO [AUTHENTICATIONFAILED] no"
            refused = changes.check(number, by=admin, now=now)
            assert not refused.ok
            assert "replies cannot be read" in refused.words
            assert "user name or password" in refused.words
        gone = changes.check(number, by=admin, now=now)
        assert not gone.ok
        assert "did not answer as expected" in gone.words


def test_folder_cannot_be_removed(app_database: Engine, now: datetime):
    with transaction() as session:
        admin = colleague(session, "Olga", "admin")
        folder = mailbox(session, "eml")
    with pytest.raises(AppError, match="folder stays"):
        changes.remove(folder, by=admin, now=now)
