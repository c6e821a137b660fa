"""Follow-up after an event: who was there, who is told, what is written to them, and by when."""

from __future__ import annotations

from services.attendance.follow_up.guard import make_anew
from services.attendance.follow_up.run import (
    Withdrawn,
    after_upload,
    catch_up,
    create_now,
    withdraw,
)

__all__ = ["Withdrawn", "after_upload", "catch_up", "create_now", "make_anew", "withdraw"]
