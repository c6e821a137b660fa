"""A raw mail as what we need of it. Any bytes may come; what cannot be read is left empty."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from integrations.dsn import Report, is_report, own_parts, report_in
from integrations.inbox import MOST_BYTES, words
from integrations.inbox.automatic import is_automatic

_ID = re.compile(r"<([^<>\s]{1,190})>")
_LONGEST_FROM = 2_000
_UNREADABLE = (
    RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError, MessageError
)  # fmt: skip
"""What the library raises for mails that nobody writes by mistake."""
_MOST_REFERENCES = 50
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-auto-response-suppress")
_BULK = {"bulk", "junk", "auto_reply", "auto-reply"}
"""Not "list": a person answers by way of a mailing list or a group as well."""


@dataclass(frozen=True)
class Letter:
    """`refers_to` are Message-IDs without brackets, the nearest first. `text` is what is new in it."""

    message_id: str | None
    refers_to: tuple[str, ...]
    sender: str
    subject: str
    text: str = field(repr=False)
    automatic: bool
    report: Report | None
    by_words: bool = False
    """Automatic as far as its words go: no header says so."""


def read(raw: bytes) -> Letter:
    """The letter. Never raises for its contents: of what cannot be read whole, such as parts within parts a
    thousand deep, the head may still say whose it is."""
    whole = raw[:MOST_BYTES]
    try:
        return _letter(message_from_bytes(whole))
    except _UNREADABLE:
        head = BytesHeaderParser().parsebytes(whole.partition(b"\r\n\r\n")[0])
    try:
        return _letter(head)
    except _UNREADABLE:
        return Letter(None, (), "", "", "", automatic=True, report=None)


def _letter(message: Message) -> Letter:
    subject = _header(message, "Subject")[:300]
    ids = _ID.findall(_raw(message, "Message-ID"))
    text = words.new_words(_text(message))
    said = _says_so(message)
    by_words = not said and is_automatic(
        subject, text, _header(message, "To")[:500], _header(message, "From")[:500]
    )
    return Letter(
        message_id=ids[0] if ids else None,
        refers_to=_references(message),
        sender=_sender(message),
        subject=subject,
        text=text,
        automatic=said or by_words,
        report=_report(message),
        by_words=by_words,
    )


def _references(message: Message) -> tuple[str, ...]:
    near = _ID.findall(_raw(message, "In-Reply-To"))
    far = _ID.findall(_raw(message, "References"))[-_MOST_REFERENCES:]
    return tuple(dict.fromkeys([*near[:5], *reversed(far)]))


def _sender(message: Message) -> str:
    try:
        address = parseaddr(_header(message, "From")[:_LONGEST_FROM])[1].strip().lower()
    except RecursionError:  # comments within comments
        return ""
    return address[:320] if "@" in address else ""


def _says_so(message: Message) -> bool:
    """That nobody wrote it, in a header. What a server or a mail program reports is no reply either, such as that
    the mail was read."""
    if is_report(message):
        return True
    submitted = _raw(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(message.get(name) is not None for name in _AUTOMATIC):
        return True
    if _raw(message, "Precedence").strip().lower() in _BULK:
        return True
    return _raw(message, "Return-Path").strip() == "<>"


def _report(message: Message) -> Report | None:
    try:
        return report_in(message)
    except _UNREADABLE:
        return None


def _text(message: Message) -> str:
    """The first plain part of its own that is no attachment, else the first HTML one as text."""
    found: dict[str, str] = {}
    for part in own_parts(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and kind not in found and not part.get_filename():
            found[kind] = _decoded(part)
    if found.get("text/plain", "").strip():
        return found["text/plain"]
    return words.from_html(found.get("text/html", ""))


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset() or "utf-8", errors="replace")
    except (LookupError, ValueError):
        text = payload.decode("utf-8", errors="replace")
    return _clean(text, keep="\n\t\r")


def _raw(message: Message, name: str) -> str:
    """As it came; bytes that no mail should carry in a header are taken for UTF-8."""
    for given, value in message.raw_items():
        if given.lower() == name.lower():
            plain = str(value)[:20_000]
            return _clean(plain.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return ""


def _header(message: Message, name: str) -> str:
    """On one line, encoded words read."""
    raw = _raw(message, name)
    try:
        text = str(make_header(decode_header(raw)))
    except _UNREADABLE:
        text = raw
    return " ".join(_clean(text).split())


def _clean(text: str, keep: str = "") -> str:
    """Without control characters and lone surrogates, which databases refuse."""
    return "".join(
        c if c.isprintable() or c in keep else " " for c in text.encode("utf-8", "replace").decode()
    )
