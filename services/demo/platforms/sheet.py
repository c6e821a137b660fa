"""A spreadsheet somebody kept by hand, as XLSX."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

from services.demo.story import HeldEvent, Seat

HEADER = [
    "Customer",
    "Name",
    "Email",
    "Role",
    "Event",
    "Event Type",
    "Event Start",
    "Event Duration",
    "Status",
    "Duration",
    "Questions",
    "Polls",
    "Downloads",
    "Feedback",
]
_STAMPS = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def write(folder: Path, held: HeldEvent) -> Path:
    book = Workbook()
    table = book.create_sheet("Attendees", 0)
    table.append(HEADER)
    for seat in held.seats:
        table.append(_attendee(held, seat))
    path = folder / f"{held.event.name.replace(' ', '_')}_{held.day:%Y-%m}.xlsx"
    path.write_bytes(undated(book))
    return path


def _attendee(held: HeldEvent, seat: Seat) -> list[object]:
    who, event = seat.member, held.event
    return [
        who.company,
        who.name,
        who.written,
        seat.role.capitalize(),
        event.name,
        event.type.replace("_", " ").title(),
        held.start.strftime("%Y-%m-%d %H:%M"),
        event.minutes,
        "Attended" if seat.came else "No show",
        seat.minutes,
        seat.questions,
        seat.polls,
        seat.downloads,
        seat.feedback,
    ]


def undated(book: Workbook) -> bytes:
    """The workbook without the moments it was written: the same day gives the same bytes."""
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with (
        zipfile.ZipFile(saved) as read,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as write_to,
    ):
        for entry in read.infolist():
            body = _STAMPS.sub(b"", read.read(entry))
            write_to.writestr(zipfile.ZipInfo(entry.filename), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
