"""Calendar files: an event or a task that any calendar can take in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Alarm, Calendar, Event, Todo, vCalAddress, vText, vUri

from data.errors import BadInput

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_NOT_IN_NAMES = str.maketrans({'"': "'", "\n": " ", "\\": "/"})
PRODUCT = "-//CSCX Engage//EN"
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Invitee:
    """Somebody named in a calendar entry."""

    name: str
    address: str


@dataclass(frozen=True)
class Entry:
    """What stands in the calendar. The same `uid` with a higher `sequence` replaces the entry.

    Moments are aware; they are written in `zone` (IANA). Two dates make an entry for whole days, `end` the
    day after its last, beside which one is free. For a task `end` is when it is due and `start`
    may be missing; an event without `end` has no length. `alarm` is how long before the start (a task:
    before it is due) it reminds.
    """

    uid: str
    title: str
    stamp: datetime
    zone: str = "UTC"
    start: datetime | date | None = None
    end: datetime | date | None = None
    kind: Literal["event", "task"] = "event"
    description: str = ""
    location: str = ""
    url: str = ""
    organiser: Invitee | None = None
    attendees: tuple[Invitee, ...] = ()
    alarm: timedelta | None = None
    sequence: int = 0
    cancelled: bool = False


def ics(entry: Entry, *, method: Method = "PUBLISH") -> bytes:
    """The `.ics` of one entry; equal bytes for equal input. BadInput when times or zone make no sense.

    REQUEST asks its attendees for an answer, CANCEL takes the entry back: both need an organiser.
    """
    _check(entry, method)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_component(entry, method))
    _add_zone(calendar, entry)
    return calendar.to_ical()


def _add_zone(calendar: Calendar, entry: Entry) -> None:
    """The zone's clock changes around the entry only: all of them since 1970 would be 4 KB."""
    moments = [moment for moment in (entry.start, entry.end) if isinstance(moment, datetime)]
    if moments:
        calendar.add_missing_timezones(
            first_date=date(moments[0].year - 1, 1, 1), last_date=date(moments[-1].year + 2, 1, 1)
        )


def content_type(method: Method = "PUBLISH") -> str:
    """The type to attach the file with; mail programs read the method there."""
    return f"text/calendar; method={method}; charset=utf-8"


def _check(entry: Entry, method: Method) -> None:
    if not entry.uid or not entry.title.strip():
        raise BadInput("A calendar entry needs a title.")
    if entry.kind == "event" and entry.start is None:
        raise BadInput("A calendar event needs a start.")
    times = (entry.stamp, entry.start, entry.end)
    if any(isinstance(moment, datetime) and moment.tzinfo is None for moment in times):
        raise BadInput("The times of a calendar entry need a time zone.")
    if entry.start and entry.end and entry.end < entry.start:
        raise BadInput("A calendar entry cannot end before it starts. Correct its times.")
    if method != "PUBLISH" and entry.organiser is None:
        raise BadInput("A calendar invitation needs an organiser.")


def _component(entry: Entry, method: Method) -> Event | Todo:
    made = Event() if entry.kind == "event" else Todo()
    made.add("uid", entry.uid)
    made.add("dtstamp", entry.stamp)
    made.add("sequence", entry.sequence)
    made.add("summary", _text(entry.title))
    _times(made, entry)
    for name, words in (("description", entry.description), ("location", entry.location)):
        if words:
            made.add(name, _text(words))
    if entry.url:
        if not entry.url.startswith(("https://", "http://")):
            raise BadInput("The link of a calendar entry must begin with https://.")
        made.add("url", vUri("".join(_text(entry.url).split())))
    made.add("status", _status(entry, method))
    _people(made, entry)
    if entry.alarm is not None:
        made.add_component(_alarm(entry))
    return made


def _times(made: Event | Todo, entry: Entry) -> None:
    if entry.start:
        made.add("dtstart", _local(entry.start, entry.zone))
    if entry.end:
        made.add("dtend" if entry.kind == "event" else "due", _local(entry.end, entry.zone))
    if entry.start and not isinstance(entry.start, datetime):
        made.add("transp", "TRANSPARENT")


def _status(entry: Entry, method: Method) -> str:
    if method == "CANCEL" or entry.cancelled:
        return "CANCELLED"
    return "CONFIRMED" if entry.kind == "event" else "NEEDS-ACTION"


def _people(made: Event | Todo, entry: Entry) -> None:
    if entry.organiser:
        made.add("organizer", _address(entry.organiser))
    for invitee in entry.attendees:
        address = _address(invitee)
        address.params["ROLE"] = vText("REQ-PARTICIPANT")
        address.params["RSVP"] = vText("TRUE")
        made.add("attendee", address)


def _address(invitee: Invitee) -> vCalAddress:
    made = vCalAddress(f"mailto:{''.join(_text(invitee.address).split())}")
    # A backslash would escape what comes after the name: the mark between it and the address.
    name = _text(invitee.name).translate(_NOT_IN_NAMES)
    made.params["CN"] = vText(name)
    return made


def _alarm(entry: Entry) -> Alarm:
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", _text(entry.title))
    before = -(entry.alarm or timedelta())
    related = "END" if entry.kind == "task" and entry.end else "START"
    made.add("trigger", before, parameters={"RELATED": related})
    return made


def _local(moment: datetime | date, zone: str) -> datetime | date:
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"There is no time zone {zone[:60]}. Write one as Europe/Berlin.") from None


def _text(words: str) -> str:
    """Without control characters: a carriage return alone would end a line of the file."""
    return _CONTROL.sub("", words.replace("\r\n", "\n"))
