"""The words of a draft, as a template or a person made them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.errors import BadInput
from data.texts import one_line
from services import rendering
from services.drafts.records import LONGEST_SUBJECT, LONGEST_TEXT


@dataclass(frozen=True)
class Words:
    """`version` is the template's; 0 also for words of a person's own."""

    subject: str
    text: str
    html: str
    version: int


def plain_text(text: str) -> str:
    """Line ends as one kind, and no characters that no mail or database can carry."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or (c.isprintable() or c.isspace()))


def written(subject: str, text: str) -> Words:
    """Words as a person typed them, with the HTML that says the same. BadInput when they are too long."""
    line, body = one_line(subject), plain_text(text)
    if len(line) > LONGEST_SUBJECT:
        raise BadInput(f"The subject is too long: {LONGEST_SUBJECT} characters at most.")
    if len(body) > LONGEST_TEXT:
        raise BadInput(f"The text is too long: {LONGEST_TEXT:,} characters at most.")
    return Words(line, body, rendering.from_text(body, title=line), 0)


def joined(first: str, second: str) -> str:
    """Two mails to one person as one text: the greeting and the closing that both have stand once."""
    one, other = _paragraphs(first), _paragraphs(second)
    shorter = min(len(one), len(other))
    start = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    left = shorter - start
    end = next((n for n in range(left) if one[-1 - n] != other[-1 - n]), left)
    middle = [*one[start : len(one) - end], *other[start : len(other) - end]]
    return "\n\n".join([*one[:start], *middle, *one[len(one) - end :]])


def _paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text.strip()) if part.strip()]
