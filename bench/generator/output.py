"""The generated data as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from openpyxl import Workbook

from bench.generator.attendance import HEADER, TRUTH, Attendance, Row
from bench.generator.chance import Chance
from bench.generator.options import Options
from bench.generator.world import World, make_world

CUSTOMERS = "customer_id,name,domain,alt_domains,aliases,segment,industry,region,csm,arr,created"
CONTACTS = "contact_id,customer_id,first_name,last_name,email,title,champion,unsubscribed"
EVENTS = "event_id,name,type,topic,starts_at,duration_minutes,format"
FIRST_NUMBER = 7
"""Column of the attendance from which whole numbers become numbers in the spreadsheet."""


def write(options: Options) -> int:
    """All files into `options.out`; gives the number of attendance rows."""
    options.out.mkdir(parents=True, exist_ok=True)
    chance = Chance(options.seed)
    world = make_world(chance, options)
    rows: Iterable[Row] = Attendance(chance, options, world)
    if options.shuffle or options.sample:
        rows = _shuffled(rows, options)
    count = _write_attendance(options.out, rows)
    _write_world(options.out, world)
    if options.xlsx:
        _write_xlsx(options.out)
    return count


def _shuffled(rows: Iterable[Row], options: Options) -> list[Row]:
    number = Chance(options.seed + 1).number
    keyed = sorted(((number(), row) for row in rows), key=lambda pair: pair[0])
    shuffled = [row for _, row in keyed]
    return shuffled[: options.sample] if options.sample else shuffled


def _write_attendance(folder: Path, rows: Iterable[Row]) -> int:
    count = 0
    with (
        _open(folder / "attendance.csv") as upload,
        _open(folder / "attendance_truth.csv") as truth,
    ):
        out, true = (csv.writer(file, lineterminator="\n") for file in (upload, truth))
        out.writerow(HEADER)
        true.writerow(TRUTH)
        for row in rows:
            count += 1
            out.writerow(row.cells)
            true.writerow((count, *row.truth))
    return count


def _write_world(folder: Path, world: World) -> None:
    _write_csv(folder / "customers.csv", CUSTOMERS, (c.row for c in world.customers))
    _write_csv(folder / "contacts.csv", CONTACTS, (c.row for c in world.contacts))
    _write_csv(folder / "events.csv", EVENTS, (e.row for e in world.events))


def _write_csv(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with _open(path) as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header.split(","))
        out.writerows(rows)


def _open(path: Path) -> TextIO:
    return path.open("w", newline="", encoding="utf-8")


def _write_xlsx(folder: Path) -> None:
    book = Workbook(write_only=True)
    table = book.create_sheet("Attendees")
    with (folder / "attendance.csv").open(newline="", encoding="utf-8") as file:
        for cells in csv.reader(file):
            table.append(
                [
                    int(text) if place >= FIRST_NUMBER and text.isdigit() else text
                    for place, text in enumerate(cells)
                ]
            )
    book.save(folder / "attendance.xlsx")
