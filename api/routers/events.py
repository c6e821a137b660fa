"""The catalogue of events by program: plan, look up, change, call off."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import By
from api.event_plans import (
    CancelBody,
    Consequences,
    EventAnswer,
    EventBody,
    body_from,
    plan_from,
    warnings_of,
)
from data.db import transaction
from data.tables import Event
from services.access import Viewer
from services.clock import utc_now
from services.ids import public_id, read_id
from services.invitations import catalogue
from services.invitations.calling_off import cancel_event
from services.invitations.funnel import funnel
from services.invitations.moving import change
from services.invitations.notices import Told

router = APIRouter(prefix="/events", tags=["events"])


@router.post("", status_code=201, summary="Plan an event")
def create_event(body: EventBody, by: By) -> EventAnswer:
    with transaction() as session:
        number = catalogue.create(session, plan_from(body), by=by, now=utc_now())
    return _shown(number, by)


@router.get("/{event_id}", summary="An event as it is planned")
def get_event(event_id: str, by: By) -> EventAnswer:
    return _shown(read_id("event", event_id), by)


@router.put("/{event_id}", summary="Change an event")
def change_event(event_id: str, body: EventBody, by: By) -> Consequences:
    """Sets all of it: sessions and offers that are left out go. Where it is at another time or place, mails
    with the old one are withdrawn, and notes to registered people are drafted.

    For managers, admins and whoever planned it; one that a file or a platform brought is everybody's to change
    until somebody works on it. Name, type and time of an event that has been held stay (409)."""
    number = read_id("event", event_id)
    with transaction() as session:
        done = change(session, number, plan_from(body), by=by, now=utc_now())
        answer = _led_to(number, done.withdrawn, done.told, done.anew)
        answer.warnings = warnings_of(catalogue.plan_of(session, number))
    return answer


@router.post("/{event_id}/cancel", summary="Call an event off")
def cancel(event_id: str, body: CancelBody, by: By) -> Consequences:
    """Withdraws its mails that have not left and drafts notes to registered people. For managers, admins and
    whoever planned it."""
    number = read_id("event", event_id)
    with transaction() as session:
        done = cancel_event(session, number, body.why, by=by, now=utc_now())
    return _led_to(number, done.withdrawn, done.told)


def _led_to(number: int, withdrawn: int, told: Told | None, anew: int = 0) -> Consequences:
    told = told or Told()
    return Consequences(
        event_id=public_id("event", number), withdrawn=withdrawn, drafted_anew=anew,
        notes=told.drafts, calls=told.calls, unknown=told.unknown,
        waiting=told.waiting,
    )  # fmt: skip


def _shown(number: int, by: Viewer) -> EventAnswer:
    with transaction(read_only=True) as session:
        plan = catalogue.plan_of(session, number)
        event = session.get_one(Event, number)
        counted = funnel(session, by, number, utc_now())
        return EventAnswer.model_validate(
            body_from(plan)
            | {
                "event_id": public_id("event", number), "status": event.status,
                "cancelled_why": event.cancelled_why, "invited": counted.stages[0][1],
                "registered": counted.registered, "free_seats": counted.free,
                "warnings": warnings_of(plan),
            }
        )  # fmt: skip
