"""The records of Impact, for the screens."""

from __future__ import annotations

from services.attendance.analysis import Analysis as EventsAnalysis
from services.export import heads_of
from services.impact import Choices, Measured, Metric, Opened, Wanted
from services.impact.figures import MISSED, NO_AIM, NO_DATA, REACHED, TOO_FEW
from services.plurals import counted

__all__ = [
    "MISSED",
    "NO_AIM",
    "NO_DATA",
    "REACHED",
    "TOO_FEW",
    "Choices",
    "EventsAnalysis",
    "Measured",
    "Metric",
    "Opened",
    "Wanted",
    "counted",
    "heads_of",
]
