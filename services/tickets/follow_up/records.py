"""What a follow-up is made of, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KIND = "ticket_follow_up"
SOURCE = "ticket_follow_up"
"""Of drafts: `source_id` is the follow-up's."""
TOPIC = "support"
SCREEN = "one_ticket"


@dataclass(frozen=True)
class Case:
    """A solved ticket as a mail speaks of it. `cluster_id` is its root cause; `over_at` is when that was over
    at last, where the ticket is one of an earlier time."""

    id: int
    number: str
    subject: str
    area: str | None
    kind: str | None
    severity: str | None
    opened_at: datetime
    solved_at: datetime
    resolution: str | None = None
    reopens: int = 0
    escalated_to: str | None = None
    csat: str | None = None
    sentiment: str = "unknown"
    phrases: tuple[str, ...] = ()
    people: int = 1
    points: int = 0
    level: str = "acknowledge"
    answer: str | None = None
    cluster_id: int | None = None
    over_at: datetime | None = None

    @property
    def hours(self) -> float:
        return max((self.solved_at - self.opened_at).total_seconds(), 0) / 3_600


@dataclass(frozen=True)
class Reader:
    """Whom it is written to. `role` is champion, executive_sponsor, admin, user or None."""

    stakeholder_id: int
    first_name: str
    role: str | None = None


@dataclass(frozen=True)
class Relation:
    """The customer, how it stands with us, and who writes."""

    customer_id: int
    name: str
    sender: str
    signature: str = ""
    at_risk: bool = False
    health_before: int | None = None
    health_lowest: int | None = None


@dataclass(frozen=True)
class Evidence:
    """What a sentence says, the fact it rests on, and where that can be seen."""

    claim: str
    fact: str
    screen: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    def as_json(self) -> dict[str, Any]:
        return {
            "claim": self.claim,
            "fact": self.fact,
            "screen": self.screen,
            "query": dict(self.query),
        }


@dataclass(frozen=True)
class Composed:
    """The template with the values that fill it, and what each sentence rests on."""

    template: str
    values: dict[str, Any]
    evidence: tuple[Evidence, ...]
