"""A person's own day: the zone it is lived in, and whether it starts with a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from data.errors import BadInput
from data.settings import settings
from data.tables import Person
from services.access.audit import audit
from services.access.viewer import Viewer


@dataclass(frozen=True)
class Day:
    """`zone` is an IANA name; `chosen` says whether the person chose it, or the app's default holds."""

    zone: str
    digest: bool
    chosen: bool


def own_day(session: Session, by: Viewer) -> Day:
    person = session.get(Person, by.person_id)
    chosen = person.time_zone if person else None
    return Day(
        zone=chosen or settings().default_zone,
        digest=person.digest if person else False,
        chosen=bool(chosen),
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
