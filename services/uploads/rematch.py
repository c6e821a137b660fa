"""Everyone matched again after customers or answers have changed, with the scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import polars as pl
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.bulk import update_frame
from data.tables import Participant, Upload
from services.campaigns.rematching import rematch_recipients
from services.matching.kept import differs
from services.matching.verdict import MATCH
from services.scoring.attended import load_attended
from services.tickets.rematching import rematch_requesters
from services.uploads.audience import follow_attendance
from services.uploads.book import load_book
from services.uploads.commit import rescore, take_turn
from services.uploads.people import everyone, told_by
from services.uploads.spellings import IDENTITY, kept, matched, spread

WRITTEN = [*IDENTITY, *MATCH, "spellings"]


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
    book = load_book(session)
    known = everyone(session).join(kept(session), on="id", how="left")
    rematch_recipients(session, book)
    rematch_requesters(session, book, now=now)
    after = matched(_told(session, known), book).join(
        known.select("person_key", "id", "title"), on="person_key"
    )
    both = after.join(known, on="id", suffix="_was")
    changed = both.filter(differs(WRITTEN))
    update_frame(session, Participant.__table__, changed.select("id", *WRITTEN), ["id"])  # type: ignore[arg-type]
    moved = changed.select(pl.col("id").alias("participant_id"), "customer_id", "band")
    attended = load_attended(session)
    nothing = attended.rows.clear()
    counted = attended.after(nothing, nothing, moved)
    follow_attendance(session, counted.people)
    rescore(session, counted, now=now)
    return changed.height


def _told(session: Session, known: pl.DataFrame) -> pl.DataFrame:
    """All spellings on record of the people `known`, with those of the uploads since the last time: person_key,
    IDENTITY. They are known to be gathered from then on."""
    told = spread(known)
    fresh = (Upload.state == "committed", Upload.unspelled.is_(True))
    numbers = session.scalars(select(Upload.id).where(*fresh)).all()
    if not numbers:
        return told
    parts = [told_by(session, number).select(told.columns) for number in numbers]
    session.execute(update(Upload).where(*fresh).values(unspelled=None))
    return pl.concat([told, *parts]).unique().join(known, on="person_key", how="semi")
