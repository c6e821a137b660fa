"""What texts are about, as stems: two texts have something in common when they share one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

WORD = r"[^\W\d_]{2,}"
_WORD = re.compile(WORD)
_SHORTEST = 4
_NOTHING_SAID = frozenset(
    """about after ahead also another back been before best better between customer customers data down
    event from good have help into introduction join just keep live make many more most need news next
    only other over part practice practices product session some team teams than that their them then
    success review reviews summit opening building build daily ready similar challenge challenges goal goals
    these they this through time tool tools training user users webinar week what when which will with
    work works workshop year your
    days first half lead leader leaders leading leads months raise region second shorten slow weeks
    without""".split()  # noqa: SIM905 - a list of words reads better as words
)
"""Words that half of all events and goals share."""
_SHORT_TERMS = frozenset({"ai", "api", "apis", "crm", "sso", "roi", "kpi", "kpis", "sla"})
_ENDINGS = (
    "ization", "isation", "ations", "ation", "ating", "ated", "ates", "ate", "ings", "ing",
    "ions", "ion", "ers", "er", "ies", "ed", "es", "s", "y", "e",
)  # fmt: skip


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its ending, so that `automate` and `automation` are one. Short words stay."""
    lower = word.lower()
    for ending in _ENDINGS:
        if lower.endswith(ending) and len(lower) - len(ending) >= _SHORTEST:
            return lower[: -len(ending)]
    return lower


@lru_cache(maxsize=20_000)
def terms(text: str) -> frozenset[str]:
    """The stems of what a text is about."""
    found = (word.lower() for word in _WORD.findall(text))
    return frozenset(
        stem(word)
        for word in found
        if word in _SHORT_TERMS or (len(word) >= _SHORTEST and word not in _NOTHING_SAID)
    )


def about(texts: Iterable[str]) -> frozenset[str]:
    """The stems of several texts."""
    return frozenset().union(*map(terms, texts))


def takes_up(text: str, themes: frozenset[str], topics: Iterable[str]) -> bool:
    """Whether something is about an interest: all that the interest says is among the themes (stems), or it
    names one of the topics whole. A word in common is too little: analytics are not “Customer Analytics”."""
    said = terms(text)
    return bool(said) and (said <= themes or any(t and t <= said for t in map(terms, topics)))


def shared(text: str, themes: frozenset[str]) -> tuple[str, ...]:
    """The words of a text whose stems are among `themes`, as they were written but in lower case."""
    common = terms(text) & themes
    seen = (word for word in _WORD.findall(text) if stem(word) in common and terms(word))
    return tuple(dict.fromkeys(word.lower() for word in seen))
