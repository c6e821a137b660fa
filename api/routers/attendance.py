"""Attendance recorded by program, and the events of one customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.auth import By
from data.db import transaction
from integrations.attendance_records import MOST, AttendanceBatch, OneOrMany
from services.attendance.history import EventSeen, history
from services.attendance.levels import RULE
from services.clock import utc_now
from services.ids import public_id, read_id
from services.uploads.entries import Answer, record

router = APIRouter(prefix="/events", tags=["attendance"])

_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True)
_KEY = "Your name for this call: sent again with the same key, nothing is recorded twice"


class RecordAnswer(BaseModel):
    model_config = _SHAPE

    verdict: str = Field(
        description="matched, review, unmatched, rejected, duplicate or excluded; the first three are kept"
    )
    reason: str | None
    event_id: str | None
    customer_id: str | None
    customer: str | None
    stakeholder_id: str | None
    confidence: float | None = Field(description="0 to 1: how sure the match is")


class AttendanceAnswer(BaseModel):
    model_config = _SHAPE

    upload_id: str | None = Field(
        description="To look at or undo it; null when no record could be used: nothing was written"
    )
    repeat: bool = Field(description="The same was recorded before; nothing was done")
    records: list[RecordAnswer] = Field(description="In the order they were sent")


class EventInfo(BaseModel):
    model_config = _SHAPE

    id: str
    name: str
    type: str
    topic: str | None
    date: date


class AttendanceInfo(BaseModel):
    model_config = _SHAPE

    status: str
    registered: bool
    attended: bool
    duration: float | None = Field(description="Minutes; null when not reported")
    engagement_level: str | None = Field(description=f"high, medium or low. {RULE}")
    questions_asked: int | None
    downloads_count: int | None
    polls_answered: int | None
    sessions_attended: list[str]
    completed: bool | None
    passed: bool | None


class FollowUpInfo(BaseModel):
    model_config = _SHAPE

    generated: bool
    draft_id: str | None
    sent: bool
    sent_at: datetime | None


class EventAttendance(BaseModel):
    model_config = _SHAPE

    id: str
    customer_id: str
    stakeholder_id: str | None
    name: str | None
    event: EventInfo
    attendance: AttendanceInfo
    follow_up: FollowUpInfo
    csm_notified: bool
    detected_at: datetime | None = Field(
        description="When we learned of it; null for events too old to follow up"
    )


class CustomerEvents(BaseModel):
    model_config = _SHAPE

    customer_id: str
    total: int
    records: list[EventAttendance] = Field(description="The newest event first")


@router.post("/attendance", summary="Record attendance")
def record_attendance(
    body: OneOrMany,
    by: By,
    idempotency_key: Annotated[str | None, Header(max_length=200, description=_KEY)] = None,
) -> AttendanceAnswer:
    """One record, or `{"records": […]}` with up to 1,000. All that can be used are kept together, as one
    upload that can be undone; each record has its verdict. Without a key, the same records count once."""
    records = body.records if isinstance(body, AttendanceBatch) else [body]
    with transaction() as session:
        made = record(session, records, by=by, now=utc_now(), key=idempotency_key)
    return AttendanceAnswer(
        upload_id=public_id("upload", made.upload_id) if made.upload_id else None,
        repeat=made.repeat,
        records=[_answer(one) for one in made.answers],
    )


def _answer(one: Answer) -> RecordAnswer:
    return RecordAnswer(
        verdict=one.verdict,
        reason=one.reason,
        event_id=_public("event", one.event_id),
        customer_id=_public("customer", one.customer_id),
        customer=one.customer,
        stakeholder_id=_public("stakeholder", one.stakeholder_id),
        confidence=one.confidence,
    )


@router.get("/customer/{customer_id}", summary="The events of a customer, person by person")
def customer_events(
    customer_id: str,
    by: By,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> CustomerEvents:
    number = read_id("customer", customer_id)
    with transaction(read_only=True) as session:
        rows, total = history(session, by, number, limit=limit, offset=offset)
    return CustomerEvents(
        customer_id=customer_id, total=total, records=[_event(customer_id, row) for row in rows]
    )


def _event(customer_id: str, row: EventSeen) -> EventAttendance:
    return EventAttendance(
        id=f"att_{row.participant_id}_{row.event_id}",
        customer_id=customer_id,
        stakeholder_id=_public("stakeholder", row.stakeholder_id),
        name=row.name,
        event=EventInfo(
            id=public_id("event", row.event_id),
            name=row.event,
            type=row.type,
            topic=row.topic,
            date=row.held_on,
        ),
        attendance=AttendanceInfo(
            status=row.status,
            registered=row.status != "cancelled",
            attended=row.status == "attended",
            duration=round(row.minutes, 1) if row.minutes is not None else None,
            engagement_level=row.level,
            questions_asked=row.questions,
            downloads_count=row.downloads,
            polls_answered=row.polls,
            sessions_attended=list(row.sessions),
            completed=row.completed,
            passed=row.passed,
        ),
        follow_up=FollowUpInfo(
            generated=row.draft_id is not None,
            draft_id=_public("draft", row.draft_id),
            sent=row.sent_at is not None,
            sent_at=row.sent_at,
        ),
        csm_notified=row.notified_at is not None,
        detected_at=row.detected_at,
    )


def _public(kind: str, number: int | None) -> str | None:
    return public_id(kind, number) if number is not None else None
