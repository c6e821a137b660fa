"""Status codes of mail servers (RFC 3463): where one stands in what they write, and what it says of an address."""

from __future__ import annotations

import re

_CODE = r"[245]\.[0-7]\.\d{1,3}(?!\.?\d)"
_ANYWHERE = re.compile(rf"(?<![\d.]){_CODE}")
_AFTER_REPLY = re.compile(rf"(?<![\d.])(?=([245]))\d\d\d[ -]{{1,3}}\(?#?(?=\1)({_CODE})")
_SAID_TO_BE_ONE = re.compile(
    rf"(?im)(?:^[ \t>]*|[:;(\[#=]|\b(?:error|status|code|reason|reply))[ \t]*({_CODE})"
)
# Permanent for this message, yet nothing about the address: full, too large, no route, refused content.
# 5.1.7 and 5.1.8 are about the sender's.
_NOT_THE_ADDRESS = ("5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.", "5.4.", "5.6.", "5.7.")
_NOBODY_THERE = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
_FOR_NOW = re.compile(
    r"(?i)\bfull\b|quota|over ?limit|later|temporar|too (?:large|big|many)|insufficient|exceed"
    r"|spam|blocked|policy|reputation|gr[ea]ylist|blacklist|block ?list"
)
"""Words about a mailbox or a mail, not about an address."""


def code_in(status: str, diagnostic: str) -> str | None:
    """The code of a report's two fields. Where the first only says "other", the second knows more."""
    stated, said = _found(_ANYWHERE, status), _after_reply(diagnostic)
    said = said or _found(_ANYWHERE, diagnostic)
    if stated is None or (_is_other(stated) and said is not None):
        return said
    return stated


def code_in_letter(text: str) -> str | None:
    """The code in a letter: after a server's reply (`550 5.1.1`), else where it is said to be one. A program's
    version has the same form."""
    if (said := _after_reply(text)) is not None:
        return said
    found = _SAID_TO_BE_ONE.search(text)
    return found.group(1) if found else None


def code_of(answer: bytes) -> str | None:
    """The code with which a server's answer begins (RFC 2034), after its three digits."""
    found = _ANYWHERE.match(answer.decode("utf-8", "replace"))
    return found.group() if found else None


def is_dead(code: str | None, words: str = "") -> bool:
    """Whether the code says that the address does not take mail, and will not. Where it only says "other",
    `words` may know better."""
    if code is None or not code.startswith("5.") or code.startswith(_NOT_THE_ADDRESS):
        return False
    return not (_is_other(code) and _FOR_NOW.search(words))


def is_nobody(code: str | None) -> bool:
    """Whether an answer to RCPT says with this code that nobody has the address.

    Narrower than `is_dead`: there servers also refuse senders, programs and strangers, some under 5.1.0 or
    with no code at all, and after one of those every address would count as dead.
    """
    return code in _NOBODY_THERE


def _is_other(code: str) -> bool:
    return code.endswith(".0")


def _after_reply(text: str) -> str | None:
    found = _AFTER_REPLY.search(text)
    return found.group(2) if found else None


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group() if found else None
