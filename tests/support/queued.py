"""A small world with mail in the send queue: people, customers, stakeholders, mailboxes, approved mail."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from secrets import token_urlsafe
from typing import Any

from sqlalchemy.orm import Session

from data.tables import Customer, Mailbox, Person, Stakeholder, StakeholderEmail
from services.access import Viewer
from services.access.viewer import viewer_of
from services.outbox import Approved

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def colleague(session: Session, name: str, role: str = "csm", manager: int | None = None) -> Viewer:
    """A person who signs in, as the `by` of a service."""
    person = Person(
        name=name,
        email=f"{name.lower()}@vendor.example",
        role=role,
        manager_id=manager,
        created_at=SINCE,
    )
    session.add(person)
    session.flush()
    return viewer_of(session, person, SINCE)


def customer(session: Session, name: str = "Acme", **values: Any) -> int:
    row = Customer(name=name, created_at=SINCE, updated_at=SINCE, **values)
    session.add(row)
    session.flush()
    return row.id


def stakeholder(session: Session, customer_id: int, email: str, **values: Any) -> int:
    row = Stakeholder(customer_id=customer_id, created_at=SINCE, updated_at=SINCE, **values)
    session.add(row)
    session.flush()
    session.add(StakeholderEmail(email=email, shown_as=email, stakeholder_id=row.id))
    session.flush()
    return row.id


def mailbox(session: Session, kind: str = "eml", **values: Any) -> int:
    row = Mailbox(kind=kind, address="ana@vendor.example", created_at=SINCE, **values)
    session.add(row)
    session.flush()
    return row.id


def mail(recipient: str, message_id: str) -> bytes:
    """Its text names the message, so that one sent in another's place is noticed."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "ana@vendor.example"
    message["To"] = recipient
    message["Subject"] = "Thank you"
    message["Message-ID"] = f"<{message_id}>"
    message["X-CSCX-Message"] = message_id.partition("@")[0]
    message.set_content(f"Thank you for coming.\n\n{message_id}\n")
    return message.as_bytes()


def approved(mailbox_id: int, recipient: str, due_at: datetime, **values: Any) -> Approved:
    """A mail as approved, complete but for what a test says about it."""
    message_id = f"{token_urlsafe(12)}@vendor.example"
    raw = values.pop("raw", None) or mail(recipient, message_id)
    made = Approved(
        dedup_key=f"test:{message_id}",
        draft_id=None,
        kind="personal",
        topic="relationship",
        customer_id=None,
        stakeholder_id=None,
        owner_id=None,
        mailbox_id=mailbox_id,
        recipient=recipient,
        subject="Thank you",
        raw=raw,
        approved_hash=hashlib.sha256(raw).hexdigest(),
        approved_by=None,
        message_id=message_id,
        tracking=token_urlsafe(16),
        unsubscribe=token_urlsafe(16),
        due_at=due_at,
    )
    return replace(made, **values)
