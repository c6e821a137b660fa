"""A person's own day: the zone it is lived in, and whether it starts with a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.settings import settings
from data.tables import Person
from services.access.audit import audit
from services.access.viewer import Viewer


@dataclass(frozen=True)
class Day:
    """`zone` is an IANA name; `chosen` says whether the person chose it, or the app's default holds.
    `unknown` is what stands in the person's record instead of a zone, and so holds no longer."""

    zone: str
    digest: bool
    chosen: bool
    unknown: str | None = None


def usable_zone(*names: str | None) -> str:
    """The first of these that is a zone on this machine, else the app's default, else UTC."""
    for name in (*names, settings().default_zone):
        try:
            if name and ZoneInfo(name):
                return name
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"


_ZONE = select(Person.time_zone).where(Person.id == bindparam("person_id"))


def zone_of(session: Session, person_id: int | None) -> str:
    """The IANA zone of a person's day."""
    return usable_zone(session.scalar(_ZONE, {"person_id": person_id}))


def today(session: Session, by: Viewer, now: datetime) -> date:
    """The day it is where the reader lives."""
    return day_of(session, by.person_id, now)


def day_of(session: Session, person_id: int | None, at: datetime) -> date:
    """The day it is at that moment where the person lives; without one, by the installation's zone."""
    return at.astimezone(ZoneInfo(zone_of(session, person_id))).date()


def days_until(date_to_come: date | None, day: date) -> int | None:
    """Days from `day`, negative once past."""
    return (date_to_come - day).days if date_to_come else None


def own_day(session: Session, by: Viewer) -> Day:
    person = session.get(Person, by.person_id)
    own = person.time_zone if person else None
    zone = usable_zone(own)
    return Day(
        zone=zone,
        digest=person.digest if person else False,
        chosen=zone == own,
        unknown=own if own and own != zone else None,
    )


def zones() -> list[str]:
    """What can be chosen: places, without historical aliases."""
    old = ("Etc/", "US/", "SystemV/", "posix/", "right/")
    places = (name for name in available_timezones() if "/" in name and not name.startswith(old))
    return [*sorted(places), "UTC"]


def set_own_day(session: Session, zone: str, *, digest: bool, by: Viewer, now: datetime) -> None:
    """Keep it for the person who asks. BadInput for a zone that does not exist."""
    if zone != "UTC" and zone not in available_timezones():
        raise BadInput("This time zone is unknown. Choose one from the list.")
    person = session.get_one(Person, by.person_id)
    if (person.time_zone, person.digest) == (zone, digest):
        return
    person.time_zone, person.digest = zone, digest
    audit(session, by, "person.day_set", "person", person.id, zone, now)
