"""Why a customer stands where it does: the features that lift it above the average, in true sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from services.invitations.fit.ground import Floats, Ground
from services.invitations.fit.history import NAMES, History
from services.invitations.fit.model import Model
from services.terms import shared, takes_up

MOST_REASONS = 3
LEAST_LIFT = 0.05
"""In log-odds; less is not worth a sentence."""
NEAR_KM = 300.0
_SAME = {"profile": ("topic",), "declared": ("interest", "challenge"), "recent": ("rate",)}
"""What says the same as another reason is left out where that one is given."""


@dataclass(frozen=True)
class Reason:
    """`lift`: what the feature adds to this customer's log-odds beyond the average customer's. `facts` are
    the figures or words that the sentence rests on, counted anew from the tables by whoever doubts it."""

    feature: str
    sentence: str
    lift: float
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


class Reasoner:
    """Reasons for one event. `average` is the mean of the features of those it is for."""

    def __init__(self, ground: Ground, history: History, model: Model, event: int) -> None:
        self._ground = ground
        self._history = history
        self._weights = np.array(model.weights)
        self._event = event
        self._row = ground.events.row(event, named=True)
        self._themes = ground.themes(event)
        self._rate, self._last = history.rate, history.last_attended
        self._tellers: dict[str, Callable[[int], tuple[str, dict[str, Any]] | None]] = {
            "rate": self._of_rate, "topic": self._of_topic, "profile": self._of_profile,
            "interest": self._of_interest, "challenge": self._of_challenge,
            "industry": self._of_industry, "distance": self._of_distance, "type": self._of_type,
            "recent": self._of_recent, "declared": self._of_declared,
        }  # fmt: skip
        self._spelled = {" ".join(t.casefold().split()): t for t in self._row["topics"] or ()}

    def reasons(self, customer: int, features: Floats, average: Floats) -> tuple[Reason, ...]:
        """The strongest first, up to MOST_REASONS; none about a feature that says nothing for it."""
        lifts = self._weights * (features[customer] - average)
        said: dict[str, Reason] = {}
        for place in np.argsort(-lifts, kind="stable"):
            name, lift = NAMES[place], float(lifts[place])
            if lift < LEAST_LIFT or len(said) == MOST_REASONS:
                break
            if any(other in said for other in _SAME.get(name, ())):
                continue
            words = self._tellers[name](customer)
            if words is not None:
                said[name] = Reason(name, words[0], round(lift, 4), words[1])
        return tuple(said.values())

    def _of_rate(self, c: int) -> tuple[str, dict[str, Any]] | None:
        came, offered = int(self._history.came[c]), int(self._history.offered[c])
        if not came or came / offered <= self._history.base:
            return None
        words = f"Came to {came} of {_events(offered)} they could have come to"
        return words, {"came": came, "offered": offered}

    def _of_topic(self, c: int) -> tuple[str, dict[str, Any]] | None:
        found = [
            (int(self._history.topic_came[t, c]), int(self._history.topic_offered[t, c]), t)
            for t in self._ground.topics_of[self._event]
        ]
        best = max(found, key=lambda one: (one[0] / max(one[1], 1), one[0]), default=(0, 0, 0))
        if not best[0]:
            return None
        topic = self._spell(best[2])
        words = f"Came to {best[0]} of {_events(best[1])} on {topic}"
        return words, {"topic": topic, "came": best[0], "offered": best[1]}

    def _of_profile(self, c: int) -> tuple[str, dict[str, Any]] | None:
        counts = {
            t: int(self._history.topic_came[t, c]) for t in self._ground.topics_of[self._event]
        }
        topic = max(counts, key=lambda t: counts[t], default=None)
        if topic is None or not counts[topic]:
            return None
        came = int(self._history.came[c])
        were = "was" if counts[topic] == 1 else "were"
        words = (
            f"{counts[topic]} of the {_events(came)} they came to {were} on {self._spell(topic)}"
        )
        return words, {"topic": self._spell(topic), "came": counts[topic], "of": came}

    def _of_interest(self, c: int) -> tuple[str, dict[str, Any]] | None:
        return self._said(c, {"interests": "Interested in {}"})

    def _of_challenge(self, c: int) -> tuple[str, dict[str, Any]] | None:
        return self._said(c, {"challenges": "Has the challenge “{}”", "goals": "Has the goal “{}”"})

    def _of_declared(self, c: int) -> tuple[str, dict[str, Any]] | None:
        return self._said(
            c, {"interests": "Interested in {}", "challenges": "Has the challenge “{}”", "goals": "Has the goal “{}”"}
        )  # fmt: skip

    def _said(self, c: int, forms: dict[str, str]) -> tuple[str, dict[str, Any]] | None:
        """The declared text that shares most words with what the event is about."""
        found = [
            (len(words), kind, text, words)
            for kind in forms
            for text in self._ground.customers[kind][c]
            if (words := shared(text, self._themes))
            and (kind != "interests" or takes_up(text, self._themes, self._row["topics"] or ()))
        ]
        if not found:
            return None
        _, kind, text, words = max(found, key=lambda one: one[0])
        return forms[kind].format(text), {"kind": kind, "text": text, "words": list(words)}

    def _of_industry(self, c: int) -> tuple[str, dict[str, Any]] | None:
        industry = self._ground.customers["industry"][c]
        if industry is None or not self._ground.of_industry(self._event)[c]:
            return None
        return f"The event is for {industry}", {"industry": industry}

    def _of_distance(self, c: int) -> tuple[str, dict[str, Any]] | None:
        row = self._row
        if row["latitude"] is None or not row["in_person"] or row["virtual"]:
            return None
        away = self._ground.kilometres(row["latitude"], row["longitude"])[c]
        if not away <= NEAR_KM:
            return None
        city = self._ground.customers["city"][c] or "Their office"
        there = row["city"] or "the event"
        words = (
            f"{city} is {away:.0f} km from {there}" if away >= 20 else f"The event is in {there}"
        )
        return words, {"km": round(float(away))}

    def _of_type(self, c: int) -> tuple[str, dict[str, Any]] | None:
        kind = self._ground.type_of[self._event]
        came = int(self._history.type_came[kind, c])
        offered = int(self._history.type_offered[kind, c])
        if not came:
            return None
        name = self._row["type"].replace("_", " ")
        return f"Came to {came} of {offered} {name}{'' if offered == 1 else 's'}", {
            "type": self._row["type"], "came": came, "offered": offered,
        }  # fmt: skip

    def _of_recent(self, c: int) -> tuple[str, dict[str, Any]] | None:
        came, offered = int(self._last[c]), int(min(self._history.offered[c], 6))
        if not came:
            return None
        return f"Came to {came} of the last {offered} they could have come to", {
            "came": came, "of": offered,
        }  # fmt: skip

    def _spell(self, topic: int) -> str:
        key = self._ground.topics[topic]
        return self._spelled.get(key, key)


def _events(count: int) -> str:
    return f"{count} event" if count == 1 else f"{count} events"
