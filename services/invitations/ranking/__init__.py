"""Customers in the order in which an event fits them, with reasons, blockers and what to expect."""

from __future__ import annotations

from services.invitations.ranking.models import ModelCard, card, refit_nightly
from services.invitations.ranking.rank import Ranking, rank
from services.invitations.ranking.topics import dismiss, dismissed, withdraw_dismissal

__all__ = [
    "ModelCard",
    "Ranking",
    "card",
    "dismiss",
    "dismissed",
    "rank",
    "refit_nightly",
    "withdraw_dismissal",
]
