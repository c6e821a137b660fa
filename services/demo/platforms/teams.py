"""The attendance report of Microsoft Teams."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from services.demo.platforms.plain import clock, save_utf16, short_date, text_of
from services.demo.story import HeldEvent, Seat


def write(folder: Path, held: HeldEvent) -> Path:
    seats = [seat for seat in held.seats if seat.came]
    stays = sum(seat.minutes or 0 for seat in seats)
    rows: list[list[object]] = [
        ["1. Summary"],
        ["Meeting title", held.event.name],
        ["Attended participants", len(seats)],
        ["Start time", _moment(held.start)],
        ["End time", _moment(held.end)],
        ["Meeting duration", _span(held.event.minutes)],
        ["Average attendance time", _span(stays // max(1, len(seats)))],
        [],
        ["2. Participants"],
        [
            "Name",
            "First Join",
            "Last Leave",
            "In-Meeting Duration",
            "Email",
            "Participant ID (UPN)",
            "Role",
        ],
        *(
            [*_stay(held, seat), seat.member.written, seat.member.written.strip(), "Attendee"]
            for seat in seats
        ),
        [],
        ["3. In-Meeting Activities"],
        ["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"],
        *([*_stay(held, seat), seat.member.written, "Attendee"] for seat in seats),
    ]
    day = f"{held.day.month}-{held.day.day}-{held.day:%y}"
    name = f"{held.event.name} - Attendance report {day}.csv"
    return save_utf16(folder / name, text_of(rows, delimiter="\t"))


def _stay(held: HeldEvent, seat: Seat) -> list[str]:
    who = seat.member
    shown = f"{who.last}, {who.first}" if who.person % 6 == 5 else who.name
    joined, left = held.joined(seat), held.left(seat)
    return [shown, _moment(joined), _moment(left), _span(seat.minutes or 0)]


def _moment(local: datetime) -> str:
    return f"{short_date(local)}, {clock(local)}"


def _span(minutes: int) -> str:
    hours, rest = divmod(timedelta(minutes=minutes).seconds // 60, 60)
    return f"{hours}h {rest}m 0s" if hours else f"{rest}m 0s"
