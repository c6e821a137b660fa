"""Which message is next, and what a worker needs to send it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxMail
from integrations.senders import Outgoing
from services import leases
from services.leases import Lease
from services.outbox import policy as policies


@dataclass(frozen=True)
class Claimed:
    """A message that is ours, ready to be handed over, and the mailbox it leaves from."""

    lease: Lease
    outgoing: Outgoing
    mailbox: Mailbox


def anything_due(session: Session, now: datetime) -> bool:
    """Whether a claim may find something; it may also find nothing, where mailboxes rest."""
    due = select(OutboxMail.id).where(OutboxMail.state == "queued", OutboxMail.due_at <= now)
    return session.scalar(due.limit(1)) is not None


def claim(
    session: Session, *, now: datetime, seconds: float, resting: Collection[int] = ()
) -> Claimed | None:
    """The message due longest, whose mailbox is ready and not among those `resting`.

    None when nothing is due, or when all sending is paused.
    """
    if policies.load(session).paused:
        return None
    ready = select(Mailbox.id).where(Mailbox.state == "ready")
    if resting:
        ready = ready.where(Mailbox.id.not_in(sorted(resting)))
    mine = [OutboxMail.mailbox_id.in_(ready)]
    lease = leases.claim(session, OutboxMail, now=now, seconds=seconds, where=mine)
    return None if lease is None else loaded(session, lease)


def claim_unknown(session: Session, *, now: datetime, seconds: float) -> Claimed | None:
    """A message whose outcome is unknown and due to be looked up."""
    lease = leases.claim_again(session, OutboxMail, "unknown", now=now, seconds=seconds)
    return None if lease is None else loaded(session, lease)


def loaded(session: Session, lease: Lease) -> Claimed:
    """What stands behind a lease."""
    row, mailbox = session.execute(
        select(OutboxMail, Mailbox)
        .join(Mailbox, Mailbox.id == OutboxMail.mailbox_id)
        .where(OutboxMail.id == lease.id)
        .execution_options(populate_existing=True)
    ).one()
    outgoing = Outgoing(
        raw=row.raw,
        message_id=row.message_id,
        recipient=row.recipient,
        sender=mailbox.address,
        provider_draft_id=row.provider_draft_id,
        wire_at=row.wire_at,
    )
    return Claimed(lease, outgoing, mailbox)


def keep_draft_id(session: Session, lease: Lease, draft_id: str) -> bool:
    """Write down the provider's draft before it is used. False when the message is no longer ours."""
    return leases.fenced(session, OutboxMail, lease, "claimed", provider_draft_id=draft_id)
