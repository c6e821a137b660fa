"""The records of tickets, for the screens."""

from __future__ import annotations

from services.tickets.levels import OverrideReport
from services.tickets.records import (
    CLUSTER_WORDS,
    FOLLOW_UP_WORDS,
    LEVEL_WORDS,
    PAGE_ROWS,
    REASON_WORDS,
    SEVERITY_WORDS,
    STATE_WORDS,
    Filters,
    FollowUpView,
    HealthCourse,
    LevelView,
    TicketPage,
    TicketRow,
    TicketView,
)

TicketFilters = Filters
__all__ = [
    "CLUSTER_WORDS",
    "FOLLOW_UP_WORDS",
    "LEVEL_WORDS",
    "PAGE_ROWS",
    "REASON_WORDS",
    "SEVERITY_WORDS",
    "STATE_WORDS",
    "FollowUpView",
    "HealthCourse",
    "LevelView",
    "OverrideReport",
    "TicketFilters",
    "TicketPage",
    "TicketRow",
    "TicketView",
]
