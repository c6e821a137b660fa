"""Mails that have gone out, for what comes back to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Mailbox, MailLink, OutboxMail
from services import tracking
from tests.support.portfolio import Portfolio

BASE = "http://localhost"
TARGET = "https://customer.example/report?a=1"


@dataclass(frozen=True)
class SentMail:
    """A mail and the tokens in it."""

    outbox_id: int
    message_id: str
    recipient: str
    open: str
    click: str
    hidden: str
    unsubscribe: str


def mailbox(session: Session, now: datetime, *, person_id: int | None = None) -> Mailbox:
    row = Mailbox(person_id=person_id, kind="eml", address="dana@ours.example", created_at=now)
    session.add(row)
    session.flush()
    return row


def sent_mail(
    session: Session,
    known: Portfolio,
    box: Mailbox,
    at: datetime,
    *,
    recipient: str = "Maria@techcorp.example",
    topic: str = "events",
    state: str = "sent",
) -> SentMail:
    """To Maria of TechCorp, from Dana, with one link to TARGET."""
    message_id = f"{token_hex(8)}@ours.example"
    made = tracking.instrument(
        session,
        html=f'<p><a href="{TARGET}">Report</a></p>',
        text=TARGET,
        message_id=message_id,
        base_url=BASE,
    )
    row = OutboxMail(
        dedup_key=message_id,
        kind="personal",
        topic=topic,
        customer_id=known.techcorp,
        stakeholder_id=known.maria,
        owner_id=known.dana.person_id,
        mailbox_id=box.id,
        recipient=recipient,
        subject="Your report",
        raw=b"",
        approved_hash="",
        message_id=message_id,
        tracking=made.tracking,
        unsubscribe=made.unsubscribe,
        state=state,
        due_at=at,
        wire_at=at if state == "sent" else None,
        sent_at=at if state == "sent" else None,
        thread_id=f"thread-{message_id[:8]}",
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    session.flush()
    links = session.execute(
        select(MailLink.hidden, MailLink.token).where(MailLink.message_id == message_id)
    ).all()
    tokens = {link.hidden: link.token for link in links}
    return SentMail(
        row.id, message_id, recipient, made.tracking, tokens[False], tokens[True], made.unsubscribe
    )
