"""Looking into the mailboxes for what came back. No transaction is open while a server is asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from data.db import Transact
from data.errors import AppError
from data.tables import Mailbox
from integrations.google_trouble import Trouble
from integrations.inbox import Fetched, gmail, imap
from integrations.inbox.imap import ImapRefused, ImapTrouble
from services import mailboxes
from services.outbox.recording import revoke
from services.responses.intake import take_in

log = logging.getLogger(__name__)
REFUSED = (
    "The server that answers are read from does not accept the user name or password. "
    "Put them right on the Mailboxes page."
)


def poll_mailboxes(
    transact: Transact, _payload: dict[str, Any], clock: Callable[[], datetime]
) -> int:
    """Take in what is new everywhere; how many mails were kept. One mailbox's trouble is no other's."""
    with transact() as session:
        boxes = list(session.scalars(select(Mailbox).where(Mailbox.state != "removed")))
    return sum(_polled(transact, box, clock) for box in boxes if _can_be_read(box))


def _can_be_read(box: Mailbox) -> bool:
    """A paused mailbox sends nothing, but answers to it still count."""
    return box.state != "revoked" and (box.kind == "gmail" or "imap" in box.options)


def _polled(transact: Transact, box: Mailbox, clock: Callable[[], datetime]) -> int:
    try:
        return _poll(transact, box, clock)
    except Exception:
        log.exception("inbox_failed mailbox=%s", box.id)
        return 0


def _poll(transact: Transact, box: Mailbox, clock: Callable[[], datetime]) -> int:
    try:
        fetched = _fetch(box)
    except (Trouble, ImapTrouble, AppError) as trouble:
        log.warning("inbox_not_read mailbox=%s reason=%s", box.id, type(trouble).__name__)
        if words := _shut_out(trouble):
            _rest(transact, box, words, clock())
        return 0
    now = clock()
    with transact() as session:
        row = session.get(Mailbox, box.id, with_for_update=True)
        if row is None or row.cursor != box.cursor:
            return 0  # another worker was faster
        taken = take_in(session, row, fetched.messages, now=now)
        row.cursor, row.checked_at = fetched.cursor, now
    if taken:
        log.info("inbox_read mailbox=%s kept=%s", box.id, taken)
    return taken


def _shut_out(trouble: Trouble | ImapTrouble | AppError) -> str | None:
    """Why nothing is read until somebody connects the mailbox again; None where it may work next time."""
    if isinstance(trouble, Trouble):
        return trouble.words if trouble.kind == "revoked" else None
    if isinstance(trouble, AppError):
        return trouble.message  # its secret cannot be opened, or there is none
    return REFUSED if isinstance(trouble, ImapRefused) else None


def _rest(transact: Transact, box: Mailbox, words: str, now: datetime) -> None:
    """As where sending finds it: told once. Nothing, where it was connected again meanwhile."""
    with transact() as session:
        row = session.get(Mailbox, box.id, with_for_update=True)
        if row is not None and (row.secret, row.options) == (box.secret, box.options):
            revoke(session, row.id, words, now)


def _fetch(box: Mailbox) -> Fetched:
    if box.kind == "gmail":
        return gmail.fetch(mailboxes.google_account(box), box.cursor)
    return imap.fetch(mailboxes.imap_account(box), box.cursor)
