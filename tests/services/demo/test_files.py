"""The files are what the platforms export, and read as such."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from integrations.formats import read
from services.demo.files import write_files
from services.demo.practice import GUESTS, write_practice_file
from services.demo.story import tell

DAY = date(2026, 11, 21)


@pytest.mark.parametrize("day", [DAY, date(2024, 2, 29), date(2026, 1, 9)], ids=str)
def test_every_seat_is_a_record_of_a_recognised_platform(day: date, tmp_path: Path):
    files = write_files(tmp_path, tell(day))
    formats = Counter()

    for held, path in files.attendance:
        parsed = read(path, day_first=False)
        formats[parsed.format] += 1
        assert parsed.records == len(held.seats)
        assert parsed.events.height == 1
        assert not parsed.needs_mapping
        assert parsed.rows["problem"].null_count() == parsed.records
        assert (parsed.rows["status"] == "attended").sum() == sum(s.came for s in held.seats)
        if held.event.platform not in {"eventbrite", "ringcentral"}:
            assert parsed.events["name"].item() == held.event.name

    assert len(files.attendance) == 18
    assert formats == {
        "zoom_webinar": 5,
        "teams": 4,
        "gotowebinar": 2,
        "eventbrite": 2,
        "moodle_progress": 2,
        "ringcentral": 1,
        "webex": 1,
        "generic": 1,
    }


def test_the_same_day_gives_the_same_bytes(tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        write_files(folder, tell(DAY))

    assert {p.name: p.read_bytes() for p in first.iterdir()} == {
        p.name: p.read_bytes() for p in second.iterdir()
    }


def test_customers_and_stakeholders_need_no_mapping(tmp_path: Path):
    files = write_files(tmp_path, tell(DAY))
    customers = read(files.customers, purpose="customers")
    stakeholders = read(files.stakeholders, purpose="stakeholders")

    assert (customers.records, customers.needs_mapping) == (78, False)
    assert customers.rows["started_on"].null_count() == 0
    assert customers.rows["arr"].null_count() == 0
    assert not stakeholders.needs_mapping
    assert stakeholders.records == sum(member.in_crm for member in tell(DAY).members)


def test_the_practice_file_holds_one_more_webinar_with_four_strangers(tmp_path: Path):
    parsed = read(write_practice_file(tmp_path, DAY))
    emails = set(parsed.rows["email"])

    assert parsed.format == "zoom_webinar"
    assert parsed.records == 24
    assert {f"{first}.{last}@{domain}".lower() for first, last, _, domain in GUESTS} <= emails
