"""Holidays: who stands in for whom, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from data.errors import BadInput, NotFound
from data.tables import Delegation, Person
from services.access.audit import audit
from services.access.day import zone_of
from services.access.people import require_person
from services.access.viewer import ADMINISTRATOR, MANAGER, Viewer

LONGEST = timedelta(days=366)
MOST = 200


@dataclass(frozen=True)
class DelegationRow:
    """A line of the list. Both days are included, and are days of the zone of who is away."""

    id: int
    person_id: int
    person: str
    stand_in: str
    first_day: date
    last_day: date
    running: bool


def arrange(  # noqa: PLR0913 - the fields of one form
    session: Session,
    person_id: int,
    stand_in_id: int,
    first_day: date,
    last_day: date,
    *,
    by: Viewer,
    now: datetime,
) -> int:
    """From the first moment of `first_day` to the last of `last_day`, in the zone of who is away.

    For oneself; a manager for their reports, an admin for everybody. NotFound for others. BadInput for days
    that cannot be, for a stand-in who is inactive or the same person, and for days that are taken already.
    """
    person = _answers_for(session, by, person_id)
    stand_in = require_person(session, stand_in_id)
    if stand_in.id == person.id or not stand_in.active:
        raise BadInput("Choose a colleague who is here and can sign in.")
    zone = ZoneInfo(zone_of(session, person.id))
    starts = datetime.combine(first_day, time(), zone)
    ends = datetime.combine(last_day + timedelta(days=1), time(), zone)
    if not starts < ends or ends <= now or ends - starts > LONGEST:
        raise BadInput(
            "Choose a last day that is not over, after the first, and within a year of it."
        )
    overlap = select(Delegation.id).where(
        Delegation.person_id == person.id, Delegation.starts_at < ends, Delegation.ends_at > starts
    )
    if session.scalar(overlap.limit(1)) is not None:
        raise BadInput("Somebody stands in on some of these days already. End that first.")
    row = Delegation(
        person_id=person.id,
        stand_in_id=stand_in.id,
        starts_at=starts,
        ends_at=ends,
        created_by=by.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()  # the audit row needs its id
    what = f"{first_day} to {last_day}"
    detail = {"person": person.id, "stand_in": stand_in.id}
    audit(session, by, "delegation.arranged", "delegation", row.id, what, now, detail=detail)
    return row.id


def end(session: Session, delegation_id: int, *, by: Viewer, now: datetime) -> None:
    """From now on it no longer holds. Harmless when it is over; NotFound when it is not theirs to end."""
    row = session.get(Delegation, delegation_id)
    if row is None:
        raise NotFound("Nobody stands in under this entry. Reload the page.")
    if row.stand_in_id != by.person_id:
        _answers_for(session, by, row.person_id)
    if row.ends_at <= now:
        return
    row.ends_at = now
    audit(session, by, "delegation.ended", "delegation", row.id, "", now)


def listing(session: Session, by: Viewer, now: datetime) -> list[DelegationRow]:
    """Those that run or are to come, soonest first: one's own in both directions, those of one's reports,
    for admins everybody's."""
    away, there = aliased(Person), aliased(Person)
    query = (
        select(Delegation, away.name, there.name)
        .join(away, away.id == Delegation.person_id)
        .join(there, there.id == Delegation.stand_in_id)
        .where(Delegation.ends_at > now, Delegation.starts_at < Delegation.ends_at)
        .order_by(Delegation.starts_at, Delegation.id)
        .limit(MOST)
    )
    if by.role != ADMINISTRATOR:
        mine = (Delegation.person_id == by.person_id, Delegation.stand_in_id == by.person_id)
        query = query.where(or_(*mine, away.manager_id == by.person_id))
    return [
        _row(session, entry, person, stand_in, now)
        for entry, person, stand_in in session.execute(query)
    ]


def _row(
    session: Session, entry: Delegation, person: str, stand_in: str, now: datetime
) -> DelegationRow:
    zone = ZoneInfo(zone_of(session, entry.person_id))
    last = entry.ends_at - timedelta(microseconds=1)
    return DelegationRow(
        id=entry.id,
        person_id=entry.person_id,
        person=person,
        stand_in=stand_in,
        first_day=entry.starts_at.astimezone(zone).date(),
        last_day=last.astimezone(zone).date(),
        running=entry.starts_at <= now,
    )


def _answers_for(session: Session, by: Viewer, person_id: int) -> Person:
    """The person, when `by` may arrange their absence; NotFound in the same words otherwise."""
    person = session.get(Person, person_id)
    theirs = person is not None and (
        by.role == ADMINISTRATOR
        or person.id == by.person_id
        or (by.role == MANAGER and person.manager_id == by.person_id)
    )
    if person is None or not theirs:
        raise NotFound("There is no such person among those you answer for.")
    return person
