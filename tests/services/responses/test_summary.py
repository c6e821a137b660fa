"""What came of a mail, summed up without taking machines for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Mailbox, MailEvent, OutboxMail
from integrations.inbox import InboundMessage
from services import responses, tracking
from services.responses import MailResponse, judging
from tests.support import letters
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import TARGET, SentMail, mailbox, sent_mail

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


@dataclass
class World:
    session: Session
    known: Portfolio
    mail: SentMail
    now: datetime

    def hit(self, purpose: str, token: str, *, agent: str = BROWSER, method: str = "GET") -> None:
        hit = tracking.Hit(purpose, token, self.now, method, "203.0.113.9", agent)  # pyright: ignore[reportArgumentType]
        tracking.store(self.session, [hit])
        judging.judge_recent(self.session, self.now)

    def summary(self) -> MailResponse:
        (found,) = responses.of_customer(self.session, self.known.dana, self.known.techcorp)
        return found


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    known = portfolio(session, now)
    mail = sent_mail(session, known, mailbox(session, now), now - timedelta(hours=3))
    return World(session, known, mail, now)


def test_mail_nobody_touched(world: World):
    found = world.summary()
    assert (found.opened, found.clicks, found.replies, found.bounced) == ("no", 0, (), None)
    assert found.stakeholder == "Maria Lopez"


def test_privacy_service_hides_and_does_not_say_unopened(world: World):
    world.hit("open", world.mail.open, agent="Mozilla/5.0")
    assert world.summary().opened == "hidden"


def test_click_of_a_person_is_an_open_too(world: World):
    world.hit("open", world.mail.open, agent="Mozilla/5.0")
    world.hit("click", world.mail.click)
    found = world.summary()
    assert (found.opened, found.clicks) == ("person", 1)
    assert TARGET in {event.url for event in found.events}


def test_machines_are_counted_apart(world: World):
    world.hit("click", world.mail.click, method="HEAD")
    world.hit("open", world.mail.open, agent="curl/8")
    found = world.summary()
    assert (found.opened, found.clicks, found.machine_clicks) == ("machine", 0, 1)


def test_looking_at_the_page_is_not_leaving(world: World):
    world.hit("unsubscribe", world.mail.unsubscribe)
    assert not world.summary().unsubscribed
    press = responses.Press("203.0.113.9", BROWSER)
    responses.choose(world.session, world.mail.unsubscribe, "topic", press, now=world.now)
    assert world.summary().unsubscribed


def test_reply_and_bounce_are_told(world: World):
    box = world.session.get_one(OutboxMail, world.mail.outbox_id).mailbox_id
    owner = world.session.get_one(Mailbox, box)
    raws = [letters.reply(world.mail.message_id), letters.bounce(world.mail.message_id)]
    messages = [InboundMessage(f"p{n}", raw, world.now) for n, raw in enumerate(raws)]
    responses.take_in(world.session, owner, messages, now=world.now)
    found = world.summary()
    assert [reply.text for reply in found.replies] == ["Yes, Thursday."]
    assert (found.opened, found.bounced) == ("person", "5.1.1")


def test_event_not_judged_yet_says_so(world: World):
    world.session.add(
        MailEvent(outbox_id=world.mail.outbox_id, kind="click", at=world.now, method="GET")
    )
    world.session.flush()
    assert [event.verdict for event in world.summary().events] == [""]


def test_foreign_customers_mail_is_not_there(world: World):
    row = world.session.get_one(OutboxMail, world.mail.outbox_id)
    with pytest.raises(NotFound):
        responses.of_customer(world.session, world.known.erik, world.known.techcorp)
    assert row.draft_id is None
    assert responses.of_draft(world.session, world.known.dana, 999) is None
