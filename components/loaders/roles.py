"""The words for what people do at a customer, for the screens."""

from __future__ import annotations

from services.invitations.ranking.people import ROLE_WORDS

__all__ = ["ROLE_WORDS"]
