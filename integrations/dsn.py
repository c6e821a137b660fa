"""Reports of mail servers: bounces (RFC 3464) and complaints (RFC 5965), also where the form is kept loosely."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from typing import Literal

OUR_HEADER = "X-CSCX-Message"
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")
_ID = re.compile(r"<([^<>\s\x00-\x1f\x7f]{1,190})>")
_ID_LINE = re.compile(r"(?im)^[ \t>]*message-id:[ \t]*<([^<>\s\x00-\x1f\x7f]{1,190})>")
_ACTIONS = {"failed", "delayed", "delivered", "relayed", "expanded"}
_DAEMON = re.compile(r"(?i)^(mailer-daemon|postmaster|mail delivery (sub)?system)\b")
# Permanent for this message, yet nothing about the address: full, too large, no route, refused content.
# 5.1.7 and 5.1.8 are about the sender's.
_NOT_THE_ADDRESS = ("5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.", "5.4.", "5.6.", "5.7.")
_NOBODY_THERE = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
_BODY = 20_000


@dataclass(frozen=True)
class Report:
    """`kind` is bounce or complaint. `dead`: the address itself is the reason, and stays so.

    `about` is the Message-ID of our mail without its brackets, `token` the value of our own header.
    """

    kind: Literal["bounce", "complaint"]
    recipient: str | None
    status: str | None
    dead: bool
    about: str | None
    token: str | None
    words: str


def report_in(message: Message) -> Report | None:
    """What a server says in this message; None when it is no report, or one of success.

    The message itself has to be the report: people attach those they got to what they write.
    """
    if not is_report(message) and not _is_from_daemon(message):
        return None
    parts = own_parts(message)
    feedback = _first(parts, "message/feedback-report")
    if feedback is not None:
        return _complaint(feedback, parts)
    status = _first(parts, "message/delivery-status")
    if status is not None:
        return _bounce(status, parts)
    return _loose(message, parts)


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


def _is_from_daemon(message: Message) -> bool:
    sender = _text(message.get("From", "")).strip().strip('"').lstrip("<")
    return _DAEMON.match(sender) is not None


def _complaint(feedback: Message, parts: list[Message]) -> Report | None:
    fields = _fields(feedback)
    if fields.get("feedback-type", "abuse").lower() not in ("abuse", "fraud", "other"):
        return None
    recipient = _address(fields.get("original-rcpt-to")) or _address(
        fields.get("removal-recipient")
    )
    about, token = _original(parts)
    return Report("complaint", recipient, None, dead=False, about=about, token=token, words="")


def _bounce(status: Message, parts: list[Message]) -> Report | None:
    fields = _fields(status)
    action = fields.get("action", "failed").strip().lower()
    if action in _ACTIONS - {"failed", "delayed"}:
        return None
    diagnostic = fields.get("diagnostic-code", "")
    code = _code(fields.get("status", "")) or _code(diagnostic)
    recipient = _address(fields.get("original-recipient")) or _address(
        fields.get("final-recipient")
    )
    about, token = _original(parts)
    return Report(
        "bounce",
        recipient,
        code,
        dead=action == "failed" and is_dead(code),
        about=about,
        token=token,
        words=" ".join(diagnostic.partition(";")[2].split())[:300],
    )


def is_dead(code: str | None) -> bool:
    """Whether the code says that the address does not take mail, and will not."""
    return code is not None and code.startswith("5.") and not code.startswith(_NOT_THE_ADDRESS)


def code_of(answer: bytes) -> str | None:
    """The code with which a server's answer begins (RFC 2034), after its three digits."""
    found = _STATUS.match(answer.decode("utf-8", "replace"))
    return found.group() if found else None


def is_nobody(code: str | None) -> bool:
    """Whether an answer to RCPT says with this code that nobody has the address.

    Narrower than `is_dead`: there servers also refuse senders, programs and strangers, some under 5.1.0 or
    with no code at all, and after one of those every address would count as dead.
    """
    return code in _NOBODY_THERE


def _loose(message: Message, parts: list[Message]) -> Report | None:
    """Some servers write a letter instead of a report."""
    if not _is_from_daemon(message):
        return None
    body = "\n".join(_body(part) for part in parts if part.get_content_maintype() == "text")[:_BODY]
    about, token = _original(parts)
    if about is None:
        quoted = _ID_LINE.search(body)
        about = quoted.group(1) if quoted else None
    code = _code(body)
    failed = message.get("X-Failed-Recipients")
    recipient = _address(_text(failed)) if failed else None
    return Report("bounce", recipient, code, dead=is_dead(code), about=about, token=token, words="")


def _fields(status: Message) -> dict[str, str]:
    """The fields of all blocks in small letters; those about the message, then those of its recipient."""
    payload = status.get_payload()
    if isinstance(payload, list):
        blocks = [block for block in payload if isinstance(block, Message)]
        found: dict[str, str] = {}
        for block in blocks[:20]:
            found |= {name.lower(): _text(value) for name, value in block.items()}
            # A block whose fields were read as a body, after a stray empty line.
            found |= _lines(_body(block))
        return found
    return _lines(_body(status))


def _lines(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text[:_BODY].splitlines() if ":" in line)
    return {name.strip().lower(): _text(value).strip() for name, _, value in pairs if name.strip()}


def _original(parts: list[Message]) -> tuple[str | None, str | None]:
    """Message-ID and our own header of the mail that is reported, from the copy or its headers."""
    for part in parts:
        kind = part.get_content_type()
        inner: dict[str, str] = {}
        if kind == "message/rfc822":
            copy = part.get_payload()
            if isinstance(copy, list) and copy and isinstance(copy[0], Message):
                inner = {name.lower(): _text(value) for name, value in copy[0].items()}
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            inner = _lines(_body(part))
        if inner:
            found = _ID.search(inner.get("message-id", ""))
            token = inner.get(OUR_HEADER.lower(), "").strip()[:190]
            return found.group(1) if found else None, token or None
    return None, None


def _first(parts: list[Message], kind: str) -> Message | None:
    return next((part for part in parts if part.get_content_type() == kind), None)


def _code(text: str) -> str | None:
    found = _STATUS.search(text)
    return found.group() if found else None


def _address(field: str | None) -> str | None:
    found = _ADDRESS.search((field or "").rpartition(";")[2][:400])
    return found.group().lower() if found else None


def _text(value: object) -> str:
    """Without control characters, which databases refuse."""
    return "".join(c if c.isprintable() else " " for c in str(value)[:1_000])


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""
