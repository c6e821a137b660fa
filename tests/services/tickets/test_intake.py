"""Tickets as desks tell of them, taken in: the same in any order and however often."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    CustomerDomain,
    Stakeholder,
    StakeholderEmail,
    Ticket,
    TicketMessage,
    TicketRequester,
    TicketState,
)
from data.versions import MATCHING, bump
from integrations.ticket_records import Told, change, told
from services.tickets.intake import take_in
from services.tickets.source import Source

NOW = datetime(2026, 1, 28, 9, tzinfo=UTC)
HOOK = Source("zendesk", "webhook")
OPENED = datetime(2026, 1, 23, 8, tzinfo=UTC).replace(tzinfo=None)


def days(count: float) -> datetime:
    return OPENED + timedelta(days=count)


def telling(number: str = "TF-2024-0847", *changes: Any, messages: Any = (), **said: Any) -> Told:
    given = {"number": number, "subject": "API rate limiting"} | said
    return told([(given, list(changes), list(messages))])


def wrote(key: str, author: str, text: str, day: float, email: str | None = None) -> dict[str, Any]:
    return {"key": key, "author": author, "text": text, "at": days(day), "email": email,
            "internal": False}  # fmt: skip


def techflow(session: Session) -> tuple[int, int]:
    made = Customer(name="TechFlow", created_at=NOW, updated_at=NOW)
    session.add(made)
    session.flush()
    session.add(CustomerDomain(customer_id=made.id, domain="techflow.example"))
    david = Stakeholder(
        customer_id=made.id, first_name="David", last_name="Kim", created_at=NOW, updated_at=NOW
    )
    session.add(david)
    session.flush()
    address = "david@techflow.example"
    session.add(StakeholderEmail(email=address, stakeholder_id=david.id, shown_as=address))
    bump(session, MATCHING)
    session.flush()
    return made.id, david.id


def only(session: Session) -> Ticket:
    session.expire_all()
    return session.scalars(select(Ticket)).one()


def test_requester_is_matched_and_the_course_is_kept(session: Session):
    customer, david = techflow(session)
    course = [
        change("state", "open", days(0.1), "new", "e1"),
        change("state", "solved", days(4), "open", "e2"),
    ]
    found = take_in(
        session,
        HOOK,
        telling("TF-2024-0847", *course, requester_email="David+help@TechFlow.example",
                severity="high", opened_at=days(0), updated_at=days(4), tags=["api", "escalated"],
                escalated_to="engineering"),
        now=NOW,
    )  # fmt: skip
    ticket = only(session)
    assert (found.new, found.known) == (1, 0)
    assert (ticket.customer_id, ticket.stakeholder_id) == (customer, david)
    assert (ticket.number, ticket.number_key) == ("TF-2024-0847", "tf-2024-0847")
    assert (ticket.state, ticket.severity, ticket.reopens) == ("solved", "high", 0)
    assert ticket.solved_at == days(4).replace(tzinfo=UTC)
    assert (ticket.escalated_to, ticket.tags) == ("engineering", "api\nescalated")
    kept = session.execute(
        select(TicketState.value).where(TicketState.what == "state").order_by(TicketState.at)
    )
    assert list(kept.scalars()) == ["new", "open", "solved"]


def test_what_is_told_again_changes_nothing(session: Session):
    techflow(session)
    said = telling(
        "7", change("state", "solved", days(1), None, "e1"), opened_at=days(0), updated_at=days(1),
        messages=[wrote("m1", "customer", "Please help us with this.", 0)],
        requester_email="david@techflow.example",
    )  # fmt: skip
    take_in(session, HOOK, said, now=NOW)
    again = take_in(session, HOOK, said, now=NOW + timedelta(hours=1))
    assert (again.new, again.known, again.changes) == (0, 1, 0)
    assert len(session.scalars(select(TicketMessage)).all()) == 1
    assert len(session.scalars(select(TicketRequester)).all()) == 1


def test_every_order_comes_to_the_same(session: Session):
    pieces = [
        telling("A", change("state", "open", days(0.5), "new", "e1"), opened_at=days(0), updated_at=days(0.5)),
        telling("A", change("state", "solved", days(2), "open", "e2"), updated_at=days(2), severity="high"),
        telling("A", change("state", "open", days(3), "solved", "e3"), updated_at=days(3)),
        telling("A", change("state", "solved", days(5), "open", "e4"), updated_at=days(5), csat="bad"),
    ]  # fmt: skip
    seen = set()
    orders = itertools.islice(itertools.permutations(pieces), 0, None, 4)
    for place, order in enumerate(orders):
        desk = Source(f"zendesk:{place}", "webhook")
        for piece in order:
            take_in(session, desk, piece, now=NOW)
        ticket = session.scalars(select(Ticket).where(Ticket.desk == desk.desk)).one()
        session.refresh(ticket)
        seen.add((ticket.state, ticket.severity, ticket.csat, ticket.reopens, ticket.solved_at,
                  ticket.opened_at, ticket.updated_at, ticket.subject))  # fmt: skip
    assert len(seen) == 1
    state, severity, csat, reopens, solved_at, *_ = seen.pop()
    assert (state, severity, csat, reopens) == ("solved", "high", "bad", 1)
    assert solved_at == days(5).replace(tzinfo=UTC)


def test_late_telling_of_long_ago_only_fills_in(session: Session):
    take_in(session, HOOK, telling("9", subject="New name", updated_at=days(3)), now=NOW)
    take_in(
        session, HOOK, telling("9", subject="Old name", area="API", updated_at=days(1)), now=NOW
    )
    assert (only(session).subject, only(session).area) == ("New name", "API")


def test_people_and_tone_are_of_the_customers_own_words(session: Session):
    techflow(session)
    agent = "I am sorry, this is unacceptable."
    take_in(
        session,
        HOOK,
        telling(
            "5", requester_email="david@techflow.example", updated_at=days(2),
            messages=[
                wrote("1", "customer", "Please have a look at this.", 0, "david@techflow.example"),
                wrote("2", "agent", agent, 1, "sam@desk.example"),
                wrote("3", "customer", f"> {agent}\n\nThis is the third time.", 1.5, "ana@techflow.example"),
                wrote("4", "customer", "It is still not working for us.", 2, "li@techflow.example"),
            ],
        ),
        now=NOW,
    )  # fmt: skip
    ticket = only(session)
    assert (ticket.people, ticket.sentiment) == (3, "negative")
    assert ticket.phrases == "still not working\nthird time"
    assert "sam@desk.example" not in session.scalars(select(TicketRequester.email)).all()


def test_somebody_known_by_an_id_alone_is_whoever_it_came_with(session: Session):
    customer, _ = techflow(session)
    take_in(
        session,
        HOOK,
        telling("1", requester_email="david@techflow.example", requester_ref="3600"),
        now=NOW,
    )
    take_in(session, HOOK, telling("2", requester_ref="3600"), now=NOW)
    session.expire_all()
    second = session.scalars(select(Ticket).where(Ticket.number == "2")).one()
    assert second.customer_id == customer


def test_an_address_that_comes_later_names_who_was_known_by_an_id_alone(session: Session):
    customer, david = techflow(session)
    take_in(session, HOOK, telling("1", requester_ref="3600"), now=NOW)
    address = "david@techflow.example"
    take_in(session, HOOK, telling("2", requester_email=address), now=NOW)
    take_in(session, HOOK, telling("3", requester_email=address, requester_ref="3600"), now=NOW)
    take_in(session, HOOK, telling("4", requester_ref="3600"), now=NOW)
    session.expire_all()
    found = session.scalars(select(Ticket).order_by(Ticket.number)).all()
    assert {(one.customer_id, one.stakeholder_id) for one in found} == {(customer, david)}
    assert len({one.requester_id for one in found}) == 1
    assert len({one.cluster_id for one in found}) == 1


def test_a_snapshot_that_reopened_and_was_solved_later_tells_that_it_came_back(session: Session):
    """Exports and programs say what is so now; a ticket that is reopened and solved between two of them was open."""
    techflow(session)
    first: dict[str, Any] = {
        "state": "solved",
        "opened_at": days(0),
        "requester_email": "david@techflow.example",
    }
    for day, reopens in ((4, 1), (11, 2)):
        said = first | {"solved_at": days(day), "updated_at": days(day), "reopens": reopens}
        take_in(session, Source("zendesk", "api"), telling(**said), now=NOW + timedelta(days=day))
    one = only(session)
    assert one.solved_at == days(11).replace(tzinfo=UTC)
    assert (one.state, one.reopens) == ("solved", 2)
    course = session.scalars(
        select(TicketState.value).where(TicketState.what == "state").order_by(TicketState.at)
    )
    assert list(course)[-3:] == ["solved", "open", "solved"]


def test_a_solving_told_later_without_a_return_is_no_second_one(session: Session):
    techflow(session)
    first: dict[str, Any] = {"state": "solved", "opened_at": days(0), "reopens": 1}
    for day in (4, 11):
        said: dict[str, Any] = first | {"solved_at": days(day), "updated_at": days(day)}
        take_in(session, Source("zendesk", "api"), telling(**said), now=NOW + timedelta(days=day))
    assert only(session).solved_at == days(4).replace(tzinfo=UTC)
