"""Bulk mail: what vendors tell of it, who got it, and what it says about customers."""

from __future__ import annotations

from services.campaigns.intake import Taken, take_in
from services.campaigns.source import Source

__all__ = ["Source", "Taken", "take_in"]
