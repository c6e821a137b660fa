"""Whom an event fits, and invitations, by program."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import By
from api.invitation_answers import (
    AttendedEvent,
    EventHistory,
    InvitationsBody,
    InviteAnswer,
    InviteBody,
    LeftOut,
    MadeInvitation,
    PastInvitation,
    ReasonInfo,
    Recommendation,
    RecommendedCustomer,
    RelevantCustomer,
    RelevantCustomers,
)
from data.db import transaction
from services import customers
from services.attendance.history import history
from services.clock import utc_now
from services.ids import public_id, read_id
from services.invitations.fit.reasons import Reason
from services.invitations.inviting import Invited, Wishes, invite_many
from services.invitations.ranking import rank
from services.invitations.recommending import asked, recommendations

router = APIRouter(tags=["invitations"])


@router.get("/events/recommendations", summary="Whom to invite to the next events")
def event_recommendations(
    by: By, customers: Annotated[int, Query(ge=1, le=50, description="Per event")] = 10
) -> list[Recommendation]:
    with transaction(read_only=True) as session:
        found = recommendations(session, by, utc_now(), customers=customers)
    return [
        Recommendation(
            event_id=public_id("event", one.event_id), event=one.name, type=one.type, date=one.held_on,
            customers=[
                RecommendedCustomer(
                    customer_id=public_id("customer", fit.customer_id), customer=fit.customer,
                    chance=fit.chance, reasons=_reasons(fit.reasons),
                )
                for fit in one.customers
            ],
        )
        for one in found
    ]  # fmt: skip


@router.post("/events/invitations", summary="Draft invitations to an event")
def send_invitations(body: InvitationsBody, by: By) -> InviteAnswer:
    """For the person that fits best at each customer. Nothing is sent before a person has approved it."""
    return _invite(body.event_id, body, by)


@router.post("/events/{event_id}/invite", summary="Draft invitations to this event")
def invite(event_id: str, body: InviteBody, by: By) -> InviteAnswer:
    """As `POST /events/invitations`."""
    return _invite(event_id, body, by)


def _invite(event_id: str, body: InviteBody, by: By) -> InviteAnswer:
    number = read_id("event", event_id)
    customers = [read_id("customer", one) for one in body.customer_ids]
    people = {
        read_id("customer", customer): read_id("stakeholder", person)
        for customer, person in body.stakeholder_ids.items()
    }
    with transaction() as session:
        made = invite_many(session, number, customers, by=by, now=utc_now(), wishes=Wishes(people))
    return _answer(event_id, made)


def _answer(event_id: str, made: Invited) -> InviteAnswer:
    pairs = zip(made.draft_ids, made.invitation_ids, strict=True)
    return InviteAnswer(
        event_id=event_id,
        invitations=[
            MadeInvitation(draft_id=public_id("draft", draft), invitation_id=number)
            for draft, number in pairs
        ],
        left_out=[
            LeftOut(customer_id=public_id("customer", one), reason=why) for one, why in made.left
        ],
    )


@router.get("/events/{event_id}/relevant-customers", summary="Customers by how well an event fits")
def relevant_customers(
    event_id: str,
    by: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    size: Annotated[int | None, Query(ge=1, le=5_000, description="Of the list")] = None,
) -> RelevantCustomers:
    """Your customers: the list first, then the others by chance, those who cannot be invited last. The log
    of who stood on a list is written when invitations are made."""
    number = read_id("event", event_id)
    with transaction(read_only=True) as session:
        found = rank(session, by, number, utc_now(), size=size)
    middle, low, high = (round(one, 2) for one in found.expected)
    return RelevantCustomers(
        event_id=event_id, as_of=found.as_of, model_version=found.model_version,
        list_size=found.size, expected=middle, expected_low=low, expected_high=high,
        total=found.rows.height,
        customers=[
            RelevantCustomer(
                customer_id=public_id("customer", row["customer_id"]), customer=row["customer"],
                rank=row["rank"], chance=row["chance"], on_list=row["arm"], blocker=row["blocker"],
                reasons=_reasons(found.reasons.get(row["customer_id"], ())),
            )
            for row in found.rows.head(limit).iter_rows(named=True)
        ],
    )  # fmt: skip


@router.get(
    "/customers/{customer_id}/event-history", summary="Invitations and events of a customer"
)
def event_history(customer_id: str, by: By) -> EventHistory:
    with transaction(read_only=True) as session:
        number = customers.present(session, by, read_id("customer", customer_id))
        invited = asked(session, by, number)
        seen, _ = history(session, by, number)
    return EventHistory(
        customer_id=public_id("customer", number),
        invitations=[
            PastInvitation(
                event_id=public_id("event", one.event_id), event=one.event, type=one.type,
                date=one.held_on, stakeholder_id=public_id("stakeholder", one.stakeholder_id),
                person=one.person, state=one.state, registration=one.registration,
                declined_why=one.declined_why, invited_at=one.invited_at,
            )
            for one in invited
        ],
        attendance=[
            AttendedEvent(
                event_id=public_id("event", one.event_id), event=one.event, type=one.type,
                date=one.held_on, person=one.name, status=one.status,
            )
            for one in seen
        ],
    )  # fmt: skip


def _reasons(found: tuple[Reason, ...]) -> list[ReasonInfo]:
    return [ReasonInfo(feature=r.feature, sentence=r.sentence, facts=r.facts) for r in found]
