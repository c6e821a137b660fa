"""The records of tickets, for the screens."""

from __future__ import annotations

from services.figures import Lift, Share
from services.tickets.afterwards import AfterwardsReport
from services.tickets.follow_up.timing import Timing
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
    "AfterwardsReport",
    "FollowUpView",
    "HealthCourse",
    "LevelView",
    "Lift",
    "OverrideReport",
    "Share",
    "TicketFilters",
    "TicketPage",
    "TicketRow",
    "TicketView",
    "Timing",
]
