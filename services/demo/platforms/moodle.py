"""Moodle's activity progress report of one course with one activity."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.demo.platforms.plain import save, text_of
from services.demo.story import HeldEvent, Seat


def write(folder: Path, held: HeldEvent) -> Path:
    header = text_of([["", "Email address"]]).rstrip("\n") + ","
    header += text_of([[held.event.name, ""]], quote_all=True)
    rows = text_of([_attendee(held, seat) for seat in held.seats], quote_all=True)
    short_name = held.event.name.lower().split()[0]
    return save(folder / f"progress.{short_name}.csv", header + rows, encoding="utf-8")


def _attendee(held: HeldEvent, seat: Seat) -> list[str]:
    who = seat.member
    if not seat.came:
        return [who.name, who.written, "Not completed", ""]
    spent = timedelta(minutes=held.event.minutes + who.person * 3)
    return [
        who.name,
        who.written,
        "Completed (achieved pass grade)",
        f"{held.start + spent:%Y-%m-%d %H:%M:%S}",
    ]
