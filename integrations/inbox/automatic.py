"""Which letters nobody wrote, told by their words: for machines that do not say so in a header.

A person may well mention a vacation. So the words count only where nothing else is said: each sentence is one that
answering machines use. In doubt a letter is a person's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import category, normalize

from integrations.inbox import automatic_words as known

_LONGEST = 1_500
"""Characters: who writes more has something to say."""
_WRAPPED = 50
"""A line at least so long goes on in the next."""
_END = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<=\w)[.!]+\s+(?=[^\W\d_])|(?<=[。！])")
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|mai|maj|jun|jul|aug|sep|okt|oct|nov|dez|dec|des|sty|lut|kwi|cze|lip|sie|wrz|paz|lis|gru)"
)
_REACHED = re.compile(r"(?:[^ ]+ ){0,2}(?:[^ @]+@[^ @]+|https?://[^ ]+|\+\d[\d ()/.-]+)$")
"""A line with an address or a number, and hardly a word besides."""
_TICKET = re.compile(
    r"\b(?:ticket|case|request|incident|anfrage|vorgang|demande|solicitud|richiesta|zgloszenie|arende|sag|sak)\b\W{0,3}"
    r"(?:(?:id|no|nr|number)\W{0,3})?[a-z]{0,6}-?\d{2,}|[\[(]#?[a-z]{0,6}[-#]?\d{2,}[\])]"
)
_GREETED, _SIGNED = 6, 4
"""Words of a line that greets, and of one that takes leave or signs: more say something."""
_STOPS = (".", "!", "。")
_TAGS = r"^(?:\W*\[[^\]]{1,30}\])?\W*"


def _folded(text: str) -> str:
    """Small letters without accents, in which ø and æ stay what they are."""
    plain = normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(c for c in plain if category(c) != "Mn").replace("ł", "l")


def _any(patterns: Sequence[str], before: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(map(_folded, patterns))})")


_SUBJECT, _ITSELF = _any(known.SUBJECTS, _TAGS), _any(known.ITSELF, "^")
_AWAY, _BESIDES, _THANKS = _any(known.AWAY), _any(known.BESIDES), _any(known.THANKS)
_RECEIVED, _PROMISES = _any(known.RECEIVED), _any(known.PROMISES)
_GREETINGS, _BUT, _PERSONAL = _any([known.GREETINGS]), _any([known.BUT]), _any(known.PERSONAL)
_AGAIN = re.compile(r"^\W*(?:re|aw|sv|antw|rv|odp|vs|ref|fwd?|wg)\s?[:：]")


def is_automatic(subject: str, text: str, addressed: str) -> bool:
    """`text` is what is new in it, `addressed` the header that says to whom it went."""
    head = _folded(subject)
    if _SUBJECT.match(head):
        return True
    if len(text) > _LONGEST:
        return False
    said = [_folded(one) for one in _sentences(text)]
    if any(_ITSELF.match(one) for one in said):
        return True
    if any("?" in one or _PERSONAL.search(one) for one in said):
        return False
    return _is_away(said, _folded(addressed)) or _is_received(head, said)


def _is_away(said: Sequence[str], addressed: str) -> bool:
    """Away, and what is said besides: until when, or who helps. A machine greets nobody by their name."""
    telling = _within(said)
    if not all(map(_is_of_the_away, telling)) or _greets(said, addressed):
        return False
    return any(map(_AWAY.search, telling)) and any(map(_BESIDES.search, telling))


def _is_of_the_away(said: str) -> bool:
    if _BESIDES.search(said) or _THANKS.match(said) or _REACHED.match(said):
        return True
    return _AWAY.search(said) is not None and _BUT.search(said) is None


def _is_received(head: str, said: Sequence[str]) -> bool:
    """A help desk has taken it in, under a number, and nothing else."""
    if _AGAIN.match(head) or not (_TICKET.search(head) or any(map(_TICKET.search, said))):
        return False
    if _RECEIVED.search(head):
        return True
    telling = _within(said)
    kinds = (_RECEIVED, _PROMISES, _THANKS)
    return any(map(_RECEIVED.search, telling)) and all(
        _REACHED.match(one) or any(kind.search(one) for kind in kinds) for one in telling
    )


def _within(said: Sequence[str]) -> list[str]:
    """Without the greeting, and without the farewell and the names below."""
    found = list(said)
    if found and _is_greeting(found[0]):
        del found[0]
    while found and not found[-1].endswith(_STOPS) and len(found[-1].split()) <= _SIGNED:
        del found[-1]
    return found


def _is_greeting(said: str) -> bool:
    if said.endswith((".", "。")) or len(said.split()) > _GREETED:
        return False
    return said.endswith(",") or _GREETINGS.match(said) is not None


def _greets(said: Sequence[str], addressed: str) -> bool:
    names = set(re.findall(r"[^\W\d_]{3,}", addressed.partition("@")[0]))
    return bool(said) and not names.isdisjoint(re.findall(r"[^\W\d_]+", said[0][:60]))


def _sentences(text: str) -> list[str]:
    """With their full stops. `12. January` is one, and so is a line that was only wrapped."""
    found: list[str] = []
    for paragraph in _paragraphs(text):
        start = 0
        for end in _END.finditer(paragraph):
            before, after = paragraph[: end.start()], _folded(paragraph[end.end() :][:12])
            if before[-1:].isdigit() and _MONTH.match(after):
                continue
            found.append(paragraph[start : end.end()].strip())
            start = end.end()
        found.append(paragraph[start:].strip())
    return [one for one in found if one]


def _paragraphs(text: str) -> list[str]:
    found = [""]
    for line in text.split("\n"):
        goes_on = len(found[-1].rpartition("\n")[2]) >= _WRAPPED and line.strip()
        if goes_on:
            found[-1] += f"\n{line.strip()}"
        else:
            found.append(line.strip())
    return [one.replace("\n", " ") for one in found if one]
