"""The times that follow-ups of tickets keep to."""

from __future__ import annotations

from datetime import timedelta

TOGETHER = timedelta(days=14)
"""Tickets of one customer this close to each other get one mail."""
SAME_CAUSE = timedelta(days=30)
"""Tickets that say the same are one root cause when they are this close."""
RECENT = timedelta(days=14)
"""Tickets solved longer ago than this ask for nothing any more, but by command."""
HOLD_OFF = {
    "acknowledge": timedelta(hours=48),
    "satisfaction_check": timedelta(hours=24),
    "relationship_repair": timedelta(hours=24),
}
"""After solving: until then it may open again."""
RATING_OPEN = timedelta(days=60)
"""After asking, a rating can be given or changed for so long."""
RATING_PAUSE = timedelta(days=30)
"""Nobody is asked for a rating twice within it."""
POOR = 2
"""Scores up to this, of 1 to 5, call for somebody at once."""
DAYS_AFTER = (0, 7, 14, 30)
"""When health is looked at after a follow-up."""
SIGNAL = "ticket"
"""The kind of a risk signal that a follow-up of a ticket raises."""
TOO_LATE = timedelta(days=30)
"""After this a follow-up is left: it would bring back what they have forgotten."""
