"""What a backtest still needs before it can judge, and from which day on it will have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import Customer, Event
from services.access import Viewer, visible
from services.figures import FEWEST
from services.scoring.backtest.book import Backtest
from services.scoring.backtest.measure import enough
from services.scoring.backtest.walk import HORIZON_DAYS, WARM_UP_DAYS


@dataclass(frozen=True)
class Outlook:
    """`first_event`: the oldest one held; None without any. `looks_from`: the first day with a past to
    compare with. `settles_on`: when the year after alarms of that day is over. `left`: customers that are
    recorded as having left, of whom `needed` must have been judged before. `measurable`: whether there is any figure yet."""

    first_event: date | None
    looks_from: date | None
    settles_on: date | None
    left: int
    needed: int
    measurable: bool


def outlook(session: Session, by: Viewer, found: Backtest | None, *, today: date) -> Outlook:
    """For the customers that `by` sees; `found` is what was made of their history so far."""
    first = session.scalar(
        select(func.min(Event.held_on)).where(
            Event.status == "held", Event.held_on <= today, Event.private.is_not(True)
        )
    )
    left = session.scalar(
        select(func.count(Customer.id)).where(visible(by), Customer.churned_on <= today)
    )
    looks_from = found.since if found else first and first + timedelta(days=WARM_UP_DAYS)
    return Outlook(
        first_event=first,
        looks_from=looks_from,
        settles_on=looks_from and looks_from + timedelta(days=HORIZON_DAYS),
        left=left or 0,
        needed=FEWEST,
        measurable=found is not None
        and any(
            enough(row.precision) or enough(row.recall) or row.false_per_100 is not None
            for row in found.rows
        ),
    )
