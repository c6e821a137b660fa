"""The fields of a report's machine-readable part: one block about the mail, then one for each recipient."""

from __future__ import annotations

import re
from base64 import b64decode
from email.message import Message
from quopri import decodestring

_OF_ONE = {"final-recipient", "original-recipient", "action", "status"}
"""Fields that a recipient has once."""
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,5})\}")
_FOLDED = re.compile(r"\r?\n[ \t]+(?=\S)")
_EMPTY_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_LONGEST, _MOST_PARAGRAPHS = 100_000, 500
_FIELD, _FIELDS = 1_000, 20_000


def blocks(part: Message) -> list[dict[str, str]]:
    """The fields, in small letters, of one recipient after another. What is said of the mail as a whole stands with
    the first, and so does what a stray empty line tore off."""
    found: list[dict[str, str]] = [{}]
    for paragraph in _EMPTY_LINE.split(_text(part)[:_LONGEST])[:_MOST_PARAGRAPHS]:
        fields = lines(_FOLDED.sub(" ", paragraph))
        if _OF_ONE & fields.keys() & found[-1].keys():
            found.append({})
        found[-1] |= fields
    return found


def lines(text: str) -> dict[str, str]:
    """Lines of `name: value`, by their names in small letters."""
    pairs = (line.partition(":") for line in text[:_FIELDS].splitlines() if ":" in line)
    return {
        name.strip().lower(): one_line(value).strip() for name, _, value in pairs if name.strip()
    }


def address(field: str | None) -> str | None:
    """The first address in a field such as `rfc822; <maria@example.com>`, in small letters."""
    found = addresses((field or "").rpartition(";")[2][:400])
    return found[0] if found else None


def addresses(field: object) -> list[str]:
    """All of them, in small letters, each once."""
    text = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), one_line(field or ""))
    return list(dict.fromkeys(found.lower() for found in _ADDRESS.findall(one_line(text))))


def one_line(value: object) -> str:
    """Without control characters, which databases refuse."""
    return "".join(c if c.isprintable() else " " for c in str(value)[:_FIELD])


def body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""


def _text(part: Message) -> str:
    """As it was written. The library takes these parts for mails within the mail, whatever they are encoded as."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return body(part)
    text = "\n\n".join(_written(one) for one in payload if isinstance(one, Message))
    plain = text.encode("utf-8", "surrogateescape")
    how = one_line(part.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if how == "base64":
            plain = b64decode(plain)
        elif how == "quoted-printable":
            plain = decodestring(plain)
    except ValueError:
        pass  # not what it says it is: then it may be plain
    return plain.decode("utf-8", "replace")


def _written(block: Message) -> str:
    head = "\n".join(f"{name}: {_FOLDED.sub(' ', str(value))}" for name, value in block.items())
    payload = block.get_payload()
    return f"{head}\n\n{payload}" if isinstance(payload, str) and payload.strip() else head
