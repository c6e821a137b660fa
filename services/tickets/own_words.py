"""What a customer said themselves in a ticket: without what they quote, paste or sign with."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from integrations.inbox.words import new_words

_FENCE = re.compile(r"^\s*(?:```|~~~)")
_INLINE = re.compile(r"`[^`\n]{1,300}`|https?://\S+|\S+@\S+\.\w+")
_QUOTED = re.compile(
    r"“[^”\n]{1,600}”|„[^“”\n]{1,600}[“”]|«[^»\n]{1,600}»|(?<!\w)\"[^\"\n]{1,600}\""
)
_LOG = re.compile(
    r"^\s*(?:[\[(]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d"  # 2026-01-23 09:14:02 …
    r"|[\[(]?\d\d:\d\d:\d\d"
    r"|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d"  # Jan 23 09:14:02 host …
    r"|\W{0,2}(?:FATAL|ERROR|ERR|WARN|WARNING|INFO|DEBUG|TRACE|CRITICAL|PANIC|SEVERE)\b[\]:|\s]"
    r"|at [\w.$<>]+\(|Traceback \(|File \"|Caused by: |goroutine \d"
    r"|(?:\w+\.)*\w*(?:Error|Exception)\b ?:"
    r"|HTTP/\d|(?:GET|POST|PUT|PATCH|DELETE) /"
    r"|[$#%] \S|>>> |PS [A-Z]:|C:\\|/(?:usr|var|etc|opt|home)/"
    r"|(?:sudo|kill|pkill|curl|wget|psql|kubectl|docker|systemctl|git|npm|pip) -{0,2}\w)"
)
_CODE = re.compile(r"[{}();=<>|\\$]")
_LETTER = re.compile(r"[^\W\d_]")
_SIGN_OFF = re.compile(
    r"(?i)^\W*(?:(?:kind|best|warm|many)?\s*regards|best wishes|best|cheers|sincerely|yours (?:truly|sincerely)"
    r"|mit freundlichen grüßen|viele grüße|cordialement|saludos|sent from my \w+(?: \w+)?)\W*$"
)
_LAST_LINES = 8
"""A sign-off further from the end than this is none."""
_LEAST_WORDS = 4
"""Shorter lines that an agent wrote, too, say nothing of who is being quoted."""


def own_words(text: str, agents: Sequence[str] = ()) -> str:
    """The customer's own sentences of one message; empty when nothing of it is theirs.

    `agents` are what our side wrote in the same ticket: lines that say the same are quotations, marked as
    such or not.
    """
    said = {line for one in agents for line in map(_plain, one.splitlines()) if line}
    kept: list[str] = []
    fenced = False
    for line in _unsigned(new_words(text).splitlines()):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and not _is_log(line) and not _is_said(line, said):
            kept.append(_QUOTED.sub(" ", _INLINE.sub(" ", line)).strip())
    return "\n".join(line for line in kept if line)


def _unsigned(lines: list[str]) -> list[str]:
    for place in range(max(len(lines) - _LAST_LINES, 0), len(lines)):
        if place and _SIGN_OFF.match(lines[place]):
            return lines[:place]
    return lines


def _is_log(line: str) -> bool:
    if _LOG.match(line):
        return True
    letters = len(_LETTER.findall(line))
    shown = len("".join(line.split()))
    if shown >= 8 and letters < shown / 2:
        return True
    return line.startswith(("    ", "\t")) and len(_CODE.findall(line)) >= 2


def _is_said(line: str, said: Collection[str]) -> bool:
    plain = _plain(line)
    if len(plain.split()) < _LEAST_WORDS:
        return False
    return any(plain in one or (len(one.split()) >= _LEAST_WORDS and one in plain) for one in said)


def _plain(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))
