"""Reports of mail servers: bounces (RFC 3464, RFC 6533) and complaints (RFC 5965), also where the form is kept loosely."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import Message
from email.utils import parseaddr
from typing import Literal

from integrations import dsn_fields
from integrations.dsn_fields import address, addresses, body, lines, one_line
from integrations.status_codes import code_in, code_in_letter, is_dead

OUR_HEADER = "X-CSCX-Message"
_ID = re.compile(r"<([^<>\s\x00-\x1f\x7f]{1,190})>")
_ID_LINE = re.compile(r"(?im)^[ \t>]*message-id:[ \t]*<([^<>\s\x00-\x1f\x7f]{1,190})>")
_ACTION = re.compile(r"[a-z]+")
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_COPIES = ("message/rfc822", "message/global", "message/global-headers", "message/rfc822-headers")
_DAEMONS = ("mailer-daemon", "mailerdaemon", "mail-daemon")
_DAEMON_NAME = re.compile(r"(?i)mailer-daemon|mail delivery (?:sub)?(?:system|service)")
_COPY_BELOW = re.compile(
    r"(?im)^[ \t>]*(?:return-path|received|message-id):|\bbelow this line\b|\bcopy of (?:the|your)\b"
)
_GOES_ON = re.compile(
    r"(?i)\bdelay(?:ed|ing)?\b|\b(?:keep|still) trying|\bcontinue to try|\bnot yet (?:been )?delivered"
    r"|\bwill (?:be retried|retry|try again|continue)|\bno action is|\bneed not re-?send|not need to re-?send"
    r"|verz(?:ö|oe)gert|noch nicht zugestellt|retard|retras|in ritardo|vertraagd"
)
"""A letter that only says that it takes longer."""
_BODY = 20_000
_LONGEST_FROM = 2_000


@dataclass(frozen=True)
class Report:
    """What became of a mail for one recipient. `dead`: the address itself is the reason, and stays so. `beyond`:
    where the mail was passed on to from there, when it is that place which did not take it.

    Passed on: the address took it, for several people behind it. Delivered stands beside other news only.
    `about` is the Message-ID of our mail without its brackets, `token` the value of our own header; `others` are
    what the same report says of further recipients.
    """

    kind: Literal["bounce", "complaint", "passed_on", "delivered"]
    recipient: str | None
    status: str | None
    dead: bool
    about: str | None
    token: str | None
    words: str
    beyond: str | None = None
    others: tuple[Report, ...] = ()


_SUCCESSES: dict[str, Literal["delivered", "passed_on"]] = {
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "passed_on",
}
_WORST_FIRST = ("complaint", "bounce", "passed_on", "delivered")


def report_in(message: Message) -> Report | None:
    """What a server says in this message; None when it is no report, or one of success.

    The message itself has to be the report: people attach those they got to what they write.
    """
    parts = own_parts(message)
    if not is_report(message) and not _is_from_daemon(message, parts):
        return None
    feedback = _first(parts, ("message/feedback-report",))
    if feedback is not None:
        return _complaint(feedback, parts)
    status = _first(parts, _STATUS_PARTS)
    if status is not None:
        return _bounce(status, parts)
    return _letter(message, parts)


def is_report(message: Message) -> bool:
    """Whether a program wrote it to say what became of a mail (RFC 6522): it came back, was read, is unwanted."""
    return message.get_content_type() == "multipart/report"


def own_parts(message: Message) -> list[Message]:
    """As `walk`, without what is inside of the mails that it carries."""
    found, ahead = [], [message]
    while ahead:
        part = ahead.pop()
        found.append(part)
        inner = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inner, list):
            ahead += [one for one in reversed(inner) if isinstance(one, Message)]
    return found


def worst(reports: Sequence[Report]) -> Report:
    """Of several about one recipient the one to act on."""
    return min(reports, key=lambda one: (not one.dead, _WORST_FIRST.index(one.kind)))


def _is_from_daemon(message: Message, parts: Sequence[Message]) -> bool:
    """A postmaster may be a person as well, and a person may be called so."""
    name, sender = parseaddr(one_line(message.get("From", ""))[:_LONGEST_FROM])
    local = sender.partition("@")[0].lower()
    if local in _DAEMONS or _DAEMON_NAME.fullmatch(name.strip()):
        return True
    return local == "postmaster" and (
        _first(parts, _STATUS_PARTS) is not None
        or message.get("X-Failed-Recipients") is not None
        or one_line(message.get("Auto-Submitted", "no")).strip().lower() != "no"
        or one_line(message.get("Return-Path", "")).strip() == "<>"
    )


def _complaint(feedback: Message, parts: Sequence[Message]) -> Report | None:
    fields: dict[str, str] = {}
    for block in dsn_fields.blocks(feedback):
        fields |= block
    if fields.get("feedback-type", "abuse").lower() not in ("abuse", "fraud", "other"):
        return None
    recipient = address(fields.get("original-rcpt-to")) or address(fields.get("removal-recipient"))
    about, token = _original(parts)
    return Report("complaint", recipient, None, dead=False, about=about, token=token, words="")


def _bounce(status: Message, parts: Sequence[Message]) -> Report | None:
    about, token = _original(parts)
    found = [
        replace(one, about=about, token=token)
        for fields in dsn_fields.blocks(status)
        for one in _of_block(fields)
    ]
    return None if all(one.kind == "delivered" for one in found) else _as_one(found)


def _of_block(fields: dict[str, str]) -> list[Report]:
    """What a block says of the address where the mail ended and, where that is another one, of the address that
    it was sent to."""
    said = _ACTION.match(fields.get("action", "failed").strip().lower())
    action = said.group() if said else ""
    diagnostic = fields.get("diagnostic-code", "")
    code = code_in(fields.get("status", ""), diagnostic)
    sent_to, ended = (
        address(fields.get("original-recipient")),
        address(fields.get("final-recipient")),
    )
    here = Report(
        _SUCCESSES.get(action, "bounce"),
        ended or sent_to,
        code,
        dead=action == "failed" and is_dead(code, diagnostic),
        about=None,
        token=None,
        words=" ".join(diagnostic.partition(";")[2].split())[:300],
    )
    if sent_to is None or ended is None or sent_to == ended:
        return [here]
    return [replace(here, recipient=sent_to, dead=False, beyond=ended), here]


def _as_one(found: Sequence[Report]) -> Report:
    first = min(found, key=lambda one: _WORST_FIRST.index(one.kind))
    return replace(first, others=tuple(one for one in found if one is not first))


def _letter(message: Message, parts: Sequence[Message]) -> Report | None:
    """Some servers write a letter instead of a report."""
    if not _is_from_daemon(message, parts):
        return None
    text = "\n".join(body(part) for part in parts if part.get_content_maintype() == "text")[:_BODY]
    about, token = _original(parts)
    if about is None:
        quoted = _ID_LINE.search(text)
        about = quoted.group(1) if quoted else None
    own = _COPY_BELOW.split(text, maxsplit=1)[0]
    code = code_in_letter(own) or code_in_letter(text)
    whom = addresses(message.get("X-Failed-Recipients"))
    goes_on = _GOES_ON.search(f"{one_line(message.get('Subject', ''))}\n{own}") is not None
    # Which of several the code is about, the letter does not say in a form that can be read.
    dead = not goes_on and len(whom) < 2 and is_dead(code, own)
    return _as_one(
        [
            Report("bounce", one, code, dead=dead, about=about, token=token, words="")
            for one in (whom or [None])
        ]
    )


def _original(parts: Sequence[Message]) -> tuple[str | None, str | None]:
    """Message-ID and our own header of the mail that is reported, from the copy or its headers."""
    for part in parts:
        kind = part.get_content_type()
        inner: dict[str, str] = {}
        if kind in _COPIES:
            copy = part.get_payload()
            if isinstance(copy, list) and copy and isinstance(copy[0], Message):
                inner = {name.lower(): one_line(value) for name, value in copy[0].items()}
        elif kind == "text/rfc822-headers":
            inner = lines(body(part))
        if inner:
            found = _ID.search(inner.get("message-id", ""))
            token = inner.get(OUR_HEADER.lower(), "").strip()[:190]
            return found.group(1) if found else None, token or None
    return None, None


def _first(parts: Sequence[Message], kinds: Sequence[str]) -> Message | None:
    return next((part for part in parts if part.get_content_type() in kinds), None)
