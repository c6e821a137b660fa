"""A webinar of last week with people of two customers, as rows on record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from data.tables import Attendance, AttendanceNote, Customer, Event, Participant, Upload
from data.tables.events import ATTENDED
from tests.support.portfolio import Portfolio

WEEK = timedelta(days=7)


def event(
    session: Session, starts_at: datetime, name: str = "API best practices", **said: Any
) -> int:
    row = Event(
        name=name,
        name_key=f"{name.lower()} {starts_at:%Y%m%d}",
        starts_at=starts_at,
        held_on=starts_at.date(),
        created_at=starts_at,
        **{"type": "webinar", "topic": "Automation", "duration_minutes": 60.0, **said},
    )
    session.add(row)
    session.flush()
    return row.id


def seat(
    session: Session,
    event_id: int,
    customer_id: int | None,
    stakeholder_id: int | None,
    status: int = ATTENDED,
    **said: Any,
) -> int:
    """A participant with one attendance; its id."""
    given = {"band": "automatic", "key": f"{customer_id}-{stakeholder_id}", "asked": (), **said}
    person = session.query(Participant).filter_by(person_key=given["key"]).one_or_none()
    if person is None:
        person = Participant(
            person_key=given["key"],
            customer_id=customer_id,
            stakeholder_id=stakeholder_id,
            band=given["band"],
            confidence=0.99,
            evidence="email",
        )
        session.add(person)
        session.flush()
    facts = {k: v for k, v in said.items() if k not in ("band", "key", "asked")}
    upload_id = upload(session)
    session.add(
        Attendance(
            participant_id=person.id,
            event_id=event_id,
            status=status,
            upload_id=upload_id,
            **facts,
        )
    )
    session.flush()
    for text in given["asked"]:
        session.add(
            AttendanceNote(
                participant_id=person.id,
                event_id=event_id,
                upload_id=upload_id,
                kind="qa",
                text=text,
            )
        )
    session.flush()
    return person.id


def upload(session: Session) -> int:
    found = session.query(Upload).first()
    if found is None:
        found = Upload(
            file_name="seats.csv",
            sha256="0" * 64,
            size=1,
            state="committed",
            uploaded_at=datetime.fromisoformat("2026-11-01T00:00:00+00:00"),
        )
        session.add(found)
        session.flush()
    return found.id


def with_goals(session: Session, known: Portfolio) -> None:
    """TechCorp wants what the webinar is about, DataPro something else."""
    session.get_one(Customer, known.techcorp).goals = ["Automate renewal reminders"]
    session.get_one(Customer, known.datapro).goals = ["Roll out to a second region"]
    session.flush()


def within(session: Session) -> Callable[[], AbstractContextManager[Session]]:
    """Every transaction a part of the test's own."""

    @contextmanager
    def transact() -> Any:
        session.flush()
        yield session
        session.flush()

    return transact
