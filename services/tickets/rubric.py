"""How grave a solved ticket was for the customer, in points, and what kind of follow-up that calls for.

Pure: the same facts always come to the same points, and every point says what it is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from data.tables.tickets import TICKET_LEVELS

LEVELS = TICKET_LEVELS
ACKNOWLEDGE, SATISFACTION_CHECK, RELATIONSHIP_REPAIR = LEVELS
CHECK_FROM, REPAIR_FROM = 4, 8
"""The points from which a level holds."""
SEVERITY_POINTS = {"urgent": 4, "high": 3, "normal": 1, "low": 0}
TAKEN_AS = "normal"
"""What a ticket counts as when its desk does not say how severe it was."""
LONG_HOURS, VERY_LONG_HOURS = 48, 5 * 24
SEVERAL_PEOPLE, SEVERAL_TICKETS = 3, 3
HEALTH_FELL, HEALTH_FELL_FAR = 5, 10
RENEWAL_DAYS = 90
GRAVE = {"outage": "an outage", "data_loss": "loss of data", "security": "a matter of security"}
"""What calls for the highest level, whatever the points."""


@dataclass(frozen=True)
class Facts:
    """What is known of a ticket when it is weighed.

    `hours` it was open. `health_fall` is health when it was opened less the lowest until it was solved;
    `renewal_days` to the renewal, and `solved_lately` the customer's tickets solved within the 30 days
    before (this one included). None: not known. `marks` are keys of GRAVE that the desk's own fields set,
    `worded` those that only somebody's words suggest.
    """

    severity: str | None = None
    hours: float = 0
    reopens: int = 0
    escalated_to: str | None = None
    people: int = 1
    health_fall: int | None = None
    csat: str | None = None
    sentiment: str = "unknown"
    phrases: tuple[str, ...] = ()
    renewal_days: int | None = None
    solved_lately: int = 1
    at_risk: bool = False
    marks: frozenset[str] = frozenset()
    worded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """One line of the sum. Lines of no points say what is not known, or what decides by itself."""

    code: str
    points: int
    words: str

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "points": self.points, "words": self.words}


@dataclass(frozen=True)
class Weighed:
    """`points` is the sum of the parts. `because` says what set the level: points, or something that
    decides by itself."""

    points: int
    parts: tuple[Part, ...]
    level: str
    because: str


def weigh(facts: Facts) -> Weighed:
    """The points of a ticket and its level.

    What was only read out of somebody's words (tone, and what `worded` holds) moves the level by at most
    one step from where everything else puts it.
    """
    parts = tuple(_parts(facts))
    points = sum(part.points for part in parts)
    text = sum(part.points for part in parts if part.code == "sentiment")
    without = max(_by_points(points - text), _by_rule(facts, facts.marks))
    whole = max(_by_points(points), _by_rule(facts, facts.marks | facts.worded))
    place = min(whole, without + 1)
    return Weighed(points, parts, LEVELS[place], _because(facts, points, place))


def level_of(points: int) -> str:
    """The level that points alone come to."""
    return LEVELS[_by_points(points)]


def _by_points(points: int) -> int:
    return (points >= CHECK_FROM) + (points >= REPAIR_FROM)


def _by_rule(facts: Facts, marks: frozenset[str]) -> int:
    return 2 if marks & GRAVE.keys() or _severe_and_bad(facts) else 0


def _severe_and_bad(facts: Facts) -> bool:
    return facts.csat == "bad" and facts.severity in ("urgent", "high")


def _because(facts: Facts, points: int, place: int) -> str:
    if place == _by_points(points):
        return f"{points} {'point' if points == 1 else 'points'}"
    marks = sorted(facts.marks & GRAVE.keys())
    if marks:
        return f"It was {GRAVE[marks[0]]}."
    if _severe_and_bad(facts):
        return "A severe ticket that was rated bad."
    worded = sorted(facts.worded & GRAVE.keys())
    if worded:
        return f"Its words speak of {GRAVE[worded[0]]}: one level up."
    return f"{points} points, of which words alone raise it by one level at most."


def _parts(facts: Facts) -> Iterator[Part]:
    yield _severity(facts.severity)
    yield from _course(facts)
    yield from _health(facts.health_fall)
    yield from _csat(facts.csat)
    yield _sentiment(facts)
    yield from _around(facts)
    for mark in sorted(facts.marks & GRAVE.keys()):
        yield Part(mark, 0, f"Marked as {GRAVE[mark]}: calls for the highest level")


def _severity(said: str | None) -> Part:
    if said in SEVERITY_POINTS:
        return Part("severity", SEVERITY_POINTS[said], f"Severity {said}")
    words = f"The desk does not say how severe: taken as {TAKEN_AS}"
    return Part("severity", SEVERITY_POINTS[TAKEN_AS], words)


def _course(facts: Facts) -> Iterator[Part]:
    if facts.hours > VERY_LONG_HOURS:
        yield Part("open", 2, f"Open for {_days(facts.hours)}, more than 5 days")
    elif facts.hours > LONG_HOURS:
        yield Part("open", 1, f"Open for {_days(facts.hours)}, more than 48 hours")
    if facts.reopens == 1:
        yield Part("reopened", 1, "Reopened once")
    elif facts.reopens > 1:
        yield Part("reopened", 2, f"Reopened {facts.reopens} times")
    if facts.escalated_to:
        yield Part("escalated", 2, f"Escalated to {facts.escalated_to}")
    if facts.people >= SEVERAL_PEOPLE:
        yield Part("people", 1, f"{facts.people} people of the customer took part")


def _days(hours: float) -> str:
    """Cut off rather than rounded, so that it never says more than it was."""
    return f"{int(hours)} hours" if hours < LONG_HOURS * 1.5 else f"{int(hours / 24)} days"


def _health(fall: int | None) -> Iterator[Part]:
    if fall is None:
        yield Part("health", 0, "Health during the ticket is not known")
    elif fall >= HEALTH_FELL:
        far = fall >= HEALTH_FELL_FAR
        yield Part("health", 2 if far else 1, f"Health fell by {fall} during the ticket")


def _csat(said: str | None) -> Iterator[Part]:
    if said == "bad":
        yield Part("csat", 3, "Rated bad")
    elif said == "good":
        yield Part("csat", -1, "Rated good")


def _sentiment(facts: Facts) -> Part:
    quoted = ", ".join(f"“{phrase}”" for phrase in facts.phrases[:3])
    told = f": {quoted}" if quoted else ""
    if facts.sentiment == "angry":
        return Part("sentiment", 2, f"The customer's words are angry, or speak of leaving{told}")
    if facts.sentiment == "negative":
        return Part("sentiment", 1, f"The customer's words are negative{told}")
    if facts.sentiment == "calm":
        return Part("sentiment", 0, "The customer's words are calm")
    return Part("sentiment", 0, "The tone of the customer's words is not known")


def _around(facts: Facts) -> Iterator[Part]:
    days = facts.renewal_days
    if days is not None and 0 <= days <= RENEWAL_DAYS:
        yield Part("renewal", 1, f"Renewal in {days} {'day' if days == 1 else 'days'}")
    if facts.solved_lately >= SEVERAL_TICKETS:
        yield Part("several", 1, f"{facts.solved_lately} tickets solved within 30 days")
    if facts.at_risk:
        yield Part("at_risk", 1, "The customer was at risk already")
