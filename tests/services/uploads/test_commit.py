"""What an import leaves on record, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.db import transaction
from services.access import SYSTEM
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, load_customers

ZOOM = Path(__file__).resolve().parents[2] / "samples" / "zoom_webinar_attendee_2025.csv"


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def names(engine: Engine) -> set[str]:
    with transaction(engine, read_only=True) as session:
        return set(session.scalars(text("SELECT name FROM participant")))


def test_hosts_and_note_takers_are_not_kept(world: Engine):
    shown = bring_in(world, ZOOM)
    assert shown["excluded"] == 2
    assert "Grace O'Malley" in names(world)
    assert not {name for name in names(world) if "Ortiz" in name or "Notetaker" in name}
    undo(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert names(world) == set()
