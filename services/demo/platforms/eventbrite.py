"""Eventbrite's attendee report. It names neither the event nor its day."""

from __future__ import annotations

from pathlib import Path

from services.demo.platforms.plain import save, short_date, text_of
from services.demo.story import HeldEvent, Seat

HEADER = [
    "Order #",
    "Order Date",
    "First Name",
    "Last Name",
    "Email",
    "Quantity",
    "Price Tier",
    "Ticket Type",
    "Attendee #",
    "Group",
    "Order Type",
    "Currency",
    "Total Paid",
    "Fees Paid",
    "Eventbrite Fees",
    "Eventbrite Payment Processing",
    "Attendee Status",
    "Home Address 1",
    "Home Address 2",
    "Home City",
    "Home State",
    "Home Zip",
    "Home Country",
    "Job Title",
    "Company",
]


def write(folder: Path, held: HeldEvent) -> Path:
    rows = [HEADER, *(_attendee(held, place, seat) for place, seat in enumerate(held.seats))]
    name = f"report-{held.day:%Y-%m-%d}T1830.csv"
    return save(folder / name, text_of(rows))


def _attendee(held: HeldEvent, place: int, seat: Seat) -> list[object]:
    who, ordered = seat.member, held.registered(seat)
    number = held.event.number * 1000 + place
    return [
        10_900_000_000 + number,
        f"{short_date(ordered)} {ordered.hour}:{ordered:%M}",
        who.first,
        who.last,
        who.written,
        1,
        "",
        "General Admission",
        20_990_000_000 + number,
        "",
        "Free Order",
        "USD",
        *(["0"] * 4),
        "Checked In" if seat.came else "Attending",
        *([""] * 6),
        who.title,
        who.company,
    ]
