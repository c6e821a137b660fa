"""What all of it is worth, for those who lead: every promised figure with what it is made of."""

from __future__ import annotations

from services.impact.book import Opened, complete, export, export_rows, measured, opened
from services.impact.desks import DESKS, desks
from services.impact.figures import Figure, Measured
from services.impact.registry import METRICS, Metric, find_metric
from services.impact.untouched import UNTOUCHED, untouched
from services.impact.wanted import Choices, Wanted, choices, lens_of

__all__ = [
    "DESKS",
    "METRICS",
    "UNTOUCHED",
    "Choices",
    "Figure",
    "Measured",
    "Metric",
    "Opened",
    "Wanted",
    "choices",
    "complete",
    "desks",
    "export",
    "export_rows",
    "find_metric",
    "lens_of",
    "measured",
    "opened",
    "untouched",
]
