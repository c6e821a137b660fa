"""A test mail to oneself, through the send queue like any other."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, TooMany
from data.settings import settings
from data.tables import OutboxMail
from data.texts import one_line
from integrations import mime
from services import rendering, tracking
from services.access import Viewer
from services.mailboxes import from_line
from services.mailboxes.changes import require_mine
from services.outbox.intake import Approved, enqueue

TEMPLATE = "spine/test"
KIND, TOPIC = "test", "internal"
GOOD_FOR = timedelta(hours=1)
MOST_AN_HOUR = 10


def send_test(session: Session, mailbox_id: int, *, by: Viewer, now: datetime) -> int:
    """Queue a mail from this mailbox to the person who asks; the id of the row in the queue.

    Asking is the approval. InvalidMove when the mailbox is stopped, BadInput when the person has no
    address, TooMany after MOST_AN_HOUR.
    """
    mailbox = require_mine(session, mailbox_id, by)
    if mailbox.state != "ready":
        raise InvalidMove(f"This mailbox is {mailbox.state}: {mailbox.why or 'resume it first.'}")
    if not by.email:
        raise BadInput(
            "Your account has no mail address to send the test to. Ask an admin to add it."
        )
    _check_pace(session, by, now)
    sender = from_line(session, mailbox, by.person_id)
    words = rendering.render(
        session,
        TEMPLATE,
        {
            "first_name": by.name.partition(" ")[0],
            "mailbox": mailbox.address,
            "asked_by": by.name,
            "mailboxes_url": f"{settings().base_url.rstrip('/')}/mailboxes",
        },
    )
    message_id = f"t{mailbox.id}.{token_hex(12)}@{sender.address.rpartition('@')[2]}"
    raw = mime.build(
        mime.Mail(
            message_id=message_id,
            sender_name=one_line(sender.name),
            sender_address=sender.address,
            recipient_name=one_line(by.name),
            recipient_address=by.email,
            subject=words.subject,
            text=words.text,
            html=words.html,
            date=now,
            headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        )
    )
    tokens = tracking.signer(session)
    return enqueue(
        session,
        Approved(
            dedup_key=f"test:{message_id}",
            draft_id=None,
            kind=KIND,
            topic=TOPIC,
            customer_id=None,
            stakeholder_id=None,
            owner_id=by.person_id,
            mailbox_id=mailbox.id,
            recipient=by.email,
            subject=words.subject,
            raw=raw,
            approved_hash=sha256(raw).hexdigest(),
            approved_by=by.person_id,
            message_id=message_id,
            tracking=tokens.token("open"),
            unsubscribe=tokens.token("unsubscribe"),
            due_at=now,
            expires_at=now + GOOD_FOR,
        ),
        now=now,
    )


def _check_pace(session: Session, by: Viewer, now: datetime) -> None:
    asked = session.scalar(
        select(func.count()).where(
            OutboxMail.kind == KIND,
            OutboxMail.owner_id == by.person_id,
            OutboxMail.created_at > now - GOOD_FOR,
        )
    )
    if (asked or 0) >= MOST_AN_HOUR:
        raise TooMany(f"That makes {MOST_AN_HOUR} test mails within an hour. Wait a while.")
