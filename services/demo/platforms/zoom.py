"""Zoom's webinar attendee report, in the layouts of 2025 and 2026."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.demo.platforms.plain import save, text_of
from services.demo.story import HeldEvent, Seat

ATTENDEE = [
    "Attended",
    "User Name (Original Name)",
    "First Name",
    "Last Name",
    "Email",
    "Organization",
    "Job Title",
    "Registration Time",
    "Approval Status",
    "Join Time",
    "Leave Time",
    "Time in Session (minutes)",
    "Is Guest",
    "Country/Region Name",
]
ABSENT = "--"


def write_2025(folder: Path, held: HeldEvent) -> Path:
    """Moments as `"Sep 17, 2026 10:59:41"`."""
    rows = [
        ["Attendee Report"],
        ["Report Generated:", f"{held.end + timedelta(days=1):%b %d, %Y %I:%M %p}"],
        [
            "Topic",
            "Webinar ID",
            "Actual Start Time",
            "Actual Duration (minutes)",
            "# Registered",
            "# Cancelled",
            "Unique Viewers",
            "Total Users",
            "Max Concurrent Views",
            "Enable Registration",
        ],
        [
            held.event.name,
            held.webinar_id,
            f"{held.start:%b %d, %Y %I:%M %p}",
            held.event.minutes,
            len(held.seats),
            0,
            came := sum(seat.came for seat in held.seats),
            came,
            came,
            "Yes",
        ],
        ["Attendee Details"],
        ATTENDEE,
        *(_attendee(held, seat, "%b %d, %Y %H:%M:%S") for seat in held.seats),
    ]
    return save(folder / _file_name(held), text_of(rows))


def write_2026(folder: Path, held: HeldEvent) -> Path:
    """Moments as `01/30/2026 11:01:47 AM`."""
    moment = "%m/%d/%Y %I:%M:%S %p"
    rows = [
        ["Attendee Report"],
        ["Report generated time", (held.end + timedelta(days=1)).strftime(moment)],
        [
            "Topic",
            "Webinar ID",
            "Actual Start Time",
            "Actual Duration (minutes)",
            "# Registrants",
            "Unique Viewers",
            "Total Users",
        ],
        [
            held.event.name,
            held.webinar_id,
            held.start.strftime(moment),
            held.event.minutes,
            len(held.seats),
            came := sum(seat.came for seat in held.seats),
            came,
        ],
        ["Attendee Details"],
        ATTENDEE,
        *(_attendee(held, seat, moment) for seat in held.seats),
    ]
    return save(folder / _file_name(held), text_of(rows))


def _attendee(held: HeldEvent, seat: Seat, moment: str) -> list[object]:
    who = seat.member
    known = [who.name, who.first, who.last, who.written, who.company, who.title]
    registered = [held.registered(seat).strftime(moment), "approved"]
    if not seat.came:
        return ["No", *known, *registered, ABSENT, ABSENT, ABSENT, ABSENT, ""]
    stay = [f"{held.joined(seat):{moment}}", f"{held.left(seat):{moment}}", seat.minutes, "Yes"]
    return ["Yes", *known, *registered, *stay, who.account.country]


def _file_name(held: HeldEvent) -> str:
    return f"attendee_{held.webinar_id.replace(' ', '')}_{held.day:%Y_%m_%d}.csv"
