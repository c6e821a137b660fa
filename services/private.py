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


def only_for(session: Session) -> pl.DataFrame:
    """event_id and `only` List(Int64): of each private event the customers that were there, registered or
    invited, in order; an empty list where it was for nobody we know."""
    private = read_frame(
        session, select(Event.id).where(Event.private.is_(True)), {"event_id": pl.Int64}
    )
    seen = (
        select(Attendance.event_id, Participant.customer_id)
        .join(Event, Event.id == Attendance.event_id)
        .join(Participant, Participant.id == Attendance.participant_id)
        .where(
            Event.private.is_(True),
            Attendance.status != CANCELLED,
            Participant.band == COUNTED_BAND,
            Participant.customer_id.is_not(None),
        )
    )
    invited = (
        select(Invitation.event_id, Invitation.customer_id)
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Event.private.is_(True), Invitation.arm != "holdout", Invitation.state != "withdrawn"
        )
    )
    pairs = read_frame(session, union(seen, invited), _PAIRS)
    lists = pairs.group_by("event_id").agg(only=pl.col("customer_id").sort())
    empty = pl.lit([], dtype=pl.List(pl.Int64))
    return private.join(lists, on="event_id", how="left").with_columns(pl.coalesce("only", empty))
