"""Who attended what, as scores read it: see services.seats, which all features read."""

from __future__ import annotations

from services.seats import (
    COUNTED_BAND,
    PEOPLE,
    ROWS,
    Attended,
    keep_attended,
    load_attended,
)

__all__ = ["COUNTED_BAND", "PEOPLE", "ROWS", "Attended", "keep_attended", "load_attended"]
