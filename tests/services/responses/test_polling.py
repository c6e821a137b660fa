"""From a mailbox on a server to what we know of the customer, and verdicts on what was clicked."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from data.db import transaction
from data.settings import settings
from data.tables import InboundMail, Mailbox, MailEvent, Notification
from integrations.google_trouble import RECONNECT
from integrations.inbox import Fetched
from services import mailboxes, tracking
from services.mailboxes import connect
from services.responses import intake, judging, polling
from services.responses.polling import REFUSED, poll_mailboxes
from tests.support import letters
from tests.support.fakes.gmail_inbox import Inbox, running_inbox
from tests.support.fakes.imap import PASSWORD, ImapFake, running_imap
from tests.support.portfolio import portfolio
from tests.support.sent import SentMail, mailbox, sent_mail

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


@pytest.fixture
def server() -> Generator[ImapFake]:
    with running_imap() as fake:
        yield fake


@pytest.fixture
def mail(app_database: Engine, server: ImapFake, now: datetime) -> SentMail:
    with transaction() as session:
        known = portfolio(session, now)
        box = mailbox(session, now)
        box.kind = "smtp"
        box.secret = mailboxes.seal(PASSWORD)
        box.options = {
            "user": "dana",
            "imap": {"host": "127.0.0.1", "port": server.port, "encryption": "none"},
        }
        return sent_mail(session, known, box, now - timedelta(hours=2))


def _poll(now: datetime) -> int:
    return poll_mailboxes(transaction, {}, lambda: now)


def test_reply_on_the_server_becomes_a_reply_once(mail: SentMail, server: ImapFake, now: datetime):
    assert _poll(now) == 0
    server.put(letters.reply(mail.message_id))
    server.put(letters.reply("", sender="friend@home.example"))
    assert [_poll(now), _poll(now)] == [1, 0]
    with transaction(read_only=True) as session:
        assert session.scalars(select(InboundMail.text)).all() == ["Yes, Thursday."]
        assert session.scalars(select(Mailbox.checked_at)).all() == [now]


def test_server_that_is_away_stops_nothing(mail: SentMail, server: ImapFake, now: datetime):
    with transaction() as session:
        box = session.scalars(select(Mailbox)).one()
        box.options = box.options | {"imap": {"host": "127.0.0.1", "port": 1, "encryption": "none"}}
    assert _poll(now) == 0


def test_password_refused_on_reading_is_told_once_until_it_is_put_right(
    mail: SentMail, server: ImapFake, now: datetime
):
    assert _poll(now) == 0
    server.put(letters.reply(mail.message_id))
    server.refuses = "NO [AUTHENTICATIONFAILED] Invalid credentials"
    assert [_poll(now), _poll(now)] == [0, 0]
    with transaction() as session:
        box = session.scalars(select(Mailbox)).one()
        assert (box.state, box.why) == ("revoked", REFUSED)
        told = session.scalars(select(Notification)).all()
        assert [(one.kind, one.body) for one in told] == [("mailbox_revoked", REFUSED)]
        box.state = "ready"
    server.refuses = None
    assert _poll(now) == 1


@pytest.mark.parametrize("said", ["NO [UNAVAILABLE] Come back later.", "BAD no"])
def test_server_with_a_trouble_of_its_own_is_asked_again(
    mail: SentMail, server: ImapFake, now: datetime, said: str
):
    server.refuses = said
    assert _poll(now) == 0
    with transaction(read_only=True) as session:
        assert session.scalars(select(Mailbox.state)).all() == ["ready"]


def test_password_that_was_put_right_meanwhile_is_left_alone(
    mail: SentMail, server: ImapFake, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def fetch(box: Mailbox) -> Fetched:
        with transaction() as session:
            session.scalars(select(Mailbox)).one().secret = mailboxes.seal("another")
        return fetched(box)

    fetched = polling._fetch
    monkeypatch.setattr(polling, "_fetch", fetch)
    server.refuses = "NO wrong password"
    assert _poll(now) == 0
    with transaction(read_only=True) as session:
        assert session.scalars(select(Mailbox.state)).all() == ["ready"]


@pytest.fixture
def google(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Generator[Inbox]:
    with running_inbox() as fake:
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield fake
    settings.cache_clear()


def test_access_revoked_at_google_is_told_while_only_reading(google: Inbox, now: datetime):
    with transaction() as session:
        known = portfolio(session, now)
        dana = known.dana
        box = mailbox(session, now, person_id=dana.person_id)
        box.kind, box.secret = "gmail", mailboxes.seal("refresh-ana")
        mail = sent_mail(session, known, box, now - timedelta(hours=2))
    assert _poll(now) == 0
    google.put(letters.reply(mail.message_id))
    google.revoked.add("refresh-ana")
    assert [_poll(now), _poll(now)] == [0, 0]
    with transaction() as session:
        box = session.scalars(select(Mailbox)).one()
        assert (box.state, box.why) == ("revoked", RECONNECT)
        told = session.scalars(select(Notification)).all()
        assert [(one.person_id, one.kind) for one in told] == [(dana.person_id, "mailbox_revoked")]
        google.revoked.clear()
        connected = connect.Connected(box.address, "Dana", False, "refresh-ana")
        connect.keep(session, connected, by=dana, now=now)
    assert _poll(now) == 1


def test_hostile_mail_keeps_nobody_from_reading_on(mail: SentMail, server: ImapFake, now: datetime):
    assert _poll(now) == 0
    comments = "(" * 900 + ")" * 60 + " <x@y.example>"
    server.put(letters.reply(mail.message_id, sender=comments))
    server.put(letters.reply("x\x00y@z.example", sender="friend@home.example"))
    server.put(letters.reply("").replace(b"<answer@", b"<a\x00b@"))
    server.put(letters.reply("", subject="=?utf-8?b?abcde?="))
    server.put(letters.bounce(mail.message_id).replace(b"Recipient address", b"\x00Recipient"))
    server.put(letters.reply(mail.message_id, text="Still here."))
    assert [_poll(now), _poll(now)] == [5, 0]
    with transaction(read_only=True) as session:
        assert "Still here." in session.scalars(select(InboundMail.text)).all()


@pytest.mark.parametrize("broken", ["mail", "database"])
def test_mail_that_cannot_be_taken_in_is_left_out_alone(
    mail: SentMail, server: ImapFake, now: datetime, monkeypatch: pytest.MonkeyPatch, broken: str
):
    troubles = {"mail": [ValueError] * 9, "database": [OperationalError("", None, Exception())]}

    def act(session: Session, taken: Any, *rest: Any) -> None:
        acted(session, taken, *rest)
        if taken.letter.text == "No." and troubles[broken]:
            raise troubles[broken].pop()

    acted = intake._act
    monkeypatch.setattr(intake, "_act", act)
    assert _poll(now) == 0
    for words in ("Yes.", "No.", "Perhaps."):
        server.put(letters.reply(mail.message_id, text=words))
    assert [_poll(now), _poll(now)] == ([2, 0] if broken == "mail" else [0, 3])
    with transaction(read_only=True) as session:
        events = session.scalar(select(func.count()).select_from(MailEvent))
        assert events == session.scalar(select(func.count()).select_from(InboundMail))


def test_verdicts_follow_what_becomes_known(mail: SentMail, now: datetime):
    hit = partial(tracking.Hit, method="GET", user_agent=BROWSER)
    sent = now - timedelta(hours=2)
    reader = hit("click", mail.click, now, ip="203.0.113.9")
    at_once = hit("open", mail.open, sent + timedelta(seconds=2), ip="198.51.100.3")
    trap = hit("click", mail.hidden, now, ip="198.51.100.4")
    with transaction() as session:
        assert not judging.waiting(session)
        tracking.store(session, [reader, at_once, trap])
        assert judging.waiting(session)
        assert judging.judge_recent(session, now) == 3
        assert judging.judge_recent(session, now) == 0
    with transaction(read_only=True) as session:
        told = session.execute(
            select(MailEvent.kind, MailEvent.verdict, MailEvent.reason).order_by(MailEvent.id)
        ).all()
    assert [tuple(row) for row in told] == [
        ("click", "human", "person"),
        ("open", "machine", "at_once"),
        ("click", "machine", "hidden_link"),
    ]


def test_address_of_our_own_proxy_says_nothing(mail: SentMail, now: datetime):
    """Else one hidden link would taint every reader behind the proxy."""
    with transaction() as session:
        for token in (mail.hidden, mail.click):
            hit = tracking.Hit("click", token, now, "GET", "10.0.0.2", BROWSER)
            tracking.store(session, [hit])
        judging.judge_recent(session, now)
        verdicts = session.scalars(select(MailEvent.verdict).order_by(MailEvent.id)).all()
    assert verdicts == ["machine", "human"]
