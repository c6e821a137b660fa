"""The events there are to invite to: planned, changed, copied, imported, listed."""

from __future__ import annotations

from services.invitations.catalogue.book import blank, create, duplicate, edit, plan_of, sessions_of
from services.invitations.catalogue.records import (
    SESSION_KINDS,
    EventPlan,
    OfferPlan,
    SessionPlan,
    ended,
    state_of,
)

__all__ = [
    "SESSION_KINDS",
    "EventPlan",
    "OfferPlan",
    "SessionPlan",
    "blank",
    "create",
    "duplicate",
    "edit",
    "ended",
    "plan_of",
    "sessions_of",
    "state_of",
]
