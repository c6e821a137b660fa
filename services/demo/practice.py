"""A file to try the Upload page with: some of its rows leave questions for Match review."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from services.demo.calendar import PastEvent, held_on
from services.demo.platforms.zoom import write_2025
from services.demo.story import HeldEvent, Member, Seat, Story, tell

EVENT = PastEvent(19, 4, "webinar", "zoom_2025", 60, "Reporting", "Ask Me Anything: Reporting")
GUESTS = (
    ("Orla", "Finch", "", "techcrop.example"),
    ("Bram", "Visser", "DataFlow", "dfholding.example"),
    ("Nils", "Aaker", "Northwind Freight Ltd", "nwfreight.example"),
    ("Greta", "Lund", "Fjord & Sons", "fjordandsons.example"),
)
"""A mistyped domain, two customers at addresses nobody knows, and somebody who is no customer."""


def practice_file(now: datetime) -> bytes:
    """The file as it would have been exported today."""
    with tempfile.TemporaryDirectory() as folder:
        return write_practice_file(Path(folder), now.date()).read_bytes()


def write_practice_file(folder: Path, day: date) -> Path:
    """The export of one more webinar, four days before `day`: 20 known people and the four guests."""
    story = tell(day)
    known = [member for member in story.members if member.in_crm and member.person <= 2][:40:2]
    seats = [_seat(member, place) for place, member in enumerate([*known, *_guests(story)])]
    return write_2025(folder, HeldEvent(EVENT, held_on(EVENT, day), tuple(seats)))


def _guests(story: Story) -> list[Member]:
    """Their company stands in the file as typed; none of it is in the CRM."""
    host = story.accounts[0]
    return [
        Member(
            account=replace(host, number=90 + place, name=company, domain=domain, other_domain=""),
            person=1,
            first=first,
            last=last,
            title="Operations Lead",
            role="user",
            in_crm=False,
            address="",
        )
        for place, (first, last, company, domain) in enumerate(GUESTS)
    ]


def _seat(member: Member, place: int) -> Seat:
    came = place % 6 != 3
    return Seat(
        member=member,
        event=EVENT.number,
        status="attended" if came else "no_show",
        minutes=25 + (place * 7) % 33 if came else None,
        questions=None,
        polls=None,
        downloads=None,
        feedback=None,
        role="attendee",
    )
