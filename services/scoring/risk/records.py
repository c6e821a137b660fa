"""A risk signal as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.scoring.risk.sentence import short_of

KIND = "declining_attendance"
SOURCE = "risk"
CHECK_IN = "check_in"
"""What drafts and tasks that answer a signal name as theirs; their source_id is the signal's."""
WITHDRAWN = "The file it rested on was taken back."
"""Why a signal is closed that would never have been: it keeps nobody quiet."""
LOWERED = "lowered"
"""The move back from alert to watch: levels rise by themselves, and go down only when a file goes."""
OPEN_STATES = ("open", "acknowledged")
LONGEST_WHY = 500


@dataclass(frozen=True)
class Filters:
    """What the list shows; None or empty means all. Age in whole days since it was opened."""

    states: tuple[str, ...] = OPEN_STATES
    level: str | None = None
    segment: str | None = None
    csm_id: int | None = None
    least_age: int | None = None
    most_age: int | None = None
    search: str = ""
    customer_id: int | None = None


@dataclass(frozen=True)
class SignalRow:
    """`facts` as services.scoring.risk.sentence makes them. `outreach_on`: the day of the open task that
    answers it, `task_id`; `draft_id`: the newest mail that does. `advice`: what to do, in a sentence."""

    id: int
    customer_id: int
    customer: str
    csm_id: int | None
    csm: str | None
    segment: str | None
    arr: float | None
    currency: str
    renews_on: date | None
    level: str
    state: str
    sentence: str
    facts: Mapping[str, Any]
    as_of: date
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closed_why: str | None
    outreach_on: date | None
    draft_id: int | None
    draft_state: str | None
    advice: str
    task_id: int | None = None

    @property
    def short(self) -> str:
        """The sentence, for lists: what was missed comes first."""
        return f"{short_of(self.facts)}." if "missed" in self.facts else self.sentence


@dataclass(frozen=True)
class SignalPage:
    """`total` signals fit the filters; `levels` counts them."""

    rows: tuple[SignalRow, ...]
    total: int
    levels: Mapping[str, int]
    arr: tuple[tuple[str, float], ...]
    """What the customers of all of them are worth a year, each once: per currency, never added across them;
    that of most customers first."""


@dataclass(frozen=True)
class Move:
    """A line of a signal's history."""

    at: datetime
    move: str
    level: str
    sentence: str
    why: str | None
    who: str | None
