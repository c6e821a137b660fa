"""What an invitation is made of, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.invitations.catalogue.records import OfferPlan, SessionPlan


@dataclass(frozen=True)
class Happening:
    """An event as an invitation speaks of it. `when` and `where` are lines for people; `km` places it."""

    event_id: int
    name: str
    type: str
    starts_at: datetime
    zone: str
    when: str
    where: str
    description: str
    in_person: bool
    virtual: bool
    city: str | None
    topic: str | None
    sessions: tuple[SessionPlan, ...] = ()
    offers: tuple[OfferPlan, ...] = ()


@dataclass(frozen=True)
class House:
    """A customer as an invitation speaks of it. `km` to the event, None where that is not known. `topics`:
    the event's topics, in lower case, with how many events on each its people came to."""

    customer_id: int
    name: str
    segment: str | None
    industry: str | None
    city: str | None
    km: float | None
    interests: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    challenges: tuple[str, ...] = ()
    topics: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Guest:
    """Whom it is written to and by whom. `zone` is theirs, else the customer's."""

    stakeholder_id: int
    first_name: str
    zone: str | None
    sender: str
    signature: str


@dataclass(frozen=True)
class Pick:
    """A session for this person: `why`, in words to them, is empty where nothing in particular speaks for it.
    `reason` says the same to the CSM."""

    session: SessionPlan
    why: str
    reason: str
    fact: str


@dataclass(frozen=True)
class Composed:
    """The template with its values, and what each sentence rests on."""

    template: str
    values: dict[str, Any]
    evidence: tuple[dict[str, Any], ...]
    seat: str
    seat_why: str
    picks: tuple[Pick, ...]
    offer: OfferPlan | None
    because: str


def claim(said: str, fact: str, screen: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A line of evidence."""
    return {"claim": said, "fact": fact, "screen": screen, "query": dict(query)}
