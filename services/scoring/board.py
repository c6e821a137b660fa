"""The engagement board: kept as of a day, read by whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables.events import Event
from data.versions import FACTS, SCORES, bump
from services import jobs
from services.access import Viewer
from services.scoring import health, published, store
from services.scoring.load import Facts, load_facts
from services.scoring.score import score_customers
from services.scoring.standings import (
    PAGE_ROWS,
    BoardFilters,
    BoardPage,
    Standings,
    Summary,
    distribution_of,
    page_of,
    standings_of,
    summary_of,
)
from services.scoring.why import Why, why_of

__all__ = [
    "PAGE_ROWS",
    "BoardDay",
    "BoardFilters",
    "BoardPage",
    "Standings",
    "Summary",
    "Why",
    "board",
    "board_day",
    "default_as_of",
    "distribution",
    "distribution_of",
    "page_of",
    "recompute",
    "refresh",
    "standings",
    "summary_of",
    "why",
]

LOOK = "risk.detect"
"""The job that looks for customers who fade, see services.scoring.risk."""
LOOKBACK = timedelta(days=3650)
"""How long ago a day may be of which the board is told."""
FRESH_DAYS = 60
"""Once nothing was held for longer than this, the board is shown as of the last event."""


def default_as_of(session: Session, today: date) -> date:
    """Today; or the day of the last event held when that lies more than 60 days back.

    Somebody who loads last year's file wants last year's board, not a list of zeros.
    """
    last = session.scalar(
        select(func.max(Event.held_on)).where(Event.status == "held", Event.held_on <= today)
    )
    if last is None or today - last <= timedelta(days=FRESH_DAYS):
        return today
    return last


@dataclass(frozen=True)
class BoardDay:
    """The day a board is shown for when nobody chose one, and what is known about the events."""

    as_of: date
    today: date
    first_event: date | None
    last_event: date | None


def board_day(session: Session, *, now: datetime) -> BoardDay:
    today = now.date()
    held = select(func.min(Event.held_on), func.max(Event.held_on)).where(
        Event.status == "held", Event.held_on <= today
    )
    first, last = session.execute(held).one()
    return BoardDay(default_as_of(session, today), today, first, last)


def _nothing() -> None:
    """What is done meanwhile when nothing is to do."""


def recompute(
    session: Session,
    *,
    now: datetime,
    only: Collection[int] | pl.Series | None = None,
    facts: Facts | None = None,
    meanwhile: Callable[[], None] = _nothing,
) -> int:
    """Write the stored board anew; gives the number of customers scored.

    It is always that of `default_as_of`: customer pages, rules and the history of health go by it. For
    another day ask `standings`, which writes nothing.

    `facts` replaces what would be read from the tables. `meanwhile` is called while a thread counts:
    a database at work leaves a core free, so a caller may write then what the scores are made of.
    `only` (customer ids) may be given when nothing but these customers' attendance
    changed: no event, customer or weight. Their rows and everybody's rank are written then;
    the whole board is, when the stored one is of another day or other weights.
    """
    store.claim(session)
    version, book = published.current(session)
    made = store.Stamp(default_as_of(session, now.date()), version)
    facts = facts or load_facts(session, as_of=made.as_of)
    some = _ids(only) if store.stamp(session) == made else None
    with ThreadPoolExecutor(1) as beside:
        counting = beside.submit(
            score_customers,
            facts.attendances,
            facts.events,
            facts.customers,
            weights=book,
            as_of=made.as_of,
            only=some,
        )
        meanwhile()
        scores = counting.result()
    if some is None:
        store.replace_scores(session, scores, made)
    else:
        store.merge_scores(session, scores, made)
    health.follow(session, now=now, scores=scores, whole=some is None)
    bump(session, FACTS, SCORES)
    _ask_for_a_look(session, now)
    return scores.height


def _ask_for_a_look(session: Session, now: datetime) -> None:
    """Have the worker look for customers who fade; once a minute however many files come in."""
    due = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    jobs.add(session, LOOK, f"{LOOK}:{due.isoformat()}", due_at=due, now=now)


def refresh(session: Session, *, now: datetime) -> bool:
    """Bring the stored board to the present day and weights; says whether that was needed.

    For the start of the app and once an hour. Whoever reads in between gets the right board anyhow,
    computed for them.
    """
    wanted = store.Stamp(default_as_of(session, now.date()), published.current(session)[0])
    if store.stamp(session) == wanted:
        return False
    return recompute(session, now=now) > 0


def standings(session: Session, by: Viewer, *, as_of: date) -> Standings:
    """Every customer that `by` may see, ranked among them, as of the day."""
    version, book = published.current(session)
    return standings_of(session, by, as_of=as_of, version=version, book=book)


def board(  # noqa: PLR0913 - a page of a list is chosen in this many ways
    session: Session,
    by: Viewer,
    *,
    as_of: date,
    filters: BoardFilters | None = None,
    sort: str = "rank",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = PAGE_ROWS,
) -> BoardPage:
    """A page of the board; see `page_of`. Ranks are those of the whole portfolio of `by`."""
    return page_of(
        standings(session, by, as_of=as_of),
        filters,
        sort=sort,
        descending=descending,
        offset=offset,
        limit=limit,
    )


def distribution(
    session: Session, by: Viewer, *, as_of: date, group: str | None = None
) -> pl.DataFrame:
    """Customers per band; `group` is None, 'segment' or 'csm'. See `distribution_of`."""
    return distribution_of(standings(session, by, as_of=as_of).rows, group)


def why(session: Session, by: Viewer, customer_id: int, *, as_of: date) -> Why:
    """All behind the score of a customer; NotFound when it is not in the portfolio of `by`."""
    version, book = published.current(session)
    return why_of(session, by, customer_id, as_of=as_of, version=version, book=book)


def _ids(only: Collection[int] | pl.Series | None) -> pl.Series | None:
    if only is None or isinstance(only, pl.Series):
        return only
    return pl.Series("customer_id", sorted(only), dtype=pl.Int64)
