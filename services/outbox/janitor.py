"""What a killed worker left at a provider: drafts that no message in the queue waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxMail
from integrations.senders import Orphan

AGE = timedelta(hours=1)
"""Younger ones may belong to a worker that is about to write their id down."""
OVER = ("blocked", "failed", "cancelled")


def mailboxes(session: Session) -> list[Mailbox]:
    """Those that can be tidied now."""
    return list(session.scalars(select(Mailbox).where(Mailbox.state == "ready")))


def give_up(
    session: Session, mailbox_id: int, found: Sequence[Orphan], *, now: datetime
) -> list[str]:
    """The ids of what may be removed at the provider, once this transaction is committed.

    A message that has ended without leaving forgets its draft first, so that one who takes it up again
    makes a new one.
    """
    ids = [orphan.provider_draft_id for orphan in found]
    mine = (OutboxMail.mailbox_id == mailbox_id) & OutboxMail.provider_draft_id.in_(ids)
    session.execute(
        update(OutboxMail)
        .where(mine, OutboxMail.state.in_(OVER))
        .values(provider_draft_id=None, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    wanted = set(session.scalars(select(OutboxMail.provider_draft_id).where(mine)))
    return [number for number in ids if number not in wanted]
