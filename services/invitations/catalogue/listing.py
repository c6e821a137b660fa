"""Events as they lie ahead: a list, and the month of a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Event, Invitation, Registration
from services.export import to_csv, to_xlsx
from services.invitations.catalogue import checks
from services.invitations.catalogue.checks import LONGEST_EVENT
from services.invitations.catalogue.records import STATES, ended, state_of

MOST = 500
MOMENT = pl.Datetime("us", "UTC")
_EVENTS: dict[str, Any] = {
    "event_id": pl.Int64,
    "name": pl.String,
    "type": pl.String,
    "topic": pl.String,
    "held_on": pl.Date,
    "starts_at": MOMENT,
    "ends_at": MOMENT,
    "minutes": pl.Float64,
    "zone": pl.String,
    "city": pl.String,
    "virtual": pl.Boolean,
    "capacity": pl.Int64,
    "status": pl.String,
}
LABELS = {
    "name": "Event", "type": "Type", "when": "When", "where": "Where", "state_words": "State",
    "invited": "Invited", "registered": "Registered", "capacity": "Seats", "topic": "Topic",
}  # fmt: skip
COMING = ("registered", "attended")


def upcoming(session: Session, now: datetime, *, search: str = "") -> pl.DataFrame:
    """What has not ended yet, the next first, MOST at the most: LABELS and `event_id`. Counts are of all
    people, so that one sees whether there are seats."""
    e = Event
    wanted = select(*_columns()).where(
        # The first is for the index.
        e.starts_at > now - LONGEST_EVENT,
        func.coalesce(e.ends_at, e.starts_at) > now,
        e.status != "held",
    )
    if words := search.strip().lower()[:100]:
        wanted = wanted.where(e.name_key.contains(words, autoescape=True))
    rows = read_frame(session, wanted.order_by(e.starts_at, e.id).limit(MOST), _EVENTS)
    return _told(session, rows, now)


def month(session: Session, first: date, now: datetime) -> pl.DataFrame:
    """The events of the month that begins on `first`, by day: as `upcoming`, with `held_on` and
    `last_on`, the first and the last day in the event's zone."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    wanted = select(*_columns()).where(Event.held_on >= first, Event.held_on < after)
    rows = wanted.order_by(Event.held_on, Event.starts_at, Event.id).limit(MOST)
    return _told(session, read_frame(session, rows, _EVENTS), now)


def export(session: Session, now: datetime, *, form: str) -> bytes:
    """The events to come, as `csv` or `xlsx`."""
    rows = upcoming(session, now).select(*LABELS)
    return to_csv(rows, LABELS) if form == "csv" else to_xlsx(rows, LABELS, title="Upcoming events")


def _columns() -> tuple[Any, ...]:
    e = Event
    return (
        e.id, e.name, e.type, e.topic, e.held_on, e.starts_at, e.ends_at, e.duration_minutes,
        e.time_zone, e.city, e.virtual, e.capacity, e.status,
    )  # fmt: skip


def _told(session: Session, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    ids = rows["event_id"].to_list()
    counted = rows.join(_counted(session, Invitation, ids, "invited"), on="event_id", how="left")
    counted = counted.join(
        _counted(session, Registration, ids, "registered", Registration.state.in_(COMING)),
        on="event_id", how="left",
    )  # fmt: skip
    states = [
        state_of(one["status"], one["starts_at"], one["ends_at"], one["minutes"], now)
        for one in rows.iter_rows(named=True)
    ]
    local = [
        f"{_local(one['starts_at'], one['zone']):%a %d %b %Y, %H:%M} ({one['zone']})"
        for one in rows.iter_rows(named=True)
    ]
    last = [
        _local(ended(one["starts_at"], one["ends_at"], one["minutes"]), one["zone"]).date()
        for one in rows.iter_rows(named=True)
    ]
    city = pl.col("city")
    return counted.with_columns(
        pl.col("invited", "registered").fill_null(0),
        state=pl.Series(states, dtype=pl.String),
        state_words=pl.Series([STATES[one] for one in states], dtype=pl.String),
        when=pl.Series(local, dtype=pl.String),
        last_on=pl.Series(last, dtype=pl.Date),
        where=pl.when(city.is_null()).then(pl.lit("Online"))
        .when(pl.col("virtual")).then(city + " + online")
        .otherwise(city),
    )  # fmt: skip


def _counted(
    session: Session, table: Any, event_ids: list[int], name: str, *where: Any
) -> pl.DataFrame:
    rows = (
        select(table.event_id, func.count())
        .where(table.event_id.in_(event_ids), *where)
        .group_by(table.event_id)
    )
    return read_frame(session, rows, {"event_id": pl.Int64, name: pl.Int64})


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(checks.zone(zone))


@dataclass(frozen=True)
class Words:
    """What customers on record are described with, to choose an audience from."""

    industries: tuple[str, ...]
    segments: tuple[str, ...]
    regions: tuple[str, ...]
    countries: tuple[str, ...]


def words(session: Session) -> Words:
    """Distinct values, MOST of each at the most."""

    def known(column: Any) -> tuple[str, ...]:
        rows = session.scalars(select(column).where(column.is_not(None)).distinct().limit(MOST))
        return tuple(sorted(one for one in rows if one))

    c = Customer
    return Words(known(c.industry), known(c.segment), known(c.region), known(c.country))
