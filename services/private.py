"""Events that were for a few customers, such as a call or a dinner: nobody else has missed them."""

from __future__ import annotations

import polars as pl
from sqlalchemy import select, union
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Attendance, Event, Invitation, Participant
from data.tables.events import CANCELLED
from services.seats import COUNTED_BAND

_PAIRS = {"event_id": pl.Int64, "customer_id": pl.Int64}
_AT_ONCE = 5_000


def only_for(session: Session) -> pl.DataFrame:
    """event_id and `only` List(Int64): of each private event the customers that were there, registered or
    invited, in order; an empty list where it was for nobody we know."""
    private = read_frame(
        session, select(Event.id).where(Event.private.is_(True)), {"event_id": pl.Int64}
    )
    ids = private["event_id"].to_list()
    found = [pairs(session, ids[at : at + _AT_ONCE]) for at in range(0, len(ids), _AT_ONCE)]
    every = pl.concat([pl.DataFrame(schema=_PAIRS), *found])
    lists = every.group_by("event_id").agg(only=pl.col("customer_id").sort())
    empty = pl.lit([], dtype=pl.List(pl.Int64))
    return private.join(lists, on="event_id", how="left").with_columns(pl.coalesce("only", empty))


def pairs(session: Session, ids: list[int]) -> pl.DataFrame:
    """event_id and customer_id: of each of these private events the customers as in `only_for`."""
    if not ids:
        return pl.DataFrame(schema=_PAIRS)
    # By their numbers, so that the index is used: with a join a database may read all there is.
    seen = (
        select(Attendance.event_id, Participant.customer_id)
        .join(Participant, Participant.id == Attendance.participant_id)
        .where(
            Attendance.event_id.in_(ids),
            Attendance.status != CANCELLED,
            Participant.band == COUNTED_BAND,
            Participant.customer_id.is_not(None),
        )
    )
    invited = select(Invitation.event_id, Invitation.customer_id).where(
        Invitation.event_id.in_(ids),
        Invitation.arm != "holdout",
        Invitation.state != "withdrawn",
    )
    return read_frame(session, union(seen, invited), _PAIRS)
