"""What the decline alarm would have found in the past, on one's own history."""

from __future__ import annotations

from services.scoring.backtest.book import JOB, Backtest, ask, keep, material, result, walked
from services.scoring.backtest.measure import Measured, enough
from services.scoring.backtest.outlook import Outlook, outlook

__all__ = [
    "JOB",
    "Backtest",
    "Measured",
    "Outlook",
    "ask",
    "enough",
    "keep",
    "material",
    "outlook",
    "result",
    "walked",
]
