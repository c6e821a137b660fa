"""Every contact with a stakeholder, over all features: how many there may be, and when the next ones are."""

from __future__ import annotations

from services.touches.calendar import (
    CHANNELS,
    Calendar,
    Hint,
    add,
    calendar,
    collisions,
    spoke,
    unspoke,
)
from services.touches.caps import (
    ASKED_FOR,
    DAYS,
    LIMIT,
    Caps,
    Limits,
    free_at,
    hold,
    over_cap,
    release,
    reserve,
)
from services.touches.planned import Contact, contacts, same_day
from services.touches.spoken import spoken, unspoken

__all__ = [
    "ASKED_FOR",
    "CHANNELS",
    "DAYS",
    "LIMIT",
    "Calendar",
    "Caps",
    "Contact",
    "Hint",
    "Limits",
    "add",
    "calendar",
    "collisions",
    "contacts",
    "free_at",
    "hold",
    "over_cap",
    "release",
    "reserve",
    "same_day",
    "spoke",
    "spoken",
    "unspoke",
    "unspoken",
]
