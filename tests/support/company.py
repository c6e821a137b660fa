"""A vendor with customers, contacts and colleagues, and a year of events in one table of its own making."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

from sqlalchemy import Engine

from data.db import transaction
from data.tables import Person
from integrations.sandbox import read_file
from services.access import SYSTEM, signin
from services.customers import import_customers, import_stakeholders
from services.demo.crm import write_customers, write_stakeholders
from services.demo.platforms.plain import save, text_of
from services.demo.story import Story, mail_of_colleague, tell
from services.outbox import SendPolicy, policy

COLUMNS = (
    "Customer", "Name", "Email", "Event", "Event Type", "Topic", "Date", "Event Duration",
    "Status", "Duration", "Questions", "Polls", "Downloads", "Feedback", "Role",
)  # fmt: skip
ADMIN = "Sam Rivera"


def found_company(engine: Engine, folder: Path, now: datetime) -> Story:
    """Colleagues, customers and contacts on an empty database; mail may leave at any hour and at once."""
    story = tell(now.date())
    with transaction(engine) as session:
        session.add(_person(ADMIN, "admin", now))
        session.add_all(_person(name, "csm", now) for name in story.csms)
        session.flush()
        for path, purpose, take in (
            (write_customers(folder, story), "customers", import_customers),
            (write_stakeholders(folder, story), "stakeholders", import_stakeholders),
        ):
            take(session, read_file(path, purpose=purpose), by=SYSTEM, now=now)
        always = {"quiet_from": time(0), "quiet_until": time(0), "weekends": True}
        policy.save(session, replace(SendPolicy(), undo_seconds=0, **always), by=SYSTEM, now=now)
    return story


def attendance_table(folder: Path, story: Story) -> Path:
    """The whole year as somebody keeps it in a spreadsheet."""
    rows = [
        (
            seat.member.company, seat.member.name, seat.member.email, held.event.name,
            held.event.type.replace("_", " "), held.event.topic, f"{held.start:%Y-%m-%d %H:%M}",
            held.event.minutes, seat.status.replace("_", " "), seat.minutes, seat.questions, seat.polls, seat.downloads,
            seat.feedback, seat.role,
        )
        for held in story.events
        for seat in held.seats
    ]  # fmt: skip
    return save(folder / f"event_attendance_{story.day.year}.csv", text_of([COLUMNS, *rows]))


def session_of(engine: Engine, name: str, now: datetime) -> str:
    """The cookie of a colleague who has just signed in."""
    with transaction(engine) as session:
        person = session.query(Person).filter_by(name=name).one()
        return signin.start_session(session, person.id, now)


def _person(name: str, role: str, now: datetime) -> Person:
    return Person(name=name, email=mail_of_colleague(name), role=role, created_at=now)
