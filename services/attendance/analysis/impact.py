"""What one event changed, as far as anybody can know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy.orm import Session

from data.errors import NotFound
from services.access import Viewer
from services.attendance.analysis.lifts import lifts
from services.attendance.analysis.loading import load
from services.attendance.analysis.outcomes import PERIOD_DAYS
from services.attendance.analysis.worth import Worth, worth
from services.figures import Lift


@dataclass(frozen=True)
class Impact:
    """`measured` from the day `measured_from` on, where events of 270 days before it are on record and it was
    not for a few (`private`)."""

    measured: bool
    measured_from: date
    private: bool
    lift: Lift
    worth: tuple[Worth, ...]


def impact(session: Session, by: Viewer, event_id: int, today: date) -> Impact:
    """Of an event that was held, on the customers that `by` sees."""
    known = load(session, by)
    held = known.events.filter(pl.col("event_id") == event_id)
    if held.is_empty():
        raise NotFound("This event has not been held, so there is nothing to measure yet.")
    found = lifts(known, [event_id], today)
    return Impact(
        measured=found.measured > 0,
        measured_from=held["held_on"].item() + timedelta(days=PERIOD_DAYS + 1),
        private=held["only"].item() is not None,
        lift=found.whole,
        worth=tuple(worth(known, [event_id], found.segments)),
    )
