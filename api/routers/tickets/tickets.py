"""Support tickets by program: recorded, read, weighed, followed up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import By
from api.routers.tickets.analysis import AnalysisAnswer, analysis_of
from api.routers.tickets.asking import Command, NewLevel, Reading, RootCause, named
from api.routers.tickets.shapes import (
    FollowUpLine,
    Level,
    LevelAnswer,
    OverrideAnswer,
    OverrideLine,
    Recorded,
    TicketAnswer,
    TicketList,
    follow_up_of,
    level_of,
    line_of,
    ticket_of,
)
from data.db import transaction
from data.errors import BadInput
from integrations.ticket_posts import Moment, Severity, TicketPost, TicketPosts, by_desk, latest
from integrations.ticket_records import AHEAD, FUTURE
from services.access import ADMINISTRATOR, MANAGER, require_customer, require_role
from services.clock import utc_now
from services.ids import public_id, read_id
from services.tickets.afterwards import report
from services.tickets.clusters import put_together, set_apart
from services.tickets.follow_up.command import follow_up
from services.tickets.intake import take_in
from services.tickets.levels import override, overrides
from services.tickets.listing import listing
from services.tickets.one_ticket import get_ticket
from services.tickets.records import Filters
from services.tickets.source import Source

router = APIRouter(tags=["tickets"])


@router.post("/tickets", summary="Record tickets")
def record_tickets(body: TicketPost | TicketPosts, by: By) -> Recorded:
    """One ticket, or `{"tickets": […]}`. Late, out of order and repeated ones are welcome: each change
    counts once. For managers and admins; at most 1,000 in one request."""
    posts = body.tickets if isinstance(body, TicketPosts) else [body]
    require_role(by, MANAGER, ADMINISTRATOR)
    if latest(posts) > utc_now() + AHEAD:
        raise BadInput(FUTURE)
    found = []
    with transaction() as session:
        for desk, told in by_desk(posts).items():
            found.append(take_in(session, Source(desk, "api"), told, now=utc_now()))
    return Recorded(
        new=sum(one.new for one in found),
        known=sum(one.known for one in found),
        changes=sum(one.changes for one in found),
        ticket_ids=[public_id("ticket", number) for one in found for number in one.tickets],
    )


@router.get("/tickets", summary="Tickets of one's customers, the last changed first")
def list_tickets(  # noqa: PLR0913 - each filter is a parameter of the address
    by: By,
    search: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[
        str | None, Query(max_length=20, description="Also `unsolved` and `over`")
    ] = None,
    severity: Severity | None = None,
    level: Level | None = None,
    follow_up_state: Annotated[str | None, Query(alias="followUp", max_length=20)] = None,
    customer_id: Annotated[str | None, Query(alias="customerId")] = None,
    since: Moment | None = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> TicketList:
    wanted = Filters(
        search=search,
        state=state,
        severity=severity,
        level=level,
        follow_up=follow_up_state,
        customer_id=read_id("customer", customer_id) if customer_id else None,
        since=since,
    )
    with transaction(read_only=True) as session:
        page = listing(session, by, utc_now(), filters=wanted, offset=offset, limit=limit)
    return TicketList(total=page.total, tickets=[line_of(row) for row in page.rows])


@router.get("/tickets/overrides", summary="Where people see a level otherwise than the rubric")
def list_overrides(by: By) -> OverrideAnswer:
    with transaction(read_only=True) as session:
        found = overrides(session, by, utc_now())
    return OverrideAnswer(
        weighed=found.weighed,
        overridden=found.overridden,
        moves=[{"rule": rule, "level": to, "count": count} for rule, to, count in found.moves],
        overrides=[
            OverrideLine.model_validate(
                asdict(one) | {"ticket_id": public_id("ticket", one.ticket_id)}
            )
            for one in found.rows
        ],
    )


@router.get(
    "/tickets/analysis", summary="What follow-ups came to: replies, ratings, health, timing"
)
def ticket_analysis(by: By) -> AnalysisAnswer:
    """Counts and intervals beside every rate; health against tickets that nobody followed up."""
    with transaction(read_only=True) as session:
        return analysis_of(report(session, by, utc_now()))


@router.get("/tickets/{ticket_id}", summary="One ticket with what is around it")
def one_ticket(ticket_id: str, by: By) -> TicketAnswer:
    with transaction(read_only=True) as session:
        return ticket_of(get_ticket(session, by, read_id("ticket", ticket_id), utc_now()))


@router.get("/tickets/{ticket_id}/level", summary="The level of a ticket, with every point of it")
def one_level(ticket_id: str, by: By) -> LevelAnswer:
    with transaction(read_only=True) as session:
        return level_of(get_ticket(session, by, read_id("ticket", ticket_id), utc_now()).level)


@router.post("/tickets/{ticket_id}/level", summary="Set another level than the rubric's")
def set_level(ticket_id: str, body: NewLevel, by: By) -> LevelAnswer:
    """With a reason, which is reported. The rubric's own level takes an override back."""
    number = read_id("ticket", ticket_id)
    with transaction() as session:
        override(session, by, number, body.level, body.why, now=utc_now())
        return level_of(get_ticket(session, by, number, utc_now()).level)


@router.post("/tickets/{ticket_id}/root-cause", summary="Put a ticket's root cause right")
def set_root_cause(ticket_id: str, body: RootCause, by: By) -> TicketAnswer:
    """Tickets of one root cause get one mail. What waits to be written is begun anew."""
    number = read_id("ticket", ticket_id)
    with transaction() as session:
        if body.same_as is None:
            set_apart(session, by, number, now=utc_now())
        else:
            put_together(session, by, number, read_id("ticket", body.same_as), now=utc_now())
        return ticket_of(get_ticket(session, by, number, utc_now()))


@router.post("/tickets/{ticket_id}/follow-up", summary="Draft the follow-up of a ticket")
def draft_follow_up(ticket_id: str, by: By, body: Reading | None = None) -> FollowUpLine:
    """At once, without the hold-off. Nothing is sent before a person has approved it."""
    return _drafted(read_id("ticket", ticket_id), by, body)


@router.post(
    "/customers/{customer_id}/ticket-followup", summary="Draft the follow-up of a customer's ticket"
)
def customer_follow_up(customer_id: str, by: By, body: Command | None = None) -> FollowUpLine:
    """Of the ticket named, else of the one that was solved last."""
    customer = read_id("customer", customer_id)
    with transaction(read_only=True) as session:
        require_customer(session, by, customer)
        number = named(session, by, customer, (body.ticket if body else None) or "")
    return _drafted(number, by, body)


@router.get("/customers/{customer_id}/recent-tickets", summary="A customer's last tickets")
def recent_tickets(
    customer_id: str, by: By, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> TicketList:
    customer = read_id("customer", customer_id)
    with transaction(read_only=True) as session:
        require_customer(session, by, customer)
        page = listing(session, by, utc_now(), filters=Filters(customer_id=customer), limit=limit)
    return TicketList(total=page.total, tickets=[line_of(row) for row in page.rows])


def _drafted(number: int, by: By, body: Reading | None) -> FollowUpLine:
    said = body.stakeholder_id if body else None
    reader = read_id("stakeholder", said) if said else None
    with transaction() as session:
        follow_up(session, by, number, now=utc_now(), stakeholder_id=reader)
        found = get_ticket(session, by, number, utc_now()).follow_up
        assert found is not None, "it was made just now"
        return follow_up_of(found)
