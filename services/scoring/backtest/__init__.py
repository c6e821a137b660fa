"""What the decline alarm would have found in the past, on one's own history."""

from __future__ import annotations

from services.scoring.backtest.book import JOB, Backtest, ask, keep, left, material, result, walked
from services.scoring.backtest.measure import Measured, enough, flagged
from services.scoring.backtest.outlook import Outlook, outlook

__all__ = [
    "JOB",
    "Backtest",
    "Measured",
    "Outlook",
    "ask",
    "enough",
    "flagged",
    "keep",
    "left",
    "material",
    "outlook",
    "result",
    "walked",
]
