"""Tickets follow their requesters: to another customer, and through a merge of customers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.tables import Customer, CustomerDomain, Person, TicketCluster, TicketFollowUp
from data.versions import MATCHING, bump
from services.access.viewer import viewer_of
from services.customers.merging import merge
from services.matching.stored import load_book
from services.tickets.follow_up.triggers import begin
from services.tickets.levels import levels_of, override, overrides
from services.tickets.listing import listing
from services.tickets.records import Filters
from services.tickets.rematching import OTHERS, rematch_requesters
from services.uploads.rematch import rematching
from tests.support import desk
from tests.support.desk import OPENED, SOLVED

NOW = SOLVED + timedelta(hours=3)


def test_a_ticket_of_another_customer_leaves_its_cause_and_its_follow_up(session: Session):
    one, other = desk.customer(session), desk.customer(session, "Rhine", "Ben Osei")
    ticket = desk.ticket(session, now=NOW, people=("zoe",))
    twin = desk.ticket(
        session, "TF-2", now=NOW, people=("david",), subject="API rate limiting again"
    )
    begin(session, NOW)
    assert ticket.cluster_id == twin.cluster_id
    session.execute(
        update(CustomerDomain)
        .where(CustomerDomain.customer_id == one.id)
        .values(domain="old.example")
    )
    session.add(CustomerDomain(customer_id=other.id, domain="techflow.example"))
    bump(session, MATCHING)
    session.flush()
    rematch_requesters(session, load_book(session), now=NOW)
    session.expire_all()
    assert (ticket.customer_id, twin.customer_id) == (other.id, one.id)
    assert ticket.cluster_id != twin.cluster_id
    assert session.get_one(TicketCluster, ticket.cluster_id).customer_id == other.id
    left = session.scalars(
        select(TicketFollowUp).where(TicketFollowUp.ticket_id == ticket.id)
    ).all()
    assert [(f.state, f.why) for f in left] in ([], [("withdrawn", OTHERS)])


def test_a_merge_of_customers_takes_tickets_causes_and_follow_ups_along(session: Session):
    one, gone = desk.customer(session), desk.customer(session, "Techflow2")
    ticket = desk.ticket(session, now=NOW, domain="techflow2.example")
    begin(session, NOW)
    boss = Person(name="Mia", email="m@cs.example", role="admin", active=True, created_at=OPENED)
    session.add(boss)
    session.flush()
    with rematching(session, now=NOW):
        merge(session, one.id, gone.id, by=viewer_of(session, boss, NOW), now=NOW)
    session.expire_all()
    assert session.get(Customer, gone.id) is None
    assert ticket.customer_id == one.id
    assert session.get_one(TicketCluster, ticket.cluster_id).customer_id == one.id
    follow_up = session.scalars(select(TicketFollowUp)).one()
    assert (follow_up.customer_id, follow_up.state) == (one.id, "waiting")


def test_an_override_needs_a_reason_holds_until_solved_anew_and_is_reported(session: Session):
    one = desk.customer(session)
    by = desk.csm_of(session, one)
    ticket = desk.ticket(session, now=NOW)
    assert ticket.level == "satisfaction_check"
    override(session, by, ticket.id, "relationship_repair", "Their board was watching", now=NOW)
    desk.ticket(
        session,
        now=NOW + timedelta(hours=1),
        csat="good",
        updated_at=(NOW + timedelta(hours=1)).replace(tzinfo=None),
    )
    session.expire_all()
    levels = levels_of(session, ticket.id)
    assert ticket.level == "relationship_repair"
    assert (levels[0].rule_level, levels[0].overridden, levels[0].why) == (
        "acknowledge",
        True,
        "Their board was watching",
    )
    found = overrides(session, by, NOW)
    assert (found.weighed, found.overridden, found.moves) == (
        1,
        1,
        (("acknowledge", "relationship_repair", 1),),
    )
    assert listing(session, by, NOW, filters=Filters(overridden=True)).total == 1
    desk.reopen(session, desk.NUMBER, NOW + timedelta(hours=2))
    desk.ticket(session, solved=NOW + timedelta(hours=5), now=NOW + timedelta(hours=5), csat="good")
    session.expire_all()
    assert levels_of(session, ticket.id)[0].overridden is False
