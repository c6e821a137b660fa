"""Who was at an event, as follow-ups: one per event and customer, from the moment we learned of it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, update_frame
from data.once import add_all_once
from data.pieces import pieces
from data.tables import Attendance, Event, FollowUp, Upload
from data.tables.events import ATTENDED, SELF_PACED
from services.attendance.follow_up.again import begin_again
from services.attendance.follow_up.loading import finished_since, present_at
from services.attendance.follow_up.records import RECENT, Only

log = logging.getLogger(__name__)
ONE_HOUR = 60.0
KNOWN = {"id": pl.Int64, "customer_id": pl.Int64, "no_show": pl.Boolean, "people": pl.Int64}


@dataclass(frozen=True)
class Detected:
    """How many follow-ups are new, how many are gone because nobody was there after all, and how many begin
    again because somebody else has finished a course."""

    new: int
    gone: int
    again: int = 0


def events_of(session: Session, upload_id: int) -> list[int]:
    """The events that an upload in force speaks of."""
    upload = session.get(Upload, upload_id)
    if upload is None or upload.state != "committed":
        return []
    return sorted({int(number) for number in (upload.summary.get("event_ids") or {}).values()})


def recent_events(
    session: Session, now: datetime, *, among: Collection[int] | None = None
) -> list[int]:
    """Events that are over, and not for longer than RECENT. Older ones `among` those asked for are logged."""
    rows = session.execute(
        select(Event.id, Event.starts_at, Event.ends_at, Event.duration_minutes)
        .where(Event.status != "cancelled", Event.starts_at <= now)
        .where(
            *(
                [Event.id.in_(list(among))]
                if among is not None
                else [func.coalesce(Event.ends_at, Event.starts_at) > now - 2 * RECENT]
            )
        )
        .order_by(Event.id)
    ).all()
    over = [(row.id, ended(row.starts_at, row.ends_at, row.duration_minutes)) for row in rows]
    old = [number for number, at in over if at < now - RECENT]
    if old and among is not None:
        log.info("too_old_to_follow_up events=%s", ",".join(map(str, old)))
    return [number for number, at in over if now - RECENT <= at <= now]


def finished_courses(
    session: Session, now: datetime, *, among: Collection[int] | None = None
) -> list[int]:
    """Courses that are older than RECENT, and that somebody has finished within it."""
    since = now - RECENT
    lately = (
        select(Attendance.event_id)
        .join(Event, Event.id == Attendance.event_id)
        .where(
            Event.source.in_(SELF_PACED),
            Event.status != "cancelled",
            Event.starts_at < since,
            Attendance.status == ATTENDED,
            Attendance.joined_at.between(since, now),
        )
        .distinct()
    )
    found = set(session.scalars(lately))
    return sorted(found if among is None else found & set(among))


def ended(starts_at: datetime, ends_at: datetime | None, minutes: float | None) -> datetime:
    """When an event is over, which may be days later; an hour after its start where nobody says."""
    return ends_at or starts_at + timedelta(minutes=minutes or ONE_HOUR)


def detect(
    session: Session,
    event_id: int,
    now: datetime,
    *,
    only: Only = None,
    since: datetime | None = None,
) -> Detected:
    """Bring the follow-ups of an event in line with its attendance, in the caller's transaction; those
    of the customers in `only`, where it is given, and new ones for those alone who attended `since` then."""
    people = present_at(session, event_id)
    found = among(_by_customer(people), only)
    known = read_frame(
        session,
        select(FollowUp.id, FollowUp.customer_id, FollowUp.no_show, FollowUp.people).where(
            FollowUp.event_id == event_id
        ),
        KNOWN,
    )
    known = among(known, only)
    lately = _by_customer(finished_since(people, since))
    fresh = among(lately, only).join(known, on="customer_id", how="anti")
    rows: list[dict[str, Any]] = [
        {**row, "event_id": event_id, "detected_at": now} for row in fresh.to_dicts()
    ]
    new = add_all_once(session, FollowUp, rows)
    both = known.join(found, on="customer_id", suffix="_now").filter(
        (pl.col("no_show") != pl.col("no_show_now")) | (pl.col("people") != pl.col("people_now"))
    )
    changed = both.select("id", no_show="no_show_now", people="people_now")
    table = FollowUp.__table__
    assert isinstance(table, Table)
    update_frame(session, table, changed, ["id"])
    gone = known.join(found, on="customer_id", how="anti")["id"].to_list()
    forget(session, gone)
    return Detected(len(new), len(gone), begin_again(session, event_id, people, now, only))


def among(rows: pl.DataFrame, only: Only) -> pl.DataFrame:
    return rows if only is None else rows.filter(pl.col("customer_id").is_in(list(only)))


def forget(session: Session, follow_up_ids: Sequence[int]) -> None:
    for some in pieces(follow_up_ids):
        session.execute(delete(FollowUp).where(FollowUp.id.in_(some)))


def _by_customer(people: pl.DataFrame) -> pl.DataFrame:
    """customer_id, no_show, people: how many came, else how many did not. Cancellations alone are nothing."""
    came = pl.col("presence") == "attended"
    missing = pl.col("presence") == "no_show"
    return (
        people.group_by("customer_id")
        .agg(came=came.sum().cast(pl.Int64), missing=missing.sum().cast(pl.Int64))
        .filter((pl.col("came") > 0) | (pl.col("missing") > 0))
        .select(
            "customer_id",
            no_show=pl.col("came") == 0,
            people=pl.when(pl.col("came") > 0).then("came").otherwise("missing"),
        )
        .sort("customer_id")
    )
