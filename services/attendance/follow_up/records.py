"""What a follow-up is made of, as plain records."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

KIND = "event_follow_up"
SOURCE = "event"
"""Of drafts: `source_id` is the event's."""
TOPIC = "events"
Only = Collection[int] | None
"""Customers to which something is limited; None for all."""
RECENT = timedelta(days=14)
"""Older events are on record, but nobody is told or written to because of them."""


@dataclass(frozen=True)
class Resource:
    """Something to pass on; `session_id` empty when it belongs to the whole event."""

    title: str
    url: str
    session_id: int | None = None
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A session of an event."""

    id: int
    title: str
    speaker: str | None = None
    topics: tuple[str, ...] = ()
    takeaways: tuple[str, ...] = ()


@dataclass(frozen=True)
class Occasion:
    """An event as a follow-up speaks of it. `minutes` is the schedule; `told_sessions`: of some people it is on
    record which of its sessions they were in."""

    event_id: int
    name: str
    type: str
    topic: str | None
    held_on: date
    minutes: float | None = None
    polls_asked: int | None = None
    parts: tuple[Part, ...] = ()
    resources: tuple[Resource, ...] = ()
    self_paced: bool = False
    told_sessions: bool = False

    @property
    def themes(self) -> tuple[str, ...]:
        """Everything that says what it was about."""
        inner = [word for part in self.parts for word in (part.title, *part.topics)]
        return tuple(word for word in (self.name, self.topic or "", *inner) if word)


@dataclass(frozen=True)
class Deeds:
    """What one person did at an event; None is what no platform told. `asked` are their own words."""

    came: bool
    minutes: float | None = None
    questions: int | None = None
    asked: tuple[str, ...] = ()
    polls: int | None = None
    downloads: int | None = None
    feedback: bool = False
    spoke: bool = False
    completed: bool | None = None
    passed: bool | None = None
    sessions: tuple[str, ...] = ()
    on: date | None = None
    """The day they finished, of a course that has none of its own."""


@dataclass(frozen=True)
class House:
    """A customer as a follow-up speaks of it, and who looks after it."""

    customer_id: int
    name: str
    segment: str | None = None
    csm_id: int | None = None
    csm: str = ""
    signature: str = ""
    goals: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    challenges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guest:
    """A stakeholder who came or did not, with what they did."""

    stakeholder_id: int
    first_name: str
    customer_id: int
    deeds: Deeds


@dataclass(frozen=True)
class Match:
    """A goal, interest or challenge of a customer that an event was about, and the words that say so."""

    kind: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What a sentence says, the fact it rests on, and where that can be seen."""

    claim: str
    fact: str
    screen: str
    query: dict[str, str] = field(default_factory=dict[str, str])

    def as_json(self) -> dict[str, object]:
        return {"claim": self.claim, "fact": self.fact, "screen": self.screen, "query": self.query}
