"""What the facts themselves tell of a customer: taken back with them, so never noted apart."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from data.tables import (
    Attendance,
    AuditEntry,
    Customer,
    Event,
    Participant,
    Person,
    Stakeholder,
    Upload,
)
from data.tables.events import ATTENDED, CANCELLED, NO_SHOW, REGISTERED, SELF_PACED
from data.types import UtcDateTime
from services.customers.merging import merged_ids
from services.ids import public_id
from services.timeline.entry import Entry

_DONE = {
    "customer.edited": "Customer edited",
    "customer.domain_added": "Domain added",
    "customer.domain_removed": "Domain removed",
    "customer.name_added": "Other name added",
    "customer.name_removed": "Other name removed",
    "customer.identifier_added": "Identifier added",
    "customer.identifier_removed": "Identifier removed",
    "customer.merged": "Merged with a duplicate",
    "customer.unmerged": "Merge taken back",
    "stakeholder.added": "Stakeholder added",
    "stakeholder.edited": "Stakeholder edited",
}


def _events(
    session: Session, customer: Customer, before: datetime | None, count: int
) -> list[Entry]:
    def people(status: int) -> Any:
        return func.sum(case((Attendance.status == status, 1), else_=0))

    course = Event.source.in_(SELF_PACED)
    finished = func.max(case((course & (Attendance.status == ATTENDED), Attendance.joined_at)))
    at = func.coalesce(finished, Event.starts_at, type_=UtcDateTime())
    rows = session.execute(
        select(
            Event.id,
            Event.name,
            Event.source,
            at.label("at"),
            people(ATTENDED).label("attended"),
            people(REGISTERED).label("registered"),
            people(NO_SHOW).label("no_show"),
            people(CANCELLED).label("cancelled"),
            func.sum(case((Attendance.status == ATTENDED, Attendance.questions))).label(
                "questions"
            ),
        )
        .join(Attendance, Attendance.event_id == Event.id)
        .join(Participant, Participant.id == Attendance.participant_id)
        .where(Participant.customer_id == customer.id, Participant.band == "automatic")
        .group_by(Event.id, Event.name, Event.source, Event.starts_at)
        .having(*([at < before] if before else []))
        .order_by(at.desc(), Event.id)
        .limit(count)
    )
    return [
        Entry(
            at=row.at,
            kind="event",
            title=_learned(row) if row.source in SELF_PACED else _happened(row),
            detail=_counts(row),
            screen="engagement",
            query=(("customer", public_id("customer", customer.id)),),
        )
        for row in rows
    ]


def _happened(row: Any) -> str:
    if row.attended:
        return f"Attended {row.name}"
    if row.no_show:
        return f"Registered but not seen: {row.name}"
    return f"Registered for {row.name}" if row.registered else f"Cancelled: {row.name}"


def _learned(row: Any) -> str:
    """Of a course, which each finishes on their own day."""
    return f"Finished {row.name}" if row.attended else f"Enrolled in {row.name}"


def _counts(row: Any) -> str:
    words = {
        "attended": "attended",
        "registered": "registered",
        "no_show": "did not come",
        "cancelled": "cancelled",
        "questions": "question asked" if row.questions == 1 else "questions asked",
    }
    return ", ".join(f"{getattr(row, k)} {w}" for k, w in words.items() if getattr(row, k))


def _uploads(
    session: Session, customer: Customer, before: datetime | None, count: int
) -> list[Entry]:
    touched = (
        select(Attendance.upload_id)
        .join(Participant, Participant.id == Attendance.participant_id)
        .where(Participant.customer_id == customer.id)
        .distinct()
    )
    rows = session.execute(
        select(Upload.id, Upload.file_name, Upload.label, Upload.committed_at, Person.name)
        .outerjoin(Person, Person.id == Upload.uploaded_by)
        .where(Upload.state == "committed", Upload.id.in_(touched))
        .where(*([Upload.committed_at < before] if before else []))
        .order_by(Upload.committed_at.desc())
        .limit(count)
    )
    return [
        Entry(
            at=row.committed_at,
            kind="upload",
            title=f"File counted: {row.file_name}",
            detail=_joined(row.label, row.name),
            screen="upload",
            query=(("upload", public_id("upload", row.id)),),
        )
        for row in rows
        if row.committed_at
    ]


def _edits(
    session: Session, customer: Customer, before: datetime | None, count: int
) -> list[Entry]:
    people = select(Stakeholder.id).where(Stakeholder.customer_id == customer.id)
    own = [customer.id, *merged_ids(session, customer.id)]
    a = AuditEntry
    rows = session.execute(
        select(a.at, a.action, a.what, Person.name)
        .outerjoin(Person, Person.id == a.person_id)
        .where(
            or_(
                (a.entity == "customer") & a.entity_id.in_(own),
                (a.entity == "stakeholder") & a.entity_id.in_(people),
            )
        )
        .where(*([a.at < before] if before else []))
        .order_by(a.at.desc(), a.id.desc())
        .limit(count)
    )
    return [
        Entry(row.at, "edit", _DONE.get(row.action) or str(row.action), _joined(row.what, row.name))
        for row in rows
    ]


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _dates(
    _session: Session, customer: Customer, before: datetime | None, _count: int
) -> list[Entry]:
    told = (
        (customer.started_on, "Became a customer"),
        (customer.renews_on, "Renewal"),
        (customer.churned_on, "Left"),
    )
    entries = [
        Entry(datetime.combine(day, time(), UTC), "date", title, "", whole_day=True)
        for day, title in told
        if day
    ]
    latest = before or datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    return [entry for entry in entries if entry.at < latest]


SOURCES = {"event": _events, "upload": _uploads, "edit": _edits, "date": _dates}
"""By kind: (session, customer, older than, at most) to entries, newest first."""
