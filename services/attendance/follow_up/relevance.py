"""Whether an event was about what a customer is after: shown with the words that say so, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.attendance.follow_up.records import House, Match
from services.terms import about, shared, stem, terms

__all__ = ["about", "matches", "stem", "terms", "wanted"]
KINDS = ("goal", "challenge", "interest")
"""By weight: what a customer wants comes before what it likes to hear about."""


def matches(house: House, themes: frozenset[str]) -> list[Match]:
    """The customer's goals, challenges and interests that share words with `themes`, the closest first."""
    said: dict[str, Sequence[str]] = {
        "goal": house.goals,
        "challenge": house.challenges,
        "interest": house.interests,
    }
    found = [
        Match(kind, text, shared(text, themes))
        for kind in KINDS
        for text in said[kind]
        if terms(text) & themes
    ]
    return sorted(found, key=lambda match: (-len(match.words), KINDS.index(match.kind)))


def wanted(house: House, asked: Iterable[str] = ()) -> frozenset[str]:
    """The stems of all that a customer is after, and of what its person asked."""
    return about((*house.goals, *house.challenges, *house.interests, *asked))
