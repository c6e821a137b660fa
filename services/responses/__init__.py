"""What comes back to our mails, and what follows from it."""

from __future__ import annotations

from services.responses.intake import take_in
from services.responses.preferences import CHOICES, Preferences, Press, choose, preferences

__all__ = ["CHOICES", "Preferences", "Press", "choose", "preferences", "take_in"]
