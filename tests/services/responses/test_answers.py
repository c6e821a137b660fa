"""A colleague who knows better than the words of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import (
    AuditEntry,
    InboundMail,
    Mailbox,
    MailEvent,
    Notification,
    TimelineEntry,
)
from integrations.inbox import InboundMessage
from services import responses
from services.responses import MailResponse
from tests.support import letters
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import SentMail, mailbox, sent_mail

AWAY = "I'm currently on annual leave and will respond to your email when I return."
BY_WORDS = "Automatic answer, by its words, to “Your report”"


@dataclass
class World:
    session: Session
    known: Portfolio
    box: Mailbox
    mail: SentMail
    now: datetime

    def take(self, raw: bytes) -> int:
        responses.take_in(
            self.session, self.box, [InboundMessage("p1", raw, self.now)], now=self.now
        )
        return self.session.scalars(select(InboundMail.id)).one()

    def away(self, **how: str) -> int:
        return self.take(letters.reply(self.mail.message_id, text=AWAY, **how))

    def summary(self) -> MailResponse:
        (found,) = responses.of_customer(self.session, self.known.dana, self.known.techcorp)
        return found

    def events(self) -> list[tuple[str, str, str | None]]:
        return [(e.kind, e.verdict, e.reason) for e in self.session.scalars(select(MailEvent))]

    def told(self) -> list[str]:
        return list(self.session.scalars(select(Notification.title)))

    def noted(self) -> list[tuple[str, str]]:
        standing = select(TimelineEntry).where(TimelineEntry.withdrawn_at.is_(None))
        return [(e.title, e.detail) for e in self.session.scalars(standing)]

    def kind(self) -> str:
        return self.session.scalars(select(InboundMail.kind)).one()


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    known, box = portfolio(session, now), mailbox(session, now)
    mail = sent_mail(session, known, box, now - timedelta(days=1))
    return World(session, known, box, mail, now)


def test_answer_that_only_its_words_call_automatic_is_shown_and_counts_for_nothing(world: World):
    number = world.away()
    found = world.summary()
    assert (found.replies, found.opened) == ((), "no")
    assert [(one.id, one.text, one.told) for one in found.besides] == [(number, AWAY, "words")]
    assert world.noted() == [(BY_WORDS, AWAY)]
    assert world.told() == []


def test_answer_that_a_header_calls_automatic_is_not_shown(world: World):
    number = world.away(headers="Auto-Submitted: auto-replied\r\n")
    assert (world.summary().replies, world.summary().besides) == ((), ())
    with pytest.raises(NotFound):
        responses.by_person(world.session, number, by=world.known.dana, now=world.now)


def test_person_wrote_it_and_it_is_told_and_counts_like_any_reply(world: World):
    number = world.away()
    for _ in range(2):
        responses.by_person(world.session, number, by=world.known.dana, now=world.now)
    assert world.kind() == "reply"
    assert world.events() == [("reply", "human", "confirmed")]
    assert world.told() == ["Maria Lopez replied to “Your report”"]
    assert world.noted() == [("Maria Lopez replied to “Your report”", AWAY)]
    found = world.summary()
    assert ([one.told for one in found.replies], found.besides) == (["confirmed"], ())
    assert found.opened == "person"
    assert [one.action for one in world.session.scalars(select(AuditEntry))] == ["answer.judged"]


def test_taken_back_it_is_as_before_and_may_be_said_again(world: World):
    number = world.away()
    whose = {"by": world.known.dana, "now": world.now}
    responses.by_person(world.session, number, **whose)
    responses.by_machine(world.session, number, **whose)
    assert world.kind() == "auto_reply"
    assert world.events() == [("auto_reply", "machine", "auto_reply")]
    assert (world.told(), world.noted()) == ([], [(BY_WORDS, AWAY)])
    assert [one.told for one in world.summary().besides] == ["words"]
    responses.by_person(world.session, number, **whose)
    assert world.told() == ["Maria Lopez replied to “Your report”"]


def test_event_has_another_number_so_that_figures_read_it_anew(world: World):
    number = world.away()
    world.session.add(MailEvent(outbox_id=world.mail.outbox_id, kind="open", at=world.now))
    world.session.flush()
    last = max(world.session.scalars(select(MailEvent.id)))
    responses.by_person(world.session, number, by=world.known.dana, now=world.now)
    (reply,) = world.session.scalars(select(MailEvent).where(MailEvent.kind == "reply"))
    assert reply.id > last


def test_stranger_stays_one(world: World):
    number = world.away(sender="help@else.example")
    responses.by_person(world.session, number, by=world.known.dana, now=world.now)
    assert world.kind() == "other"
    assert "reply" not in [kind for kind, *_ in world.events()]
    assert world.told() == [
        "Somebody else (help@else.example) answered the mail to Maria Lopez: “Your report”"
    ]
    assert [one.told for one in world.summary().besides] == ["confirmed"]


def test_strangers_words_are_shown_and_a_complaints_are_not(world: World):
    world.take(letters.reply(world.mail.message_id, sender="any@else.example"))
    assert [one.told for one in world.summary().besides] == ["stranger"]
    complaint = InboundMessage("p2", letters.complaint(world.mail.message_id), world.now)
    responses.take_in(world.session, world.box, [complaint], now=world.now)
    assert len(world.summary().besides) == 1
    assert world.summary().complained


def test_reply_and_foreign_answers_are_not_to_be_judged(world: World):
    number = world.away()
    for judge in (responses.by_person, responses.by_machine):
        with pytest.raises(NotFound):
            judge(world.session, number, by=world.known.erik, now=world.now)
        with pytest.raises(NotFound):
            judge(world.session, 999, by=world.known.dana, now=world.now)
    plain = InboundMessage("p2", letters.reply(world.mail.message_id), world.now)
    responses.take_in(world.session, world.box, [plain], now=world.now)
    with pytest.raises(NotFound):
        responses.by_machine(world.session, number + 1, by=world.known.dana, now=world.now)
