from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from data.db import transaction
from data.tables import OutboxMail
from integrations.senders import Outgoing
from integrations.senders.gmail import GmailSender
from services import outbox
from services.clock import utc_now
from tests.support import queued
from tests.support.crashing import Killed
from tests.support.fakes.gmail import GmailFake, running_gmail
from worker import periodic


@pytest.fixture
def gmail() -> Generator[GmailFake]:
    with running_gmail() as fake:
        yield fake


def tidy(engine: Engine, gmail: GmailFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic, "sender_of", lambda _box: GmailSender(gmail.account()))
    in_two_hours = utc_now() + timedelta(hours=2)
    periodic.tidy_mailboxes(lambda: transaction(engine), {}, lambda: in_two_hours)


def with_draft(engine: Engine, gmail: GmailFake, state: str, *, written_down: bool) -> str:
    """A message in `state` whose draft waits at Gmail; the draft's id."""
    now = utc_now()
    with transaction(engine) as session:
        mail = queued.approved(queued.mailbox(session), "kim@acme.example", now)
        outbox.enqueue(session, mail, now=now)
        number = GmailSender(gmail.account()).prepare(
            Outgoing(mail.raw, mail.message_id, mail.recipient, "ana@vendor.example")
        )
        kept = number if written_down else None
        session.execute(update(OutboxMail).values(state=state, provider_draft_id=kept))
    assert number is not None
    return number


@pytest.mark.parametrize("state", ["queued", "claimed", "wire", "unknown", "review"])
def test_draft_that_a_message_waits_for_stays(
    engine: Engine, gmail: GmailFake, monkeypatch: pytest.MonkeyPatch, state: str
):
    number = with_draft(engine, gmail, state, written_down=True)
    tidy(engine, gmail, monkeypatch)
    assert list(gmail.drafts) == [number]


def test_draft_that_was_never_written_down_goes(
    engine: Engine, gmail: GmailFake, monkeypatch: pytest.MonkeyPatch
):
    with_draft(engine, gmail, "queued", written_down=False)
    tidy(engine, gmail, monkeypatch)
    assert gmail.drafts == {}


@pytest.mark.parametrize("state", ["failed", "blocked", "cancelled"])
def test_draft_of_a_message_that_ended_goes_and_is_forgotten(
    engine: Engine, gmail: GmailFake, monkeypatch: pytest.MonkeyPatch, state: str
):
    with_draft(engine, gmail, state, written_down=True)
    tidy(engine, gmail, monkeypatch)
    assert gmail.drafts == {}
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(OutboxMail.provider_draft_id)).one() is None


@pytest.mark.parametrize("after", ["giving_up", "removing"])
def test_janitor_killed_between_its_steps_leaves_nothing_behind(
    engine: Engine, gmail: GmailFake, monkeypatch: pytest.MonkeyPatch, after: str
):
    with_draft(engine, gmail, "blocked", written_down=True)

    class Dying(GmailSender):
        def discard(self, provider_draft_id: str) -> None:
            if after == "removing":
                super().discard(provider_draft_id)
            raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(periodic, "sender_of", lambda _box: Dying(gmail.account()))
        in_two_hours = utc_now() + timedelta(hours=2)
        with pytest.raises(Killed):
            periodic.tidy_mailboxes(lambda: transaction(engine), {}, lambda: in_two_hours)
    tidy(engine, gmail, monkeypatch)
    assert gmail.drafts == {}
    with transaction(engine, read_only=True) as session:
        row = session.scalars(select(OutboxMail)).one()
        assert (row.state, row.provider_draft_id) == ("blocked", None)


def test_draft_a_person_wrote_stays(
    engine: Engine, gmail: GmailFake, monkeypatch: pytest.MonkeyPatch
):
    with transaction(engine) as session:
        queued.mailbox(session)
    gmail.create(b"Subject: My own\r\n\r\nHello")
    tidy(engine, gmail, monkeypatch)
    assert len(gmail.drafts) == 1
