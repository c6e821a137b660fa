"""New mail of an IMAP folder, by its rising numbers. Nothing in the mailbox is changed or marked as read."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import Any, Literal

from integrations.inbox import MOST, MOST_BYTES, Fetched, InboundMessage
from integrations.inbox.imap_line import Line, TlsLine

log = logging.getLogger(__name__)
SECONDS = 60.0
"""For one look, whatever is said in it: other mailboxes wait meanwhile."""
PATIENCE = 15
"""Rounds in which a server may refuse one message before it is left out: some never give out a broken one,
and what came after it would wait for ever."""
_DATE = re.compile(rb'INTERNALDATE "([^"]{10,40})"')
_UID = re.compile(rb"UID (\d+)")
_PASSES = re.compile(
    rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED)\b|too many", re.IGNORECASE
)
"""What a server names with its no to a sign-in where the password is not what is wrong."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ImapTrouble(Exception):
    """The server cannot be reached, refuses the sign-in, or says something that is not IMAP."""


class ImapRefused(ImapTrouble):
    """The server does not take the user name or the password. Trying again would only lock the account."""


class _Refused(Exception):
    """The message is there, and the server does not give it out."""


@dataclass(frozen=True)
class ImapAccount:
    """`encryption` none is for a server on this machine only."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    encryption: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"


def fetch(account: ImapAccount, cursor: dict[str, Any], seconds: float = SECONDS) -> Fetched:
    """What came since `cursor`, as far as `seconds` go; with none, or after the server has numbered its mail
    anew, only where to start from. Raises ImapTrouble, ImapRefused among them."""
    try:
        client = _connect(account, perf_counter() + seconds)
        try:
            return _fetch(client, account, cursor)
        finally:
            client.leave()
    except (imaplib.IMAP4.error, OSError, ValueError, LookupError) as error:
        raise ImapTrouble(type(error).__name__) from None


def _connect(account: ImapAccount, until: float) -> Line:
    if not f"{account.user}{account.password}{account.folder}".isprintable():
        raise ValueError("a line break would end the command and begin another")
    if account.encryption == "none" and account.host not in _LOOPBACK:
        raise ValueError("a password does not leave this machine in the clear")
    if account.encryption == "tls":
        context = ssl.create_default_context()
        client: Line = TlsLine(account.host, account.port, until=until, context=context)
    else:
        client = Line(account.host, account.port, until=until)
    try:
        if account.encryption == "starttls":
            client.starttls(ssl.create_default_context())
        _sign_in(client, account)
    except BaseException:
        client.shutdown()
        raise
    return client


def _sign_in(client: Line, account: ImapAccount) -> None:
    try:
        client.login(account.user, account.password)
    except imaplib.IMAP4.abort:
        raise  # the line broke
    except imaplib.IMAP4.error as error:
        said = (
            error.args[0] if error.args else None
        )  # the library hands a no over as it came, in bytes
        if isinstance(said, bytes) and not _PASSES.search(said):
            raise ImapRefused(type(error).__name__) from None
        raise


def _fetch(client: imaplib.IMAP4, account: ImapAccount, cursor: dict[str, Any]) -> Fetched:
    folder = '"' + account.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if client.select(folder, readonly=True)[0] != "OK":
        raise ValueError("no such folder")
    validity, following = _number(client, "UIDVALIDITY"), _number(client, "UIDNEXT")
    if cursor.get("validity") != validity:
        return Fetched((), {"validity": validity, "last": following - 1})
    last = int(cursor["last"])
    status, answer = client.uid("SEARCH", f"UID {last + 1}:*")
    if status != "OK":
        raise ValueError("not searched")
    # A range up to * names the last message even when that is older.
    found = sorted(n for n in map(int, (answer[0] or b"").split()) if n > last)[:MOST]
    return _taken(client, found, cursor)


def _taken(client: imaplib.IMAP4, found: list[int], cursor: dict[str, Any]) -> Fetched:
    """Up to the first that the server refuses for now, or does not give out in time."""
    validity, last = int(cursor["validity"]), int(cursor["last"])
    messages: list[InboundMessage] = []
    for number in found:
        try:
            one = _message(client, number, validity)
        except TimeoutError:
            if not messages:
                raise
            break
        except _Refused:
            before = cursor.get("refused", {})
            times = 1 + (before["times"] if before.get("number") == number else 0)
            if times < PATIENCE:
                refused = {"number": number, "times": times}
                return Fetched(
                    tuple(messages), {"validity": validity, "last": last, "refused": refused}
                )
            log.warning("mail_left_out number=%s why=refused", number)
            one = None
        last = number
        if one is not None:
            messages.append(one)
    return Fetched(tuple(messages), {"validity": validity, "last": last})


def _number(client: imaplib.IMAP4, name: str) -> int:
    values = client.response(name)[1]
    if not values or values[0] is None:
        raise ValueError(f"the server does not tell {name}")
    return int(values[0])


def _message(client: imaplib.IMAP4, number: int, validity: int) -> InboundMessage | None:
    """None when it has been deleted meanwhile. Raises _Refused."""
    wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
    status, parts = client.uid("FETCH", str(number), wanted)
    if status != "OK":
        raise _Refused
    for part in parts:
        if isinstance(part, tuple) and len(part) == 2:
            uid = _UID.search(part[0])
            if uid is None or int(uid.group(1)) == number:
                return InboundMessage(f"{validity}.{number}", part[1], _moment(part[0]))
    return None


def _moment(head: bytes) -> datetime:
    found = _DATE.search(head)
    if found is None:
        raise ValueError("no date")
    text = found.group(1).decode("ascii", "replace").strip().replace("-", " ", 2)
    return parsedate_to_datetime(text).astimezone(UTC)
