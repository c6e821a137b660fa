"""Tickets, their levels and their follow-ups, as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

PAGE_ROWS = 50
MOST_ROWS = 20_000
OVER = ("solved", "closed")
STATE_WORDS = {
    "new": "New",
    "open": "Open",
    "pending": "Waiting for the customer",
    "on_hold": "On hold",
    "solved": "Solved",
    "closed": "Closed",
    "deleted": "Deleted",
}
SEVERITY_WORDS = {"urgent": "Urgent", "high": "High", "normal": "Normal", "low": "Low"}
LEVEL_WORDS = {
    "acknowledge": "Acknowledge",
    "satisfaction_check": "Satisfaction check",
    "relationship_repair": "Relationship repair",
}
LEVEL_RANKS = {level: place for place, level in enumerate(LEVEL_WORDS)}
REASON_WORDS = {
    "severe": "A severe ticket was solved",
    "several": "Several tickets were solved",
    "at_risk": "A ticket of a customer at risk was solved",
    "command": "Somebody asked for it",
}
FOLLOW_UP_WORDS = {
    "none": "None",
    "waiting": "Waits for the hold-off",
    "drafted": "Draft to approve",
    "sent": "Sent",
    "withdrawn": "Withdrawn",
    "left": "Not sent",
}
CLUSTER_WORDS = {
    "alone": "on its own",
    "words": "found by their words",
    "link": "linked by the desk",
    "person": "put together by a person",
}


@dataclass(frozen=True)
class Filters:
    """What the list shows; None or empty means all. `search`: a part of the number, the subject or the
    customer's name. `state` is one of TICKET_STATES, "unsolved" or "over" (solved or closed); `follow_up`
    a key of FOLLOW_UP_WORDS; `mine`: customers whose CSM is the reader; `unmatched`: of nobody we know;
    `since`: last changed then or later."""

    search: str = ""
    state: str | None = None
    severity: str | None = None
    level: str | None = None
    desk: str | None = None
    follow_up: str | None = None
    customer_id: int | None = None
    mine: bool = False
    unmatched: bool = False
    overridden: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class TicketRow:
    """A line of the list. `level` and `points` are None until it is solved; `follow_up` is a key of
    FOLLOW_UP_WORDS."""

    id: int
    desk: str
    number: str
    url: str | None
    subject: str
    area: str | None
    state: str
    severity: str | None
    customer_id: int | None
    customer: str | None
    requester: str | None
    stakeholder_id: int | None
    opened_at: datetime
    solved_at: datetime | None
    updated_at: datetime
    reopens: int
    escalated_to: str | None
    people: int
    csat: str | None
    sentiment: str
    level: str | None
    points: int | None
    overridden: bool
    cluster_id: int | None
    follow_up: str

    @property
    def hours(self) -> float | None:
        """How long it was open; None while it is."""
        if self.solved_at is None:
            return None
        return max((self.solved_at - self.opened_at).total_seconds(), 0) / 3_600


@dataclass(frozen=True)
class TicketPage:
    """`total` counts all that fit, not only `rows`; `desks` are those there are tickets of."""

    rows: tuple[TicketRow, ...]
    total: int
    desks: tuple[str, ...]


@dataclass(frozen=True)
class PersonIn:
    """Somebody of the customer's who took part. `name` as the desk or our record says it; `messages` how
    many they wrote."""

    name: str
    stakeholder_id: int | None
    customer_id: int | None
    role: str | None
    is_requester: bool
    messages: int


@dataclass(frozen=True)
class HistoryLine:
    """`what` is state, severity, escalation or csat."""

    at: datetime
    what: str
    before: str | None
    value: str
    source: str


@dataclass(frozen=True)
class Message:
    """`author` is customer, agent or system; `internal` notes the customer never saw."""

    at: datetime
    author: str
    who: str | None
    internal: bool
    text: str


@dataclass(frozen=True)
class Point:
    """One line of the sum."""

    code: str
    points: int
    words: str


@dataclass(frozen=True)
class LevelView:
    """`rule_level` is what the points come to, `level` what is in force; `why` and `by` where a person
    overrode it. `because` says what set the rule's level."""

    points: int
    parts: tuple[Point, ...]
    because: str
    rule_level: str
    level: str
    why: str | None
    by: str | None
    at: datetime

    @property
    def overridden(self) -> bool:
        return self.by is not None


@dataclass(frozen=True)
class HealthCourse:
    """The customer's health when the ticket was opened, the lowest until it was solved, and the last known
    since; None: not known."""

    before: int | None
    lowest: int | None
    after: int | None

    @property
    def fall(self) -> int | None:
        if self.before is None or self.lowest is None:
            return None
        return max(self.before - self.lowest, 0)


@dataclass(frozen=True)
class House:
    """The customer, as far as it matters for a ticket."""

    id: int
    name: str
    arr: Decimal | None
    currency: str
    csm: str | None
    renewal_days: int | None
    """From today."""
    at_risk: tuple[str, ...]
    """What its open risk signals say."""


@dataclass(frozen=True)
class PromiseView:
    """`due_at` is known once the mail has left; `state` is said, set or dropped; `task_id` then."""

    sentence: str
    what: str
    days: int
    state: str
    due_at: datetime | None
    task_id: int | None


@dataclass(frozen=True)
class FollowUpView:
    """`state` is one of waiting, drafted, sent, withdrawn, left."""

    id: int
    ticket_id: int
    reason: str
    level: str
    state: str
    due_at: datetime
    why: str | None
    draft_id: int | None
    draft_state: str | None
    stakeholder_id: int | None
    stakeholder: str | None
    created_at: datetime
    sent_at: datetime | None
    replied_at: datetime | None
    score: int | None
    comment: str | None
    rated_at: datetime | None
    promises: tuple[PromiseView, ...]


@dataclass(frozen=True)
class TicketView:
    """Everything about one ticket. `related` are the other tickets of its root cause (`cluster` is that
    cause's title, `cluster_words` how it was found), `siblings` the customer's other tickets of the time
    around it. `follow_up` is the newest of its root cause, `earlier` those before. `hindrances`: what
    stands in the way of a follow-up now, in sentences; empty when one can be made."""

    row: TicketRow
    kind: str | None
    channel: str | None
    tags: tuple[str, ...]
    agent: str | None
    team: str | None
    first_reply_minutes: int | None
    replies: int | None
    escalated_at: datetime | None
    csat_comment: str | None
    csat_at: datetime | None
    resolution: str | None
    phrases: tuple[str, ...]
    source: str
    customer: House | None
    health: HealthCourse
    people: tuple[PersonIn, ...]
    history: tuple[HistoryLine, ...]
    messages: tuple[Message, ...]
    level: LevelView | None
    levels: tuple[LevelView, ...]
    cluster: str | None
    cluster_words: str | None
    related: tuple[TicketRow, ...]
    siblings: tuple[TicketRow, ...]
    follow_up: FollowUpView | None
    earlier: tuple[FollowUpView, ...]
    hindrances: tuple[str, ...]
    readers: tuple[tuple[int, str], ...] = ()
    """Id and name of those of the customer's who can be written to."""
