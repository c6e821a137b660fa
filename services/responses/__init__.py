"""What comes back to our mails, and what follows from it."""

from __future__ import annotations

from services.responses.answers import by_machine, by_person
from services.responses.intake import take_in
from services.responses.preferences import CHOICES, Preferences, Press, choose, preferences
from services.responses.summary import MailResponse, Reply, of_customer, of_draft

__all__ = [
    "CHOICES",
    "MailResponse",
    "Preferences",
    "Press",
    "Reply",
    "by_machine",
    "by_person",
    "choose",
    "of_customer",
    "of_draft",
    "preferences",
    "take_in",
]
