"""What people may change about mailboxes: their own for everybody, the company's for admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, InvalidMove, NotFound
from data.tables import AppSetting, Mailbox
from data.texts import one_line
from data.versions import bump
from integrations.google_oauth import revoke
from integrations.inbox import imap
from services.access import ADMINISTRATOR, Viewer, audit
from services.mailboxes import google
from services.mailboxes.book import (
    LOCK,
    PAUSED,
    READY,
    REMOVED,
    REVOKED,
    SIGNATURES,
    imap_account,
    sender_of,
)
from services.mailboxes.vault import Sealed, unseal

LONGEST_SIGNATURE = 1_000
LONGEST_WHY = 300
FASTEST = {"eml": 6_000, "smtp": 600, "gmail": 50}
"""Messages a minute. Gmail counts 110 units for a draft that is sent, of 6,000 a minute."""
_SENDS_ONLY = "Mail can leave from here, but replies cannot be read: the inbox's server"
_AND_READ = {True: ", and replies are read", False: ""}
MOST_A_DAY = {"eml": 1_000_000, "smtp": 100_000, "gmail": 2_000}


@dataclass(frozen=True)
class Checked:
    """How a try of an account went; `words` are for its owner."""

    ok: bool
    words: str


def pause(session: Session, mailbox_id: int, why: str = "", *, by: Viewer, now: datetime) -> None:
    """Its mail waits in the queue until somebody resumes it."""
    mailbox = require_mine(session, mailbox_id, by)
    if mailbox.state != READY:
        raise InvalidMove("This mailbox is not sending, so there is nothing to pause.")
    mailbox.state, mailbox.why = PAUSED, one_line(why)[:LONGEST_WHY] or f"Paused by {by.name}."
    _noted(session, by, "mailbox.paused", mailbox, "", now)


def resume(session: Session, mailbox_id: int, *, by: Viewer, now: datetime) -> None:
    """Send again; also after a refused password, once it has been put right."""
    mailbox = require_mine(session, mailbox_id, by)
    if mailbox.state == READY:
        return
    if mailbox.kind == "gmail" and mailbox.secret is None:
        raise InvalidMove("Google no longer lets the app in. Connect the mailbox again instead.")
    mailbox.state, mailbox.why = READY, None
    _noted(session, by, "mailbox.resumed", mailbox, "", now)


def set_rates(
    session: Session, mailbox_id: int, per_minute: int, per_day: int, *, by: Viewer, now: datetime
) -> None:
    """How many messages may leave in a minute, and within 24 hours."""
    mailbox = require_mine(session, mailbox_id, by)
    fastest, most = FASTEST[mailbox.kind], MOST_A_DAY[mailbox.kind]
    if not 1 <= per_minute <= fastest:
        raise BadInput(f"Choose between 1 and {fastest:,} messages a minute for this mailbox.")
    if not 1 <= per_day <= most:
        raise BadInput(f"Choose between 1 and {most:,} messages a day for this mailbox.")
    if (mailbox.per_minute, mailbox.per_day) == (per_minute, per_day):
        return
    mailbox.per_minute, mailbox.per_day = per_minute, per_day
    _noted(session, by, "mailbox.rates", mailbox, f"{per_minute} a minute, {per_day} a day", now)


def save_signature(session: Session, text: str, *, by: Viewer, now: datetime) -> None:
    """The lines under this person's mails; empty for the ones made of their name."""
    if by.person_id is None:
        raise NotFound("The app itself has no signature.")
    lines = [one_line(line) for line in text.splitlines()]
    clean = "\n".join(lines).strip()
    if len(clean) > LONGEST_SIGNATURE or len(lines) > 12:
        raise BadInput(f"A signature has at most 12 lines and {LONGEST_SIGNATURE:,} characters.")
    name = f"{SIGNATURES}{by.person_id}"
    kept = session.get(AppSetting, name) or AppSetting(name=name)
    if kept.value == clean:
        return
    kept.value, kept.changed_by, kept.changed_at = clean, by.person_id, now
    session.add(kept)
    audit(session, by, "signature.changed", "person", by.person_id, "", now)


def remove(mailbox_id: int, *, by: Viewer, now: datetime) -> None:
    """Forget the account and its secret, and give Google its access back.

    Opens its own transaction, since Google is called after it. Mail waiting for it waits for a person.
    """
    with transaction() as session:
        mailbox = require_mine(session, mailbox_id, by)
        if mailbox.kind == "eml":
            raise InvalidMove("The folder stays: it is where mail goes when there is no mailbox.")
        sealed, kind = mailbox.secret, mailbox.kind
        mailbox.state, mailbox.secret, mailbox.why = REMOVED, None, f"Removed by {by.name}."
        _noted(session, by, "mailbox.removed", mailbox, kind, now)
    client = google.client()
    if kind == "gmail" and sealed and client:
        try:
            revoke(client, unseal(sealed))
        except Sealed:
            return


def check(mailbox_id: int, *, by: Viewer, now: datetime) -> Checked:
    """Try to sign in where mail leaves from, and where replies are read; nothing is sent. Keeps when that was.

    Opens its own transactions: the provider is called between them. One that works again after it was
    refused is ready again.
    """
    with transaction(read_only=True) as session:
        mailbox = require_mine(session, mailbox_id, by)
        session.expunge(mailbox)
    wrong = sender_of(mailbox).check() or _inbox_is_shut(mailbox)
    with transaction() as session:
        kept = require_mine(session, mailbox_id, by)
        kept.checked_at = now
        if wrong is None and kept.state == REVOKED and kept.secret == mailbox.secret:
            kept.state, kept.why = READY, None
            bump(session, LOCK)
    return Checked(
        wrong is None, wrong or f"It works: mail can leave from here{_AND_READ[_reads(mailbox)]}."
    )


def _reads(mailbox: Mailbox) -> bool:
    return mailbox.kind == "smtp" and "imap" in mailbox.options


def _inbox_is_shut(mailbox: Mailbox) -> str | None:
    if not _reads(mailbox):
        return None
    try:
        imap.fetch(imap_account(mailbox), {})
    except imap.ImapRefused:
        return f"{_SENDS_ONLY} does not accept the user name or password. Mend them under Change this server."
    except imap.ImapTrouble:
        return f"{_SENDS_ONLY} did not answer as expected. Look at its name, port and folder under Change this server."
    return None


def require_mine(session: Session, mailbox_id: int, by: Viewer) -> Mailbox:
    """One's own mailbox, for an admin any; NotFound in the same words for all others."""
    query = select(Mailbox).where(Mailbox.id == mailbox_id, Mailbox.state != REMOVED)
    if by.role != ADMINISTRATOR:
        query = query.where(Mailbox.person_id == by.person_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such mailbox of yours. Reload the Mailboxes page.")
    return found


def _noted(
    session: Session, by: Viewer | None, action: str, mailbox: Mailbox, what: str, now: datetime
) -> None:
    bump(session, LOCK)
    audit(session, by, action, "mailbox", mailbox.id, what, now)
