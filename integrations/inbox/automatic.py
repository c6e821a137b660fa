"""Which letters nobody wrote, told by their words: for machines that do not say so in a header.

A person may well mention a vacation. So the words count only where nothing else is said: each sentence outside what
is quoted, the signature and a company's footer is one that answering machines use. A subject decides only if machines
alone write it. In doubt a letter is a person's.
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
_NAME = 2
"""Words that two names, a day or a date have."""
_STOPS = (".", "!", "。")
_TAGS = r"^(?:\W*\[[^\]]{1,30}\])?\W*"


def _folded(text: str) -> str:
    """Small letters without accents, in which ø and æ stay what they are."""
    plain = normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(c for c in plain if category(c) != "Mn").replace("ł", "l")


def _any(patterns: Sequence[str], before: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(map(_folded, patterns))})")


_MACHINES, _NOTICES = _any(known.MACHINES, _TAGS), _any(known.NOTICES, _TAGS)
_ITSELF, _LEFT, _FOOTERS = _any(known.ITSELF, "^"), _any(known.LEFT), _any(known.FOOTERS)
_AWAY, _BESIDES, _THANKS = _any(known.AWAY), _any(known.BESIDES), _any(known.THANKS)
_LATER, _UNTIL = _any([known.LATER]), _any([known.UNTIL])
_RECEIVED, _PROMISES = _any(known.RECEIVED), _any(known.PROMISES)
_GREETINGS, _FAREWELLS = _any([known.GREETINGS]), _any([known.FAREWELLS])
_PERSONAL, _MATTERS = _any(known.PERSONAL), _any(known.MATTERS)
_PARTS, _ANEW, _LEADS = _any([known.PARTS]), _any([known.ANEW], "^"), _any([known.LEADS], "^")
_AGAIN = re.compile(r"^\W*(?:re|aw|sv|antw|rv|odp|vs|ref|fwd?|wg)\s?[:：]")
_ASKS = re.compile(r"\?(?!\w)|[？؟]")


def is_automatic(subject: str, text: str, addressed: str, author: str = "") -> bool:
    """`text` is what is new in it, `addressed` and `author` the headers that say to and from whom it went."""
    said = [_folded(one) for one in _sentences(text)]
    if any(_ASKS.search(one) or _PERSONAL.search(one) for one in said):
        return False
    head, greets = _folded(subject), _greets(said, _folded(addressed))
    if _MACHINES.match(head):
        return not greets
    telling = _within(said, _names(_folded(author)))
    if len(text) > _LONGEST or any(map(_is_of_a_matter, telling)):
        return False
    if _is_received(head, telling):
        return True
    return not greets and (_is_away(head, telling) or _says_so(telling))


def _is_of_a_matter(said: str) -> bool:
    return _THANKS.match(said) is None and _MATTERS.search(said) is not None


def _says_so(telling: Sequence[str]) -> bool:
    """That nobody wrote it, and nothing else that a person would say."""
    kinds = (_ITSELF, _LEFT, _RECEIVED, _PROMISES)
    return any(map(_ITSELF.match, telling)) and all(
        _is_of_the_away(one) or _is_all(one, kinds) for one in telling
    )


def _is_away(head: str, telling: Sequence[str]) -> bool:
    """Away, and what is said besides: until when, or who helps."""
    if not all(map(_is_of_the_away, telling)) or not any(map(_AWAY.search, telling)):
        return False
    return _NOTICES.match(head) is not None or any(map(_BESIDES.search, telling))


def _is_of_the_away(said: str) -> bool:
    if _REACHED.match(said):
        return True
    return not any(map(_is_later, _PARTS.split(said))) and _is_all(said, (_AWAY, _BESIDES, _THANKS))


def _is_later(part: str) -> bool:
    """A machine answers while somebody is away; of a day to come a person speaks."""
    away = _AWAY.search(part) is not None
    return away and _LATER.search(part) is not None and _UNTIL.search(part) is None


def _is_all(said: str, kinds: Sequence[re.Pattern[str]]) -> bool:
    """Each part of the sentence that says something by itself is of one of these kinds, and so is the whole."""
    parts = [part for part in map(str.strip, _PARTS.split(said)) if not _says_little(part)]
    return all(any(kind.search(one) for kind in kinds) for one in (said, *parts))


def _says_little(part: str) -> bool:
    """A date, a name, an address, or what leads to whom else to ask."""
    if _ANEW.match(part):
        return False
    return (
        len(part.split()) <= _NAME
        or _REACHED.match(part) is not None
        or _LEADS.match(part) is not None
    )


def _is_received(head: str, telling: Sequence[str]) -> bool:
    """A help desk has taken it in, under a number, and nothing else."""
    if _AGAIN.match(head) or not (_TICKET.search(head) or any(map(_TICKET.search, telling))):
        return False
    if _RECEIVED.search(head):
        return True
    kinds = (_RECEIVED, _PROMISES, _THANKS)
    return any(map(_RECEIVED.search, telling)) and all(
        _REACHED.match(one) or _is_all(one, kinds) for one in telling
    )


def _within(said: Sequence[str], names: set[str]) -> list[str]:
    """Without the greeting, and without the farewell, the names below and the company's footer."""
    found = list(said)
    if found and _is_greeting(found[0]):
        del found[0]
    while found and _FOOTERS.search(found[-1]):
        del found[-1]
    farewell = next((n for n, one in enumerate(found) if _FAREWELLS.match(one)), None)
    if farewell is not None:
        below = [one for one in found[farewell + 1 :] if not _is_signature(one)]
        return found[:farewell] + below
    while found and _is_signature(found[-1]) and not names.isdisjoint(_names(found[-1])):
        del found[-1]
    return found


def _is_signature(said: str) -> bool:
    if said.endswith(_STOPS) or said.startswith("ps"):
        return _FOOTERS.search(said) is not None
    return len(said.split()) <= _SIGNED or "|" in said or _REACHED.match(said) is not None


def _is_greeting(said: str) -> bool:
    if said.endswith((".", "。")) or len(said.split()) > _GREETED:
        return False
    return said.endswith(",") or _GREETINGS.match(said) is not None


def _greets(said: Sequence[str], addressed: str) -> bool:
    return bool(said) and not _names(addressed.partition("@")[0]).isdisjoint(_names(said[0][:60]))


def _names(said: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{3,}", said))


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
