"""Registrations of RingCentral Events (once Hopin). The file names neither the event nor its day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.demo.calendar import ZONE
from services.demo.platforms.plain import save, text_of
from services.demo.story import HeldEvent, Seat

HEADER = [
    "First Name",
    "Last Name",
    "Email",
    "Company",
    "Job Title",
    "Ticket Name",
    "Ticket Type",
    "Registered At (UTC)",
    "Attended",
    "First Seen (UTC)",
    "Last Seen (UTC)",
    "Total Minutes",
    "Minutes in Sessions",
    "Minutes in Stages",
    "Minutes in Expo",
    "Chat Messages",
    "Polls Answered",
    "Questions Asked",
    "Sessions Attended",
]
SESSIONS = ["Opening Keynote", "Analytics in Practice", "Automation Clinic", "Roadmap Preview"]


def write(folder: Path, held: HeldEvent) -> Path:
    rows = [HEADER, *(_attendee(held, seat) for seat in held.seats)]
    name = f"{held.event.name.lower().replace(' ', '-')}-registrations.csv"
    return save(folder / name, text_of(rows))


def _attendee(held: HeldEvent, seat: Seat) -> list[object]:
    who = seat.member
    known = [who.first, who.last, who.written, who.company, who.title, "General Admission", "Free"]
    registered = _utc(held.registered(seat))
    if not seat.came:
        return [*known, registered, "No", "", "", *([0] * 7), ""]
    minutes = seat.minutes or 0
    areas = [minutes // 2, minutes - minutes // 2 - minutes // 8, minutes // 8]
    count = 1 + (who.person + who.account.number) % 3
    sessions = [SESSIONS[0], *SESSIONS[count:]][: count + 1]
    return [
        *known,
        registered,
        "Yes",
        _utc(held.joined(seat)),
        _utc(held.left(seat)),
        minutes,
        *areas,
        who.person % 4,
        seat.polls,
        seat.questions,
        "; ".join(sessions),
    ]


def _utc(local: datetime) -> str:
    return f"{local.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC):%Y-%m-%d %H:%M:%S}"
