"""The timeline of a customer: one list of everything that happened."""

from __future__ import annotations

from services.timeline.contact import log_contact
from services.timeline.entries import KINDS, timeline
from services.timeline.entry import Entry
from services.timeline.notes import note, withdraw

__all__ = ["KINDS", "Entry", "log_contact", "note", "timeline", "withdraw"]
