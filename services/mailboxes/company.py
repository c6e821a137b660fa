"""The company's mailboxes, which admins set up: a mail server for everybody, and the folder of files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.settings import settings
from data.tables import Mailbox
from data.texts import one_line
from data.versions import bump
from integrations.senders.eml import EmlSender
from integrations.senders.smtp import is_loopback
from services.access import ADMINISTRATOR, Viewer, audit, require_role
from services.access.people import email_key
from services.mailboxes.book import (
    FORMER,
    LOCK,
    PER_DAY,
    PER_MINUTE,
    READY,
    REVOKED,
    folder_of,
    mailbox_for,
)
from services.mailboxes.changes import require_mine
from services.mailboxes.vault import seal

ENCRYPTIONS = {
    "starttls": "STARTTLS (port 587)",
    "tls": "TLS (port 465)",
    "none": "None (a server on this machine only)",
}
INBOX_ENCRYPTIONS = {
    "tls": "TLS (port 993)",
    "starttls": "STARTTLS (port 143)",
    "none": "None (a server on this machine only)",
}
_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


@dataclass(frozen=True)
class SmtpForm:
    """A mail server as an admin types it. An empty `password` keeps the one there is."""

    address: str
    host: str
    port: int = 587
    encryption: str = "starttls"
    display_name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = field(default="", repr=False)
    """PEM of the company's own certificate authority, where its server needs one."""
    inbox_host: str = ""
    """Of the IMAP server where answers and bounces arrive, read with the same user; empty: not read."""
    inbox_port: int = 993
    inbox_encryption: str = "tls"
    inbox_folder: str = "INBOX"


def add_smtp(session: Session, form: SmtpForm, *, by: Viewer, now: datetime) -> int:
    """A mail server for everybody who has no mailbox of their own; its id. Admins only.

    BadInput names what cannot be used.
    """
    require_role(by, ADMINISTRATOR)
    options, address = _checked(form)
    if form.user and not form.password:
        raise BadInput("Type the password that goes with the user name.")
    mailbox = Mailbox(
        kind="smtp",
        address=address,
        display_name=one_line(form.display_name)[:200],
        options=options,
        secret=seal(form.password) if form.password else None,
        per_minute=PER_MINUTE["smtp"],
        per_day=PER_DAY["smtp"],
        created_at=now,
    )
    session.add(mailbox)
    session.flush()  # the audit row needs its id
    bump(session, LOCK)
    audit(session, by, "mailbox.added", "mailbox", mailbox.id, f"smtp {options['host']}", now)
    return mailbox.id


def edit_smtp(
    session: Session, mailbox_id: int, form: SmtpForm, *, by: Viewer, now: datetime
) -> None:
    """Change a mail server. A password is never sent to another host than the one it was typed for."""
    require_role(by, ADMINISTRATOR)
    mailbox = require_mine(session, mailbox_id, by)
    if mailbox.kind != "smtp":
        raise NotFound("This is not a mail server. Reload the Mailboxes page.")
    options, address = _checked(form)
    same_place = all(options[n] == mailbox.options.get(n) for n in ("host", "port", "user")) and (
        "imap" not in options or _inbox_server(options) == _inbox_server(mailbox.options)
    )
    if form.user and not form.password and not (mailbox.secret and same_place):
        raise BadInput("Type the password again: it was for another server or user.")
    if form.password or not form.user:
        mailbox.secret = seal(form.password) if form.password and form.user else None
    mailbox.options, mailbox.address = options, address
    mailbox.display_name = one_line(form.display_name)[:200]
    if mailbox.state == REVOKED:
        mailbox.state, mailbox.why = READY, None
    bump(session, LOCK)
    audit(session, by, "mailbox.edited", "mailbox", mailbox.id, f"smtp {options['host']}", now)


def set_folder(session: Session, folder: str, *, by: Viewer, now: datetime) -> None:
    """Where mail is written as files. A bare name lies in the app's own folder; any other must exist.

    Admins only. Files that are there already stay where they are.
    """
    require_role(by, ADMINISTRATOR)
    mailbox = _folder_mailbox(session)
    wanted = folder.strip()
    if any(not c.isprintable() for c in wanted):
        raise BadInput("Type the folder as a path, such as /srv/mail.")
    options: dict[str, Any] = {}
    if wanted:
        path = Path(wanted)
        if not path.is_absolute():
            path = (settings().data_dir / path).resolve()
            if not path.is_relative_to(settings().data_dir.resolve()):
                raise BadInput("Type a name for a folder beside the app's data, or a whole path.")
        elif not path.is_dir():
            raise BadInput(
                "There is no such folder on the machine that runs the app. Create it there first."
            )
        options["folder"] = str(path)
    wrong = EmlSender(folder_of(Mailbox(kind="eml", options=options))).check()
    if wrong:
        raise BadInput(wrong)
    former = {*mailbox.options.get(FORMER, ()), str(folder_of(mailbox))} - {options.get("folder")}
    mailbox.options = {**options, FORMER: sorted(former)}
    bump(session, LOCK)
    audit(session, by, "mailbox.folder", "mailbox", mailbox.id, "", now)


def _folder_mailbox(session: Session) -> Mailbox:
    found = session.scalar(
        select(Mailbox).where(Mailbox.kind == "eml").order_by(Mailbox.id).limit(1)
    )
    return found or mailbox_for(session, None)


def _checked(form: SmtpForm) -> tuple[dict[str, Any], str]:
    if any(not c.isprintable() for c in form.user + form.password + form.inbox_folder):
        raise BadInput(
            "A user name, password or folder holds a character that cannot be typed. Type it again."
        )
    authority = form.authority.strip()
    if authority and "-----BEGIN CERTIFICATE-----" not in authority:
        raise BadInput(
            "Paste the authority's certificate in PEM: it starts with BEGIN CERTIFICATE."
        )
    options: dict[str, Any] = {
        **_server(form.host, form.port, form.encryption, "smtp.company.com"),
        "user": form.user.strip(),
        "authority": authority[:20_000],
    }
    if form.inbox_host.strip():
        server = _server(
            form.inbox_host, form.inbox_port, form.inbox_encryption, "imap.company.com"
        )
        options["imap"] = {**server, "folder": form.inbox_folder.strip()[:200] or "INBOX"}
    return options, email_key(form.address)


def _server(host: str, port: int, encryption: str, example: str) -> dict[str, Any]:
    """Where a server is and how it is reached; BadInput when that cannot be, or would be overheard."""
    host = host.strip().lower()
    if not _HOST.fullmatch(host) and not _is_ip(host):
        raise BadInput(f"Type the name of the mail server, such as {example}.")
    if not 1 <= port <= 65_535:
        raise BadInput("A port is a number from 1 to 65535; mail servers use 587 or 465, IMAP 993.")
    if encryption not in ENCRYPTIONS:
        raise BadInput("Choose how the connection is encrypted.")
    if encryption == "none" and not is_loopback(host):
        raise BadInput("Without encryption, only a server on this machine may be used.")
    return {"host": host, "port": port, "encryption": encryption}


def _inbox_server(options: dict[str, Any]) -> tuple[object, ...]:
    inbox = options.get("imap") or {}
    return tuple(inbox.get(name) for name in ("host", "port", "encryption"))


def _is_ip(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
