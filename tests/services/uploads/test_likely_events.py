"""A file that adds to an event finds it, or asks which one is meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Event
from services.access import SYSTEM
from services.uploads import intake
from services.uploads.likely_events import homeless
from services.uploads.records import Choices
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
QUESTIONS = SAMPLES / "zoom_qa.csv"
"""Of "Fall Release, Live: Dashboards & Alerts", on 17 September 2026."""


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def on_record(engine: Engine, folder: Path, *events: tuple[str, str]) -> None:
    lines = [line("maria.lopez@dataflow.io", event=name, Date=at) for name, at in events]
    bring_in(engine, write_csv(folder / "a.csv", lines))


def asked(engine: Engine, path: Path) -> tuple[int, list[tuple[str, date]]]:
    done = bring_in(engine, path, commit=False)
    with transaction(engine, read_only=True) as session:
        found = homeless(session, SYSTEM, done["upload_id"])
    return done["upload_id"], [(one.name, one.held_on) for lost in found for one in lost.likely]


def events(engine: Engine) -> set[tuple[str, date, str]]:
    with transaction(engine, read_only=True) as session:
        found = session.execute(select(Event.name, Event.held_on, Event.starts_at)).all()
        return {(name, held_on, f"{starts:%H:%M}") for name, held_on, starts in found}


def test_event_of_the_same_day_is_proposed_and_joined_as_it_is(world: Engine, tmp_path: Path):
    on_record(
        world,
        tmp_path,
        ("Release Webinar", "2026-09-17 15:00"),
        ("Far Away", "2026-10-17 15:00"),
    )
    before = events(world)
    number, likely = asked(world, QUESTIONS)
    assert likely == [("Release Webinar", date(2026, 9, 17))]
    with transaction(world, read_only=True) as session:
        (lost,) = homeless(session, SYSTEM, number)
    chosen = Choices(events={lost.event_ref: dict(lost.likely[0].choices)})
    intake.preview(number, now=NOW, choices=chosen, engine=world)
    with transaction(world, read_only=True) as session:
        assert homeless(session, SYSTEM, number) == []
    intake.commit(number, by=SYSTEM, now=NOW, engine=world)
    assert events(world) == before


def test_event_of_the_same_name_on_another_day_is_joined_without_moving_it(
    world: Engine, tmp_path: Path
):
    name = "Fall Release, Live: Dashboards & Alerts"
    on_record(world, tmp_path, (name, "2026-09-30 15:00"))
    before = events(world)
    number, likely = asked(world, QUESTIONS)
    assert likely == [(name, date(2026, 9, 30))]
    with transaction(world, read_only=True) as session:
        (lost,) = homeless(session, SYSTEM, number)
    chosen = Choices(events={lost.event_ref: dict(lost.likely[0].choices)})
    intake.preview(number, now=NOW, choices=chosen, engine=world)
    intake.commit(number, by=SYSTEM, now=NOW, engine=world)
    assert events(world) == before


def test_nothing_is_asked_where_the_event_is_on_record_or_the_file_makes_one(
    world: Engine, tmp_path: Path
):
    bring_in(world, SAMPLES / "zoom_webinar_attendee_2025.csv")
    assert asked(world, QUESTIONS)[1] == []
    with transaction(world, read_only=True) as session:
        assert homeless(session, SYSTEM, 1) == []


def test_waiting_preview_no_longer_asks_for_an_event_that_was_imported_since(
    world: Engine, tmp_path: Path
):
    number, _ = asked(world, QUESTIONS)
    name = "Fall Release, Live: Dashboards & Alerts"
    on_record(world, tmp_path, (name, "2026-09-17 11:00"))
    with transaction(world, read_only=True) as session:
        assert homeless(session, SYSTEM, number) == []
    before = events(world)
    intake.commit(number, by=SYSTEM, now=NOW, engine=world)
    assert {(held, on) for held, on, _ in events(world)} == {(held, on) for held, on, _ in before}
