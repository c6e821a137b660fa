"""Records of programs and people as an attendance file: ids looked up, events told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Customer, Stakeholder, StakeholderEmail
from integrations.attendance_records import AttendanceRecord
from integrations.formats.records import TOLD, ParsedFile
from integrations.hooks.records import file_of
from services.access import Viewer, visible
from services.ids import read_id
from services.uploads.entry_events import events_of

NO_CUSTOMER = "There is no such customer in your portfolio"
NO_STAKEHOLDER = "There is no such stakeholder in your portfolio"
_AT_ONCE = 500


@dataclass(frozen=True)
class Person:
    """Whom a record means. `stated`: the customer it names; `problem`: why it cannot be used."""

    email: str | None
    name: str | None
    company: str | None
    stated: int | None = None
    problem: str | None = None


def people_of(session: Session, records: Sequence[AttendanceRecord], by: Viewer) -> list[Person]:
    """The person of each record; ids that `by` may not see are a problem in the same words as unknown ones."""
    customers = _customers(session, {_number("customer", r.customer_id) for r in records}, by)
    known = _stakeholders(session, {_number("stakeholder", r.stakeholder_id) for r in records}, by)
    return [_person(record, customers, known) for record in records]


def _person(
    record: AttendanceRecord, customers: dict[int, str], known: dict[int, Person]
) -> Person:
    given = Person(record.email or None, record.name or None, record.company or None)
    if record.stakeholder_id is not None:
        found = known.get(_number("stakeholder", record.stakeholder_id) or 0)
        return found or replace(given, problem=NO_STAKEHOLDER)
    if record.customer_id is None:
        return given
    number = _number("customer", record.customer_id) or 0
    if number not in customers:
        return replace(given, problem=NO_CUSTOMER)
    return replace(given, company=customers[number], stated=number)


def _number(kind: str, text: str | None) -> int | None:
    try:
        return read_id(kind, text) if text else None
    except NotFound:
        return 0


def _customers(session: Session, wanted: Iterable[int | None], by: Viewer) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _some(wanted):
        named = select(Customer.id, Customer.name).where(Customer.id.in_(some), visible(by))
        found |= {row[0]: row[1] for row in session.execute(named)}
    return found


def _stakeholders(session: Session, wanted: Iterable[int | None], by: Viewer) -> dict[int, Person]:
    found: dict[int, Person] = {}
    for some in _some(wanted):
        rows = session.execute(
            select(Stakeholder, Customer.name, StakeholderEmail.email)
            .join(Customer, Customer.id == Stakeholder.customer_id)
            .outerjoin(StakeholderEmail, StakeholderEmail.stakeholder_id == Stakeholder.id)
            .where(Stakeholder.id.in_(some), visible(by))
            .order_by(StakeholderEmail.is_primary, StakeholderEmail.email.desc())
        )
        for one, company, email in rows:  # the primary address comes last, and stays
            name = f"{one.first_name} {one.last_name}".strip() or None
            found[one.id] = Person(email, name, company, one.customer_id)
    return found


def _some(wanted: Iterable[int | None]) -> Iterable[list[int]]:
    numbers = sorted(number for number in wanted if number)
    return (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))


def file_from(
    session: Session,
    records: Sequence[AttendanceRecord],
    people: Sequence[Person],
    *,
    form: str,
    label: str,
) -> ParsedFile:
    """The records as a parsed file, row by row; `events` has the columns of `entry_events.Meant.more`, too.

    A program that calls says what is so now. What a system posts may arrive in any order.
    """
    meant = events_of(session, records, form)
    rows = [
        _row(record, person, ref, problem)
        for record, person, ref, problem in zip(
            records, people, meant.refs, meant.problems, strict=True
        )
    ]
    kind = TOLD if form == "signed" else "attendance"
    parsed = file_of(form, label, form, kind, meant.events, rows)
    return replace(parsed, events=parsed.events.hstack(meant.more))


def _row(record: AttendanceRecord, person: Person, ref: int, problem: str | None) -> dict[str, Any]:
    did = record.attendance
    return {
        "event_ref": ref,
        "email": person.email,
        "name": person.name,
        "company": person.company,
        "role": "panelist" if did.spoke else None,
        "status": did.word,
        "joined_at": _naive(did.joined_at),
        "left_at": _naive(did.left_at),
        "minutes": did.duration,
        "questions": did.questions_asked,
        "polls": did.polls_answered,
        "downloads": did.downloads_count,
        "feedback": did.feedback,
        "completed": did.completed,
        "passed": did.passed,
        "sessions": "; ".join(s for s in did.sessions_attended if s) or None,
        "problem": person.problem or problem,
    }


def _naive(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at else None
