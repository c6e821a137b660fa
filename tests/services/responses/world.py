"""A mail to Maria of TechCorp that went out yesterday, and the mailbox that answers come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import InboundMail, Mailbox, MailEvent, Notification
from integrations.inbox import InboundMessage
from services import responses, suppression
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import SentMail, mailbox, sent_mail

MARIA = "maria@techcorp.example"


@dataclass
class World:
    session: Session
    known: Portfolio
    box: Mailbox
    mail: SentMail
    now: datetime

    def take(self, raw: bytes, *, number: str = "p1", thread: str | None = None) -> int:
        message = InboundMessage(number, raw, self.now, thread)
        return responses.take_in(self.session, self.box, [message], now=self.now)

    def inbound(self) -> list[InboundMail]:
        return list(self.session.scalars(select(InboundMail).order_by(InboundMail.id)))

    def kinds(self) -> list[str]:
        return list(self.session.scalars(select(MailEvent.kind).order_by(MailEvent.id)))

    def told(self) -> list[str]:
        return list(self.session.scalars(select(Notification.title).order_by(Notification.id)))

    def blocked(self) -> str | None:
        why = suppression.blocked(self.session, MARIA, "support")
        return why.reason if why else None


def make_world(session: Session, now: datetime) -> World:
    known = portfolio(session, now)
    box = mailbox(session, now)
    mail = sent_mail(session, known, box, now - timedelta(days=1), recipient=MARIA)
    return World(session, known, box, mail, now)
