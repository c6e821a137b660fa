"""Webex's attendance report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from services.demo.platforms.plain import save_utf16, text_of
from services.demo.story import HeldEvent, Seat

HEADER = [
    "Event Name",
    "Event Start Time",
    "Event End Time",
    "Name",
    "Attendee Email",
    "Join Time",
    "Leave Time",
    "Attendance Duration",
    "Connection Type",
]
DEVICES = ["Desktop app", "Desktop app", "Web app", "Mobile app"]


def write(folder: Path, held: HeldEvent) -> Path:
    rows = [HEADER, *(_attendee(held, seat) for seat in held.seats if seat.came)]
    name = f"{held.event.name.replace(' ', '_')}_{held.day:%Y%m%d}.csv"
    return save_utf16(folder / name, text_of(rows, delimiter="\t", end="\r\n"))


def _attendee(held: HeldEvent, seat: Seat) -> list[str]:
    who = seat.member
    return [
        held.event.name,
        _guarded(held.start),
        _guarded(held.end),
        who.name,
        who.written,
        _guarded(held.joined(seat)),
        _guarded(held.left(seat)),
        f"{seat.minutes} mins",
        DEVICES[who.person % len(DEVICES)],
    ]


def _guarded(moment: datetime) -> str:
    return f'="{moment:%Y-%m-%d %H:%M:%S}"'
