"""What a file says of an event on record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.tables import Event
from services.uploads.event_changes import correct, edit_of
from services.uploads.event_match import KnownEvents, OnRecord
from services.uploads.records import Choices
from tests.services.uploads.world import NOW


def test_what_is_said_of_the_only_event_of_a_file_counts_for_one_on_record_and_can_be_taken_back():
    event = Event(id=7, name="Q3 Review", type="webinar", topic="Quarter", status="held")
    event.source, event.held_on, event.starts_at = "zoom", date(2026, 10, 5), NOW
    event.duration_minutes, event.polls_asked, event.source_event_id = 60, None, None
    row = {"type": "workshop", "topic": "Pricing", "source": "zoom", "held_on": date(2026, 10, 5)}
    row |= {"duration_minutes": None, "polls_asked": None, "source_event_id": None}
    said = edit_of(Choices(only_event={"type": "workshop", "topic": "Pricing"}), 0)
    (image,) = correct(
        event, row | {"starts_at": NOW.replace(tzinfo=None)}, said, NOW, planned=False
    )
    assert (event.type, event.topic) == ("workshop", "Pricing")
    assert image == {
        "id": 7,
        "old": {"type": "webinar", "topic": "Quarter"},
        "new": {"type": "workshop", "topic": "Pricing"},
    }


NOON = datetime(2026, 11, 16, 15, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def told(
    at: datetime, number: str | None = None, source: str = "zoom", zone: str = "UTC", **more: Any
) -> dict[str, Any]:
    return {
        "event_id": None,
        "name_key": "daily call",
        "source": source,
        "source_event_id": number,
        "starts_at": at.replace(tzinfo=None),
        "held_on": at.astimezone(ZoneInfo(zone)).date(),
        "zone": zone,
        **more,
    }


def known(*rows: dict[str, Any], lasts: timedelta | None = None) -> KnownEvents:
    return KnownEvents(
        OnRecord(
            number, row["name_key"], row["source"], row["source_event_id"], row["held_on"],
            row["starts_at"].replace(tzinfo=UTC),
            row["starts_at"].replace(tzinfo=UTC) + lasts if lasts else None, row["zone"],
        )
        for number, row in enumerate(rows, 1)
    )  # fmt: skip


@pytest.mark.parametrize("midnight", [False, True])
@pytest.mark.parametrize(
    "numbers",
    [["845"] * 4, ["oh-1", "oh-2", "oh-3", "oh-4"], [None] * 4, ["845", None, "845", None]],
)
def test_each_day_of_a_series_is_an_event_of_its_own(numbers: list[str | None], midnight: bool):
    first = NOON.replace(hour=0) if midnight else NOON
    days = [told(first + n * DAY, number) for n, number in enumerate(numbers)]
    for n in range(1, 4):
        assert known(*days[:n]).find(days[n]) is None
    assert [known(*days).find(day) for day in days] == [1, 2, 3, 4]


def test_other_id_of_one_platform_is_another_event_unless_a_person_says_so():
    on_record = known(told(NOON, "845"))
    assert on_record.find(told(NOON, "846")) is None
    assert on_record.find(told(NOON, "846", renamed=True)) == 1
    assert on_record.find(told(NOON, "c-9", source="api")) == 1
    assert on_record.find(told(NOON)) == 1


@pytest.mark.parametrize("number", ["845", None])
def test_same_event_told_in_another_zone_or_by_its_day_alone_is_found(number: str | None):
    evening = datetime(2026, 11, 17, 1, tzinfo=UTC)  # the 16th in New York
    on_record = known(told(evening, number, zone="America/New_York"))
    assert on_record.find(told(evening, number)) == 1
    assert on_record.find(told(evening - 5 * HOUR, number)) == 1  # read as if it were UTC
    for day in (16, 17):
        assert on_record.find(told(datetime(2026, 11, day, tzinfo=UTC), number)) == 1
    for day in (15, 18):
        assert on_record.find(told(datetime(2026, 11, day, tzinfo=UTC), number)) is None


def test_any_day_of_a_conference_is_the_conference():
    on_record = known(told(NOON), lasts=2 * DAY)
    assert [on_record.find(told(NOON + n * DAY, "7")) for n in (-1, 0, 1, 2, 3)] == [
        None, 1, 1, 1, None,
    ]  # fmt: skip
