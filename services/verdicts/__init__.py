"""Whether a person or a program opened, clicked or answered: for each event a verdict and its reason.

Pure, and the same for our own mail and for other tools' logs; run again over all of history whenever a
rule changes, since the raw events stay.
"""

from __future__ import annotations

from services.verdicts.judge import judge
from services.verdicts.reasons import REASONS
from services.verdicts.shapes import DELIVERIES, EVENTS, RESULT

__all__ = ["DELIVERIES", "EVENTS", "REASONS", "RESULT", "judge"]
