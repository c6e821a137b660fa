"""An event of the catalogue, from its first registration to the attendance, through the door of uploads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Event, Invitation, Registration, Upload
from services.access.viewer import SYSTEM
from services.invitations import catalogue
from services.invitations.answers import answer
from services.invitations.catalogue import EventPlan
from services.invitations.links import new_tokens
from services.invitations.reconcile import reconcile
from services.invitations.registrations import register, take_over
from services.uploads.records import Choices
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

STARTS = datetime(2026, 12, 5, 15, tzinfo=UTC)
SUMMIT, DAY = "Automation Summit", "2026-12-05 15:00:00"


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def invite_grace(engine: Engine) -> int:
    with transaction(engine) as session:
        plan = EventPlan(SUMMIT, STARTS, ends_at=STARTS + timedelta(hours=1))
        event = catalogue.create(session, plan, by=SYSTEM, now=NOW)
        grace = Invitation(
            event_id=event, customer_id=2, stakeholder_id=3, token=new_tokens(session, 1)[0],
            created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(grace)
    return event


def settle(engine: Engine, event: int, now: datetime) -> tuple[str, str]:
    """The states of the event and of the one invitation."""
    with transaction(engine) as session:
        take_over(session, [event], now)
        reconcile(session, [event], now)
        return session.get_one(Event, event).status, session.scalars(select(Invitation.state)).one()


def test_planned_event_becomes_the_one_that_files_speak_of_and_back(world: Engine, tmp_path: Path):
    event = invite_grace(world)
    lines = [
        line("grace@private.example", SUMMIT, Date=DAY, Status="Registered", Name="Grace Hill"),
        line("tom.reed@dataflow.io", SUMMIT, Date=DAY, Status="Registered"),
    ]
    first = bring_in(world, write_csv(tmp_path / "registered.csv", lines))
    assert settle(world, event, NOW) == ("planned", "registered")
    later = STARTS + timedelta(days=1)
    came = [line("grace.hill@cobaltharbor.com", SUMMIT, Date=DAY)]
    second = bring_in(world, write_csv(tmp_path / "attended.csv", came), now=later)
    assert settle(world, event, later) == ("held", "attended")
    with transaction(world, read_only=True) as session:
        assert session.query(Event).count() == 1
        kept = session.execute(select(Registration.email, Registration.state)).all()
        assert ("tom.reed@dataflow.io", "no_show") in [tuple(row) for row in kept]
    undo(second["upload_id"], by=SYSTEM, now=later, engine=world)
    assert settle(world, event, NOW) == ("planned", "registered")
    undo(first["upload_id"], by=SYSTEM, now=later, engine=world)
    assert settle(world, event, NOW) == ("planned", "drafted")


@pytest.mark.parametrize(
    ("date", "edit"),
    [
        (DAY, {"zone": "America/New_York"}),
        ("2026-12-06 04:00:00", {"date": "2026-12-06", "type": "workshop"}),
    ],
)
def test_planned_event_keeps_its_time_and_type_whatever_is_set_in_a_preview(
    world: Engine, tmp_path: Path, date: str, edit: dict[str, str]
):
    event = invite_grace(world)
    lines = [line("tom.reed@dataflow.io", SUMMIT, Date=date, Status="Registered", Duration="")]
    brought = bring_in(
        world,
        write_csv(tmp_path / "registered.csv", lines),
        choices=Choices(events={"0": {**edit, "topic": "Growth"}}),
    )
    with transaction(world, read_only=True) as session:
        found = session.query(Event).one()
        assert (found.id, found.starts_at, found.time_zone) == (event, STARTS, "UTC")
        assert (found.name, found.type, found.topic) == (SUMMIT, "webinar", "Growth")
        (said,) = session.get_one(Upload, brought["upload_id"]).summary["warnings"]
        assert said.startswith(f"“{SUMMIT}” is an event that was planned: its name, type and time")


def test_registration_list_that_is_uploaded_again_takes_no_yes_back(world: Engine, tmp_path: Path):
    event = invite_grace(world)
    gone = line("grace.hill@cobaltharbor.com", SUMMIT, Date=DAY, Status="Cancelled")
    bring_in(world, write_csv(tmp_path / "first.csv", [gone]))
    assert settle(world, event, NOW) == ("planned", "declined")
    later = NOW + timedelta(hours=1)
    with transaction(world) as session:
        answer(session, session.query(Invitation).one().token, "virtual", now=later)
    more = line("tom.reed@dataflow.io", SUMMIT, Date=DAY, Status="Registered")
    last = later + timedelta(hours=1)
    bring_in(world, write_csv(tmp_path / "second.csv", [gone, more]), now=last)
    assert settle(world, event, last) == ("planned", "registered")


def test_event_of_a_file_that_is_taken_back_stays_for_those_who_were_invited(
    world: Engine, tmp_path: Path
):
    lines = [
        line("tom.reed@dataflow.io", n, Date=DAY, Status="Registered") for n in (SUMMIT, "Other")
    ]
    upload = bring_in(world, write_csv(tmp_path / "registered.csv", lines))
    with transaction(world) as session:
        event = session.scalars(select(Event).where(Event.name == SUMMIT)).one()
        take_over(session, list(session.scalars(select(Event.id))), NOW)
        grace = Invitation(
            event_id=event.id, customer_id=2, stakeholder_id=3,
            token=new_tokens(session, 1)[0], created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(grace)
        session.flush()
        register(session, grace, "virtual", source="link", now=NOW)
    undo(upload["upload_id"], by=SYSTEM, now=NOW, engine=world)
    with transaction(world, read_only=True) as session:
        assert session.scalars(select(Event.name)).all() == [SUMMIT]
        assert session.scalars(select(Registration.email)).all() == ["grace.hill@cobaltharbor.com"]
