"""Which mailbox a person's mail leaves from, and the sender that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.settings import settings
from data.tables import AppSetting, Mailbox, Person
from data.versions import bump
from integrations.google_http import GoogleAccount
from integrations.inbox.imap import ImapAccount
from integrations.senders import Refusing, Sender
from integrations.senders.eml import EmlSender
from integrations.senders.gmail import GmailSender
from integrations.senders.smtp import SmtpAccount, SmtpSender
from services.clock import utc_now
from services.mailboxes import google
from services.mailboxes.vault import Sealed, unseal

LOCK = "mailboxes"
"""The data version whose row keeps two processes from changing the set of mailboxes at once."""
EML_FOLDER = "mail"
FORMER = "former_folders"
PER_MINUTE = {"eml": 1_000, "smtp": 30, "gmail": 30}
PER_DAY = {"eml": 100_000, "smtp": 2_000, "gmail": 500}
SIGNATURES = "signature."
OUR_TEAM = "Your customer success team"
"""Who signs where nobody looks after the customer."""
READY, PAUSED, REVOKED, REMOVED = "ready", "paused", "revoked", "removed"


@dataclass(frozen=True)
class FromLine:
    """What a mail's From and Reply-To say. `reply_to` is empty where answers reach the sender anyway."""

    name: str
    address: str
    reply_to: str = ""


def mailbox_for(session: Session, person_id: int | None) -> Mailbox:
    """The person's own mailbox, else the company's, else the folder of .eml files, made on first need.

    A mailbox that is paused or revoked is still the one: mail waits for it, rather than leaving from
    another address or, worse, ending unseen in a folder. Look at `state` before promising anything.
    """
    found = mailbox_found(session, person_id)
    if found is not None:
        return found
    bump(session, LOCK)  # two that find none at once make one
    return mailbox_found(session, person_id) or _make_folder(session)


_FOUND = (
    select(Mailbox)
    .where(
        Mailbox.person_id.is_(None) | (Mailbox.person_id == bindparam("person_id")),
        Mailbox.state != REMOVED,
    )
    .order_by(
        Mailbox.person_id.is_(None),
        case((Mailbox.kind == "eml", 1), else_=0),
        case((Mailbox.state == READY, 0), else_=1),
        Mailbox.id,
    )
    .limit(1)
)
"""Put together once: each look at a draft asks this three times, and that takes longer than the answer."""


def mailbox_found(session: Session, person_id: int | None) -> Mailbox | None:
    """As `mailbox_for`, but makes nothing: for previews. None when the folder was never needed yet."""
    return session.scalar(_FOUND, {"person_id": person_id})


def sender_of(mailbox: Mailbox) -> Sender:
    """The sender behind a mailbox. One that cannot be used refuses with the reason, and never raises."""
    if mailbox.state == REMOVED:
        return Refusing(
            "This mailbox was removed. Approve the mail again to send it by another one."
        )
    try:
        return _SENDERS[mailbox.kind](mailbox)
    except Sealed as error:
        return Refusing(error.message)
    except NotFound as error:
        return Refusing(error.message)


def google_account(mailbox: Mailbox) -> GoogleAccount:
    """What calls to Google need, for reading replies and for the calendar.

    Raises Sealed, and NotFound when the mailbox is not connected to Google or nobody set Google up.
    """
    if mailbox.kind != "gmail" or mailbox.secret is None:
        raise NotFound("This mailbox is not connected to Google. Its owner can connect it again.")
    return GoogleAccount(google.require_client(), unseal(mailbox.secret))


def imap_account(mailbox: Mailbox) -> ImapAccount:
    """From `options["imap"]`: host, port, encryption, folder, and user where it is not the sender's own.

    The password is the one that the mailbox sends with. Raises Sealed.
    """
    given = mailbox.options["imap"]
    return ImapAccount(
        host=str(given["host"]),
        port=int(given.get("port", 993)),
        user=str(given.get("user") or mailbox.options.get("user") or mailbox.address),
        password=unseal(mailbox.secret) if mailbox.secret else "",
        encryption=given.get("encryption", "tls"),
        folder=str(given.get("folder", "INBOX")),
    )


def calendar_of(session: Session, person_id: int) -> GoogleAccount | None:
    """The person's Google account when they let us write to their calendar."""
    mailbox = session.scalar(
        select(Mailbox).where(
            Mailbox.person_id == person_id, Mailbox.kind == "gmail", Mailbox.state != REMOVED
        )
    )
    if mailbox is None or mailbox.state == REVOKED or not mailbox.options.get("calendar"):
        return None
    try:
        return google_account(mailbox)
    except (Sealed, NotFound):
        return None


def from_line(session: Session, mailbox: Mailbox, person_id: int | None) -> FromLine:
    """Mail is in its CSM's name whichever account carries it; answers go to the CSM."""
    person = session.get(Person, person_id) if person_id is not None else None
    own = mailbox.person_id is not None
    name = mailbox.display_name if own and mailbox.display_name else person.name if person else ""
    if mailbox.kind == "eml":
        return FromLine(name or mailbox.display_name, person_address(person) or mailbox.address)
    reply_to = "" if own else person_address(person)
    return FromLine(name or mailbox.display_name, mailbox.address, reply_to)


def signature_for(session: Session, person_id: int | None) -> str:
    """The lines under the person's mails: what they wrote, else the company mailbox's, else their name."""
    if person_id is None:
        return ""
    kept = session.get(AppSetting, f"{SIGNATURES}{person_id}")
    if kept and kept.value:
        return str(kept.value)
    mailbox = mailbox_found(session, person_id)
    if mailbox and mailbox.signature:
        return mailbox.signature
    person = session.get(Person, person_id)
    return "\n".join(filter(None, (person.name, person_address(person)))) if person else ""


def below_name(session: Session, person_id: int | None, name: str) -> str:
    """The person's signature for mails whose template has their name above it already."""
    lines = signature_for(session, person_id).splitlines()
    return "\n".join(line for line in lines if line.strip() not in ("", name))


def person_address(person: Person | None) -> str:
    return (person.email or "") if person else ""


def folder_of(mailbox: Mailbox) -> Path:
    """Where a mailbox of the kind eml writes."""
    chosen = mailbox.options.get("folder")
    return Path(chosen) if chosen else settings().data_dir / EML_FOLDER


def folders(session: Session) -> list[Path]:
    """Wherever mail lies, or may lie, as files."""
    found = {settings().data_dir / EML_FOLDER}
    for mailbox in session.scalars(select(Mailbox).where(Mailbox.kind == "eml")):
        found |= {folder_of(mailbox), *map(Path, mailbox.options.get(FORMER, ()))}
    return sorted(found)


def _make_folder(session: Session) -> Mailbox:
    made = Mailbox(
        kind="eml",
        address=f"engage@{settings().mail_domain}",
        display_name="CSCX Engage",
        per_minute=PER_MINUTE["eml"],
        per_day=PER_DAY["eml"],
        created_at=utc_now(),
    )
    session.add(made)
    session.flush()  # the caller writes its id into other rows
    return made


def _smtp(mailbox: Mailbox) -> Sender:
    options: dict[str, Any] = mailbox.options
    return SmtpSender(
        SmtpAccount(
            host=str(options.get("host", "")),
            port=int(options.get("port", 587)),
            encryption=options.get("encryption", "starttls"),
            user=str(options.get("user", "")),
            password=unseal(mailbox.secret) if mailbox.secret else "",
            authority=str(options.get("authority", "")),
        )
    )


_SENDERS = {
    "eml": lambda mailbox: EmlSender(folder_of(mailbox)),
    "smtp": _smtp,
    "gmail": lambda mailbox: GmailSender(google_account(mailbox)),
}
