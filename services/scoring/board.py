"""The engagement board: kept as of a day, read by whom it concerns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables.events import Event
from data.versions import FACTS, SCORES, bump
from services.scoring import publish, store
from services.scoring.load import Facts, load_facts
from services.scoring.score import score_customers

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


def recompute(
    session: Session,
    *,
    now: datetime,
    as_of: date | None = None,
    only: Collection[int] | pl.Series | None = None,
    facts: Facts | None = None,
) -> int:
    """Write the stored board anew; gives the number of customers scored.

    `facts` replaces what would be read from the tables: on SQLite that read sees only what is
    committed. `only` (customer ids) may be given when nothing but these customers' attendance
    changed: no event, customer or weight. Their rows and everybody's rank are written then;
    the whole board is, when the stored one is of another day or other weights.
    """
    store.claim(session)
    version, book = publish.current(session)
    made = store.Stamp(as_of or default_as_of(session, now.date()), version)
    facts = facts or load_facts(session, as_of=made.as_of)
    some = _ids(only) if store.stamp(session) == made else None
    scores = score_customers(
        facts.attendances,
        facts.events,
        facts.customers,
        weights=book,
        as_of=made.as_of,
        only=some,
    )
    if some is None:
        store.replace_scores(session, scores, made)
    else:
        store.merge_scores(session, scores, made)
    bump(session, FACTS, SCORES)
    return scores.height


def _ids(only: Collection[int] | pl.Series | None) -> pl.Series | None:
    if only is None or isinstance(only, pl.Series):
        return only
    return pl.Series("customer_id", sorted(only), dtype=pl.Int64)
