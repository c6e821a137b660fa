"""Who is meant: a name as it was typed, against the names that the person may see. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from services.ask.words import QUOTES
from services.errors import BadInput

SURE, MARGIN, LIKELY = 80.0, 7.0, 62.0
"""A name is taken from SURE on when no other is within MARGIN of it, nor are there several that begin so; below
LIKELY none is offered."""
MOST_OFFERED, MOST_BEGUN, MOST_NAMES = 5, 10, 50
_POOL, _EXACT = 40, 100.0
_ALIKE = 70.0
"""Of two words: below it one is not a slip of the other."""
_WORD = 3
_LEGAL = frozenset(
    [
        "inc",
        "incorporated",
        "teh",
        "ltd",
        "limited",
        "llc",
        "gmbh",
        "ag",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "sa",
        "sas",
        "srl",
        "bv",
        "nv",
        "oy",
        "ab",
        "kg",
        "the",
        "a",
        "an",
        "our",
        "my",
    ]
)
_PIECES = re.compile(r"\s*(?:,\s*and\b|,|;|&|\+|\band\b|\bund\b|\bas well as\b)\s*", re.IGNORECASE)
_PUBLIC = re.compile(r"[a-z]{3}_[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class Named:
    """Something with a name: `key` is its public id, `hint` tells it from others of the same name."""

    id: int
    key: str
    name: str
    hint: str = ""
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} ({self.hint})" if self.hint else self.name


@dataclass(frozen=True)
class Match:
    """`one` when it is sure; else those that could be meant, the likeliest first, or none. `more` fit as well
    as these."""

    typed: str
    one: Named | None = None
    several: tuple[Named, ...] = ()
    more: int = 0


def find(typed: str, known: Sequence[Named]) -> Match:
    """The only one that fits well and better than all others."""
    typed = typed.strip(f" {QUOTES}")
    if _PUBLIC.fullmatch(typed):
        return Match(typed, next((one for one in known if one.key == typed), None))
    asked = compared(typed)
    if not asked:
        return Match(typed)
    scored = sorted(_scored(typed, known), key=lambda pair: (-pair[0], pair[1].name, pair[1].id))
    best = scored[0][0] if scored else 0.0
    near = tuple(one for score, one in scored if score > best - MARGIN)
    sure = len(near) == 1 and best >= SURE
    if sure and best == _EXACT:
        return Match(typed, near[0])
    starts = begun(asked, known)
    if sure and len(starts) < 2:
        return Match(typed, near[0])
    if starts:
        also = [one for score, one in scored if score >= SURE and one not in starts]
        offered = (*starts, *also)
        return Match(typed, None, offered[:MOST_BEGUN], max(len(offered) - MOST_BEGUN, 0))
    offered = [one for score, one in scored if score >= max(LIKELY, best - 2 * MARGIN)]
    return Match(typed, several=tuple(offered[:MOST_OFFERED]))


def begun(asked: str, known: Sequence[Named]) -> list[Named]:
    """Those whose name begins so, then those with a word within it that does."""
    found: list[tuple[bool, str, int, Named]] = []
    for one in known:
        names = [compared(name) for name in (one.name, *one.also)]
        first = any(name.startswith(asked) for name in names)
        if first or any(f" {asked}" in name for name in names):
            found.append((not first, one.name, one.id, one))
    return [one for *_, one in sorted(found, key=lambda each: each[:3])]


def mentioned(said: str, known: Sequence[Named]) -> list[Named]:
    """Those whose whole name stands somewhere in it; of names within one another the longest."""
    words = f" {compared(said)} "
    names = ((compared(one.name), one) for one in known)
    found = [(name, one) for name, one in names if len(name) > _WORD and f" {name} " in words]
    return [
        one for name, one in found
        if not any(name != other and f" {name} " in f" {other} " for other, _ in found)
    ]  # fmt: skip


def find_all(
    typed: str, known: Sequence[Named], look: Callable[[str], Match] | None = None
) -> list[Match]:
    """A list of names. Neighbours that are one name together ("Smith and Sons") are taken as one. `look`
    finds one of them otherwise than `find`. BadInput for more than MOST_NAMES."""
    look = look or (lambda piece: find(piece, known))
    whole = compared(typed)
    exact = {compared(name): one for one in known for name in (one.name, *one.also)}
    if whole in exact:
        return [look(typed)]
    cuts = [(found.start(), found.end()) for found in _PIECES.finditer(typed)]
    edges = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(typed)]
    if sum(end > edge for edge, end in zip(edges, ends, strict=True)) > MOST_NAMES:
        raise BadInput(f"Name at most {MOST_NAMES} customers at once.")
    found, at = [], 0
    while at < len(edges):
        upto = next(
            (
                to
                for to in range(min(len(ends), at + 5) - 1, at, -1)
                if compared(typed[edges[at] : ends[to]]) in exact
            ),
            at,
        )
        piece = typed[edges[at] : ends[upto]].strip()
        if piece:
            found.append(look(piece))
        at = upto + 1
    return found


def compared(name: str) -> str:
    """As names are compared: case, accents, signs and legal forms do not tell two apart."""
    words = _folded(name)
    return " ".join(word for word in words if word not in _LEGAL) or " ".join(words)


@lru_cache(maxsize=50_000)
def _folded(name: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKD", name[:300]).casefold()
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return tuple(letters.split())


def _scored(typed: str, known: Sequence[Named]) -> Iterable[tuple[float, Named]]:
    names = [(name, one) for one in known for name in (one.name, *one.also)]
    pool = process.extract(
        compared(typed),
        [compared(name) for name, _ in names],
        scorer=fuzz.WRatio,
        limit=_POOL,
        score_cutoff=40,
    )
    best: dict[int, tuple[float, Named]] = {}
    for _, _, place in pool:
        name, one = names[place]
        score = closeness(typed, name)
        if one.id not in best or best[one.id][0] < score:
            best[one.id] = (score, one)
    return best.values()


def closeness(typed: str, name: str) -> float:
    """0..100: the whole by spelling, or each word that was typed by the word of the name it is nearest to."""
    asked, words = compared(typed).split(), compared(name).split()
    if not asked or not words:
        return 0.0
    if asked == words or "".join(_folded(typed)) == "".join(_folded(name)):
        return _EXACT
    whole = max(
        fuzz.ratio("".join(asked), "".join(words)),
        fuzz.ratio("".join(_folded(typed)), "".join(_folded(name))) - 1,
    )
    told = sum(len(word) for word in asked)
    near = [max(_alike(word, other) for other in words) * len(word) for word in asked]
    parts = sum(near) / told * (0.96 if told >= _WORD else 0.7)
    return max(whole, parts)


def _alike(word: str, other: str) -> float:
    likeness = fuzz.ratio(word, other)
    return likeness if likeness >= _ALIKE else 0.0
