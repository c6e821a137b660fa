"""Customers who fade from our events: found by their own past, kept as signals, answered with outreach."""

from __future__ import annotations

from services.scoring.risk.book import Detected, detect
from services.scoring.risk.download import download_signals
from services.scoring.risk.guard import outreach_blocks
from services.scoring.risk.listing import (
    choices,
    get_signal,
    history,
    listing,
    signals_of,
)
from services.scoring.risk.lowering import lower, risen_since
from services.scoring.risk.moves import acknowledge, close, reopen
from services.scoring.risk.outreach import Planned, make_anew, plan_outreach
from services.scoring.risk.records import OPEN_STATES, Filters, Move, SignalPage, SignalRow
from services.scoring.risk.taking_back import TakenBack, take_back
from services.scoring.risk.undoing import Withdrawn, opened_since, withdraw

__all__ = [
    "OPEN_STATES",
    "Detected",
    "Filters",
    "Move",
    "Planned",
    "SignalPage",
    "SignalRow",
    "TakenBack",
    "Withdrawn",
    "acknowledge",
    "choices",
    "close",
    "detect",
    "download_signals",
    "get_signal",
    "history",
    "listing",
    "lower",
    "make_anew",
    "opened_since",
    "outreach_blocks",
    "plan_outreach",
    "reopen",
    "risen_since",
    "signals_of",
    "take_back",
    "withdraw",
]
