"""GoToWebinar's attendee report as CSV."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from services.demo.calendar import ZONE
from services.demo.platforms.plain import save, text_of
from services.demo.story import HeldEvent, Seat


def write(folder: Path, held: HeldEvent) -> Path:
    rows: list[list[object]] = [
        ["Attendee Report:", held.event.name],
        ["Generated", _moment(held.end + timedelta(days=1))],
        [],
        ["General Information"],
        ["Webinar Name", "Webinar ID"],
        [held.event.name, held.webinar_id.replace(" ", "-")],
        [
            "Actual Start Date/Time",
            "Actual Duration (minutes)",
            "Clicked Registration Link",
            "Opened Invitation",
        ],
        [_moment(held.start), held.event.minutes, len(held.seats) + 21, len(held.seats) + 12],
        [],
        ["Attendee Details"],
        [
            "Attended",
            "Interest Rating",
            "Last Name",
            "First Name",
            "Email Address",
            "Organization",
            "Registration Date/Time",
            "Join Time",
            "Leave Time",
            "Time in Session",
            "Unsubscribed",
        ],
        *(_attendee(held, seat) for seat in held.seats),
    ]
    number = held.webinar_id.replace(" ", "-")
    return save(folder / f"AttendeeReport_{number}.csv", text_of(rows, end="\r\n"))


def _attendee(held: HeldEvent, seat: Seat) -> list[object]:
    who = seat.member
    known = [who.last, who.first, who.written, who.company, _moment(held.registered(seat))]
    if not seat.came:
        return ["No", "", *known, "", "", "", "No"]
    rating = 20 + round(75 * (seat.minutes or 0) / held.event.minutes)
    stay = [_moment(held.joined(seat)), _moment(held.left(seat)), _in_words(seat.minutes or 0)]
    return ["Yes", rating, *known, *stay, "No"]


def _moment(local: datetime) -> str:
    return f"{local:%b %d, %Y %I:%M %p} {local.replace(tzinfo=ZoneInfo(ZONE)):%Z}"


def _in_words(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")]
    return " ".join(f"{n} {word}{'s' if n != 1 else ''}" for n, word in parts if n) or "0 minutes"
