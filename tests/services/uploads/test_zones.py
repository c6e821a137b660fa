"""Times of a file that names no zone: read in the installation's, else in that of whoever uploads, and said so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.settings import settings
from data.tables import Event, Person, Upload
from services.access.viewer import Viewer
from services.uploads.records import Choices
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv


@pytest.fixture
def berlin(engine: Engine) -> Viewer:
    load_customers(engine)
    with transaction(engine) as session:
        own = Person(name="Ana", role="admin", active=True, created_at=NOW)
        own.time_zone = "Europe/Berlin"
        session.add(own)
        session.flush()
        return Viewer(own.id, own.name, None, "admin", sees_all=True)


def _told(engine: Engine, path: Path, by: Viewer, **chosen: Any) -> tuple[datetime, Any]:
    done = bring_in(engine, path, by=by, choices=Choices(**chosen))
    with transaction(engine, read_only=True) as session:
        upload = session.get_one(Upload, done["upload_id"])
        return session.scalars(select(Event)).one().starts_at, upload.summary["zone_assumed"]


def _at(hour: int) -> datetime:
    return datetime(2026, 10, 5, hour, tzinfo=UTC)


def test_uploaders_own_zone_is_supposed(engine: Engine, berlin: Viewer, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    assert _told(engine, path, berlin) == (_at(13), ["Europe/Berlin", "person"])


def test_zone_of_the_installation_comes_first(
    engine: Engine, berlin: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_DEFAULT_ZONE", "America/New_York")
    settings.cache_clear()
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    told = _told(engine, path, berlin)
    settings.cache_clear()
    assert told == (_at(19), ["America/New_York", "installation"])


def test_nothing_is_supposed_where_the_zone_is_chosen_or_told_or_no_hour_is(
    engine: Engine, berlin: Viewer, tmp_path: Path
):
    path = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io")])
    assert _told(engine, path, berlin, zone="Asia/Tokyo") == (_at(6), None)
    for name, said in (("b.csv", "2026-10-05T06:00:00Z"), ("c.csv", "2026-10-05")):
        path = write_csv(tmp_path / name, [line("tom.reed@dataflow.io", Date=said)])
        assert _told(engine, path, berlin)[1] is None
