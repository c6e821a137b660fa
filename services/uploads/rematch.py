"""Everyone matched again after customers or answers have changed, with the scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from data.bulk import update_frame
from data.tables import Participant
from services.campaigns.rematching import rematch_recipients
from services.matching.cascade import match
from services.scoring.attended import load_attended
from services.tickets.rematching import rematch_requesters
from services.uploads.audience import follow_attendance
from services.uploads.book import load_book
from services.uploads.commit import rescore, take_turn
from services.uploads.people import MATCH, SCHEMA, candidates_text, everyone


@contextmanager
def rematching(
    session: Session, *, now: datetime, changed: list[int] | None = None
) -> Iterator[None]:
    """Around what changes customers or answers: the change, the new matches and the scores become one
    transaction, so that a server that dies between them leaves neither.

    The turn is taken before the change, as imports take it: two who wait for each other's rows would
    otherwise be stopped by the database. `changed` is given how many people moved.
    """
    take_turn(session)
    yield
    session.flush()  # the customer book is read past the session's own objects
    count = rematch(session, now=now)
    if changed is not None:
        changed.append(count)


def rematch(session: Session, *, now: datetime) -> int:
    """Match all participants, the recipients of campaigns and who wrote tickets, against the customer book as it is now;
    gives how many participants changed.

    May be called in the transaction that changed customers or answers, or in one after it.
    """
    take_turn(session)
    known, book = everyone(session), load_book(session)
    rematch_recipients(session, book)
    rematch_requesters(session, book, now=now)
    matched = match(known.select("email", "company", "name"), book)
    found = matched.with_columns(candidates_text(matched["candidates"]))
    after = pl.concat([known.drop(MATCH), found.select(MATCH)], how="horizontal").select(*SCHEMA)
    changed = after.filter(
        pl.any_horizontal(
            after[c].ne_missing(known[c])
            if c != "confidence"
            else (after[c] - known[c]).abs() > 1e-6
            for c in MATCH
        )
    )
    update_frame(session, Participant.__table__, changed.select("id", *MATCH), ["id"])  # type: ignore[arg-type]
    moved = changed.select(pl.col("id").alias("participant_id"), "customer_id", "band")
    attended = load_attended(session)
    nothing = attended.rows.clear()
    counted = attended.after(nothing, nothing, moved)
    follow_attendance(session, counted.people)
    rescore(session, counted, now=now)
    return changed.height
