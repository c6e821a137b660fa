"""Whom an event was for: everybody its segments admit, or the customers alone that it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Attendance, AuditEntry, Event
from data.tables.events import SELF_PACED
from data.versions import FACTS, bump
from services.planners import planned_here
from services.scoring.attended import Attended
from services.uploads.people import PeoplePlan
from services.uploads.records import Staged
from services.uploads.told_events import OPEN_TYPES

SINGLE = ("manual", "api", "signed")
"""Sources that tell of one person at a time; what a person enters has no platform that invited others."""
PRIVATE_TYPE = "meeting"
OPEN_TO = "open to "
"""How the log begins what a person has said of whom an event is for."""
_AT_ONCE = 5_000
_BY_RECORD = or_(Event.private.is_(True), Event.source.in_(SELF_PACED))


def with_audience(staged: Staged) -> pl.DataFrame:
    """The events of an upload with `private` as somebody said, else as it follows.

    What programs tell of is private unless it is of OPEN_TYPES; what is entered by hand is, whatever its type.
    A platform's meeting follows who was there (`follow_attendance`).
    """
    events = staged.events
    if "private" not in events.columns:
        events = events.with_columns(private=pl.lit(None, pl.Boolean))
    source = pl.col("source")
    closed = ~pl.col("type").is_in(OPEN_TYPES)
    follows = (source == "manual") | (source.is_in(SINGLE) & closed)
    return events.with_columns(private=pl.coalesce("private", follows))


def follow_attendance(
    session: Session,
    people: pl.DataFrame,
    among: Iterable[int] | None = None,
    pairs: pl.DataFrame | None = None,
) -> None:
    """A platform's meeting is private while people of one customer alone are on its list, whatever came first,
    unless a person has said or planned otherwise.

    `people`: participant_id, customer_id of all who count. `among`: event ids, all when empty. `pairs`: event_id,
    participant_id of everybody on the lists of those; read when empty.
    """
    session.flush()
    meetings = _meetings(session, among)
    if meetings.is_empty():
        return
    pairs = _on_lists(session, meetings["event_id"].to_list()) if pairs is None else pairs
    customers = (
        pairs.join(meetings, on="event_id", how="semi")
        .join(people, on="participant_id")
        .group_by("event_id")
        .agg(follows=pl.col("customer_id").n_unique() == 1)
    )
    told = meetings.join(customers, on="event_id", how="left")
    told = told.with_columns(pl.col("follows", "private").fill_null(value=False))
    turned = told.filter(pl.col("follows") != pl.col("private")).sort("event_id")
    said = _said(session, turned["event_id"].to_list())
    turned = turned.filter(~pl.col("event_id").is_in(said))
    for private in (True, False):
        ids = turned.filter(pl.col("follows") == private)["event_id"].to_list()
        for some in _pieces(ids):
            session.execute(update(Event).where(Event.id.in_(some)).values(private=private))
    if turned.height:
        bump(session, FACTS)


def follow_upload(
    session: Session,
    ids: Mapping[int, int],
    lists: Iterable[pl.DataFrame],
    plan: PeoplePlan,
    after: Attended,
) -> bool:
    """`follow_attendance` of an upload's events (`ids`, by number in the file), on whose `lists` (with KEY of
    services.uploads.fold) is who is, and of those elsewhere of whom it moves; whether any is `_by_record`."""
    events = set(ids.values())
    pairs = pl.concat(one.select(event_id="event", participant_id="participant") for one in lists)
    follow_attendance(session, after.people, events, pairs)
    elsewhere = _lists_of(session, plan.moved) - events
    if elsewhere:
        follow_attendance(session, after.people, elsewhere)
    return _by_record(session, events | elsewhere)


def _lists_of(session: Session, participants: list[int]) -> set[int]:
    """The events on whose lists any of them is."""
    a = Attendance
    return {
        number
        for some in _pieces(sorted(participants))
        for number in session.scalars(
            select(a.event_id).where(a.participant_id.in_(some)).distinct()
        )
    }


def _meetings(session: Session, among: Iterable[int] | None) -> pl.DataFrame:
    """event_id, private of the meetings that platforms and files brought."""
    brought = select(Event.id, Event.private).where(
        Event.type == PRIVATE_TYPE,
        Event.source.not_in(SINGLE),
        Event.created_by_upload_id.is_not(None),
    )
    schema = {"event_id": pl.Int64, "private": pl.Boolean}
    if among is None:
        return read_frame(session, brought, schema)
    parts = [
        read_frame(session, brought.where(Event.id.in_(p)), schema) for p in _pieces(sorted(among))
    ]
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _on_lists(session: Session, events: list[int]) -> pl.DataFrame:
    a = Attendance
    schema = {"event_id": pl.Int64, "participant_id": pl.Int64}
    parts = [
        read_large(
            session, select(a.event_id, a.participant_id).where(a.event_id.in_(some)), schema
        )
        for some in _pieces(events)
    ]
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _said(session: Session, events: list[int]) -> list[int]:
    """Those of which a person has said whom they are for, or what they are, or that were planned here."""
    log = AuditEntry
    spoken = or_(log.what.contains(OPEN_TO), log.what.contains(": type "))
    found = set(planned_here(session, events))
    for some in _pieces(events):
        edited = select(log.entity_id).where(
            log.entity == "event", log.entity_id.in_(some), log.action == "event.edited", spoken
        )
        found.update(number for number in session.scalars(edited) if number is not None)
    return sorted(found)


def _pieces(ids: list[int]) -> list[list[int]]:
    return [ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)]


def _by_record(session: Session, event_ids: Iterable[int]) -> bool:
    """Whether scores of these events rest on more than who came: whom they were for, as private ones, or
    on which day each finished, as courses."""
    return any(
        session.scalar(select(Event.id).where(Event.id.in_(some), _BY_RECORD).limit(1)) is not None
        for some in _pieces(sorted(event_ids))
    )
