"""The board for operators: computed anew, or told for a past day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from data.errors import BadInput
from services.access import SYSTEM
from services.scoring import board


def recomputed(session: Session, *, now: datetime, as_of: date | None = None) -> dict[str, Any]:
    """`scored` customers, the day, and whether it was `kept`. Only the board's own day is: what the app
    shows of customers goes by it. Of another day the rows come back, as `board`. BadInput for days to come and
    those before LOOKBACK."""
    if as_of and as_of > now.date():
        raise BadInput(f"{as_of} is still to come. Give a day up to today, {now.date()}.")
    if as_of and as_of < now.date() - board.LOOKBACK:
        raise BadInput(f"{as_of} is too long ago. Give a day of the last ten years.")
    current = board.default_as_of(session, now.date())
    if as_of in (None, current):
        return {
            "scored": board.recompute(session, now=now),
            "as_of": current.isoformat(),
            "kept": True,
        }
    rows = board.standings(session, SYSTEM, as_of=as_of).rows
    told = rows.select("rank", "customer", "score", "band").to_dicts()
    return {"scored": rows.height, "as_of": as_of.isoformat(), "kept": False, "board": told}
