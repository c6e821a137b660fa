"""What events change: trends, topics, lift, value by segment, training and follow-up, each with its counts."""

from __future__ import annotations

from services.attendance.analysis.behind import (
    MOST_SHOWN,
    ROWS_OF,
    export,
    export_follow_ups,
    rows_behind,
    rows_shown,
)
from services.attendance.analysis.impact import Impact, impact
from services.attendance.analysis.outcomes import PERIOD_DAYS, around
from services.attendance.analysis.rates import Rates, rates
from services.attendance.analysis.report import (
    Analysis,
    AnalysisFilters,
    analysis,
    choices,
    overview,
)
from services.attendance.analysis.singly import months_of_lift, worth_by_event
from services.attendance.analysis.tickets import TicketEffect, with_tickets
from services.attendance.analysis.worth import Worth, worth

__all__ = [
    "MOST_SHOWN",
    "PERIOD_DAYS",
    "ROWS_OF",
    "Analysis",
    "AnalysisFilters",
    "Impact",
    "Rates",
    "TicketEffect",
    "Worth",
    "analysis",
    "around",
    "choices",
    "export",
    "export_follow_ups",
    "impact",
    "months_of_lift",
    "overview",
    "rates",
    "rows_behind",
    "rows_shown",
    "with_tickets",
    "worth",
    "worth_by_event",
]
