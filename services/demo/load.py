"""The demo into an empty installation, through the same doors as real files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput
from data.tables import AppSetting, Customer, Event, Person, Upload
from integrations.formats.records import ParsedFile
from integrations.sandbox import read_file
from services.access import audit
from services.access.viewer import ADMINISTRATOR, CSM, MANAGER, Viewer, viewer_of
from services.customers import ImportResult, import_customers, import_stakeholders
from services.demo.calendar import PLANNED, START_HOUR, ZONE, planned_for
from services.demo.campaigns import load_campaigns
from services.demo.details import enter_details
from services.demo.files import DemoFiles, event_choices, write_files
from services.demo.plans import enter_plans
from services.demo.story import Story, mail_of_colleague, tell
from services.demo.tickets import enter_tickets
from services.mailboxes.changes import save_signature
from services.uploads.intake import import_file
from services.uploads.records import Choices

MARK = "demo"
ADMIN_NAME, MANAGER_NAME = "Sam Rivera", "Ruth Adler"


@dataclass(frozen=True)
class DemoLoaded:
    """`day` is the day the story is told from; `fresh` is False where it was there already."""

    day: date
    customers: int
    stakeholders: int
    files: int
    records: int
    planned: int
    fresh: bool


def load(now: datetime, engine: Engine | None = None) -> DemoLoaded:
    """Load the story as of the day of `now`; where it is loaded already nothing changes.

    BadInput when the installation holds anything else. An interrupted load is taken up again, with
    the day it began with.
    """
    with transaction(engine) as session:
        day, done = _claimed(session, now)
        admin = _people(session, tell(day), now)
    story = tell(day)
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        files = write_files(Path(folder), story)
        counts = [] if done else _import(files, admin, now, engine)
        if not done:
            load_campaigns(story, Path(folder), by=admin, now=now, engine=engine)
    if not done:
        with transaction(engine) as session:
            enter_details(session)
            _plan_events(session, day, now)
            enter_plans(session)
            enter_tickets(session, now)
            session.get_one(AppSetting, MARK).value = {"day": day.isoformat(), "done": True}
    return DemoLoaded(
        day=day,
        customers=len(story.accounts),
        stakeholders=sum(member.in_crm for member in story.members),
        files=len(files.attendance),
        records=sum(counts) if counts else sum(len(held.seats) for held in story.events),
        planned=len(PLANNED),
        fresh=not done,
    )


def _claimed(session: Session, now: datetime) -> tuple[date, bool]:
    """The day of the story and whether all of it is there; BadInput when there is something else."""
    mark = session.get(AppSetting, MARK)
    if mark is not None:
        return date.fromisoformat(mark.value["day"]), mark.value["done"]
    for table in (Customer, Upload, Event):
        if session.scalar(select(exists().select_from(table))):
            raise BadInput(
                "There are customers or uploads here already, and demo data would mix with them. "
                "Use an empty database for the demo."
            )
    day = now.date()
    session.add(
        AppSetting(name=MARK, value={"day": day.isoformat(), "done": False}, changed_at=now)
    )
    return day, False


def _people(session: Session, story: Story, now: datetime) -> Viewer:
    """Our own side: an admin, a manager and her CSMs. Gives the admin, who loads the files."""
    admin = _person(session, ADMIN_NAME, ADMINISTRATOR, None, now)
    manager = _person(session, MANAGER_NAME, MANAGER, None, now)
    for number, name in enumerate(story.csms):
        csm = _person(session, name, CSM, manager.id, now)
        signature = f"{name}\nCustomer Success Manager\n+1 415 555 01{number:02}"
        save_signature(session, signature, by=viewer_of(session, csm, now), now=now)
    return viewer_of(session, admin, now)


def _person(
    session: Session, name: str, role: str, manager_id: int | None, now: datetime
) -> Person:
    email = mail_of_colleague(name)
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, name=name, role=role, manager_id=manager_id, created_at=now)
        session.add(person)
        session.flush()  # the manager's id goes into the reports' rows
    return person


def _import(files: DemoFiles, by: Viewer, now: datetime, engine: Engine | None) -> list[int]:
    """All files in; gives the records of each attendance file."""
    steps: tuple[tuple[Path, str, Callable[..., ImportResult]], ...] = (
        (files.customers, "customers", import_customers),
        (files.stakeholders, "stakeholders", import_stakeholders),
    )
    for path, purpose, import_parsed in steps:
        parsed: ParsedFile = read_file(path, purpose=purpose)
        with transaction(engine) as session:
            import_parsed(session, parsed, by=by, now=now)
    records = []
    for held, path in files.attendance:
        choices = Choices(day_first=False, zone=ZONE, events={"0": event_choices(held)})
        summary = import_file(path, by=by, now=now, commit=True, choices=choices, engine=engine)
        records.append(int(summary["records"]))
    return records


def _plan_events(session: Session, day: date, now: datetime) -> None:
    """Those to come, planned by the manager."""
    manager = select(Person).where(Person.email == mail_of_colleague(MANAGER_NAME))
    by = viewer_of(session, session.scalars(manager).one(), now)
    for event in PLANNED:
        held_on = planned_for(event, day)
        local = datetime.combine(held_on, datetime.min.time(), ZoneInfo(ZONE))
        made = Event(
            name=event.name,
            name_key=event.name.lower(),
            type=event.type,
            topic=event.topic,
            starts_at=(local + timedelta(hours=START_HOUR)).astimezone(UTC),
            held_on=held_on,
            time_zone=ZONE,
            duration_minutes=float(event.minutes),
            status="planned",
            segments=list(event.segments) if event.segments else None,
            created_at=now,
        )
        session.add(made)
        session.flush()
        audit(session, by, "event.planned", "event", made.id, made.name, now)
