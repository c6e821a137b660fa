"""Which tickets of a customer have one root cause: those that say the same, close to each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from services.tickets.terms import SAME_CAUSE

ENOUGH_WORDS, ENOUGH_SHARE = 2, 0.5
"""Words in common, and their share of the shorter subject, from which two say the same."""
_GENERIC_WORDS = (
    "a an and are as at be but by can cannot could do does for from get has have how i if in into is it its me"
    " my no not of on or our out re since so some than that the their them then there they this to too up us"
    " via was we what when where which while who why will with would you your fwd fw aw wg"
    " issue problem error help question ticket request support please need urgent asap broken fail failure"
    " failing work working stop again still after before during case bug trouble new"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("ing", "ed", "es", "s")


@dataclass(frozen=True)
class Case:
    """A ticket, as far as its cause shows. `cluster_id` is where it belongs already."""

    id: int
    subject: str
    area: str | None
    opened_at: datetime
    cluster_id: int | None = None


@dataclass
class Cause:
    """Tickets with one root cause; `id` is None until it is stored. `fresh` are those that joined it now."""

    id: int | None
    title: str
    last_at: datetime
    members: list[Case] = field(default_factory=list[Case])
    fresh: list[int] = field(default_factory=list[int])


def gather(cases: Sequence[Case]) -> list[Cause]:
    """The causes of one customer's tickets; those that belong somewhere stay there."""
    causes: dict[int, Cause] = {}
    loose: list[Case] = []
    for case in sorted(cases, key=lambda one: (one.opened_at, one.id)):
        if case.cluster_id is None:
            loose.append(case)
        else:
            known = causes.setdefault(
                case.cluster_id, Cause(case.cluster_id, case.subject, case.opened_at)
            )
            _join(known, case)
    found = list(causes.values())
    for case in loose:
        near = [one for one in found if _belongs(case, one.members)]
        if near:
            cause = max(near, key=lambda one: one.last_at)
        else:
            cause = Cause(None, case.subject, case.opened_at)
            found.append(cause)
        _join(cause, case)
        cause.fresh.append(case.id)
    return found


def same_cause(one: Case, other: Case) -> bool:
    """Whether two tickets say the same, close enough to each other."""
    if abs(one.opened_at - other.opened_at) > SAME_CAUSE:
        return False
    mine, theirs = terms(one.subject), terms(other.subject)
    common = len(mine & theirs)
    if one.area and other.area and one.area.casefold() == other.area.casefold():
        return common >= 1
    shorter = min(len(mine), len(theirs))
    return common >= ENOUGH_WORDS and common / shorter >= ENOUGH_SHARE


@lru_cache(maxsize=50_000)
def terms(subject: str) -> frozenset[str]:
    """The words of a subject that say something, without their endings."""
    words = (word.casefold() for word in _WORD.findall(subject))
    return frozenset(
        stem
        for word in words
        if word not in _GENERIC and not word.isdigit()
        for stem in [_stem(word)]
        if len(stem) > 1 and stem not in _GENERIC
    )


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _belongs(case: Case, members: Iterable[Case]) -> bool:
    return any(same_cause(case, one) for one in members)


def _join(cause: Cause, case: Case) -> None:
    cause.members.append(case)
    cause.last_at = max(cause.last_at, case.opened_at)
