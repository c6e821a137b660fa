"""Every contact with a stakeholder, over all features: how many there may be, and when the next ones are."""

from __future__ import annotations

from services.touches.caps import Caps, Limits, free_at, over_cap, release, reserve

__all__ = ["Caps", "Limits", "free_at", "over_cap", "release", "reserve"]
