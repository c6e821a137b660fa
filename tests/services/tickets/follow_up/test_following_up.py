"""From a solved ticket to the mail about it: when, to whom, with what words, and never too much."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotFound
from data.tables import (
    Customer,
    Draft,
    OutboxMail,
    Person,
    Rating,
    Stakeholder,
    Task,
    Ticket,
    TicketFollowUp,
)
from services import drafts, outbox, rendering
from services.mailboxes import mailbox_for
from services.outbox.gate import Passed
from services.tickets.follow_up.command import follow_up
from services.tickets.levels import override
from services.tickets.one_ticket import get_ticket
from tests.support import desk
from tests.support.desk import OPENED, SOLVED
from tests.support.shared_mails import run

LATER = SOLVED + timedelta(hours=2)
DUE = SOLVED + timedelta(hours=25)


def only(session: Session) -> TicketFollowUp:
    return session.scalars(select(TicketFollowUp)).one()


def grave(session: Session, **more: object) -> tuple[Customer, Ticket]:
    one = desk.customer(session)
    desk.health(session, one.id, (OPENED - timedelta(days=9), 72), (OPENED + timedelta(days=2), 66))
    escalated = {"escalated_to": "engineering", "people": ("david", "erin", "sam")}
    return one, desk.ticket(session, now=LATER, **(escalated | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "hour", "days"), [("Pacific/Auckland", 12, 9), ("Pacific/Honolulu", 5, 11)]
)
def test_days_to_the_renewal_are_those_of_the_reader(
    session: Session, zone: str, hour: int, days: int
):
    one, ticket = grave(session)
    now = LATER.replace(hour=hour)
    one.renews_on = now.date() + timedelta(days=10)
    session.get_one(Person, one.csm_id).time_zone = zone
    session.flush()
    house = get_ticket(session, desk.csm_of(session, one), ticket.id, now).customer
    assert house is not None
    assert house.renewal_days == days


def test_the_example_is_weighed_from_the_database_with_every_point_shown(session: Session):
    one, ticket = grave(session)
    view = get_ticket(session, desk.csm_of(session, one), ticket.id, LATER)
    assert view.level is not None
    points = {part.code: part.points for part in view.level.parts if part.points}
    assert points == {"severity": 3, "open": 1, "escalated": 2, "people": 1, "health": 1}
    assert (view.level.points, view.level.level) == (8, "relationship_repair")
    assert (view.health.before, view.health.lowest, view.health.fall) == (72, 66, 6)
    assert len(view.people) == 3
    again = {"solved": SOLVED + timedelta(minutes=2)}
    desk.ticket(session, now=LATER, **again)  # type: ignore[arg-type]
    history = get_ticket(session, desk.csm_of(session, one), ticket.id, LATER).history
    assert [line.value for line in history if line.what == "state"].count("solved") == 1


def test_a_severe_ticket_is_drafted_after_the_hold_off_and_not_before(session: Session):
    grave(session)
    run(session, LATER)
    assert (only(session).state, only(session).reason) == ("waiting", "severe")
    run(session, SOLVED + timedelta(hours=23))
    assert only(session).state == "waiting"
    run(session, DUE)
    run(session, DUE)
    draft = session.scalars(select(Draft)).one()
    assert only(session).draft_id == draft.id
    assert draft.template == "tickets/relationship_repair"
    assert "TF-2024-0847" in draft.text
    assert "Rate limits increased 3x" in draft.text
    assert "Did the optimization guide help" in draft.text
    assert "/f/" in draft.text
    assert "check your API metrics next week" in draft.text
    claims = {fact["claim"] for fact in draft.evidence}
    assert "Health fell during the ticket" in claims
    assert rendering.open_placeholders(draft.subject, draft.text) == []


def test_reopening_withdraws_the_draft_and_solving_again_asks_anew(session: Session):
    grave(session)
    run(session, LATER)
    run(session, DUE)
    first = session.get_one(Draft, only(session).draft_id)
    desk.reopen(session, desk.NUMBER, DUE + timedelta(hours=1))
    assert only(session).state == "withdrawn"
    assert "opened again" in (only(session).why or "")
    assert first.state == "cancelled"
    assert session.scalars(select(Ticket.level)).one() is None
    run(session, DUE + timedelta(hours=2))
    assert session.scalars(select(TicketFollowUp)).one().state == "withdrawn"
    again = DUE + timedelta(hours=20)
    desk.ticket(session, solved=again, now=again, escalated_to="engineering")
    run(session, again + timedelta(hours=25))
    second = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert "came back once after we had called it solved" in second.text


def test_an_open_sibling_holds_it_back_and_then_one_mail_speaks_of_both(session: Session):
    one, ticket = grave(session)
    desk.ticket(
        session, "TF-2", opened=OPENED + timedelta(days=1), solved=None, now=LATER,
        subject="Export to PDF cuts off the last page", area="Reports", severity="normal",
    )  # fmt: skip
    run(session, DUE)
    assert session.scalars(select(Draft)).all() == []
    with pytest.raises(InvalidMove, match="TF-2"):
        follow_up(session, desk.csm_of(session, one), ticket.id, now=DUE)
    desk.ticket(
        session, "TF-2", opened=OPENED + timedelta(days=1), solved=DUE, now=DUE,
        subject="Export to PDF cuts off the last page", area="Reports", severity="high",
    )  # fmt: skip
    run(session, DUE + timedelta(hours=3))
    run(session, DUE + timedelta(hours=26))
    draft = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert "TF-2024-0847" in draft.text
    assert "TF-2)" in draft.text
    both = session.scalars(select(TicketFollowUp).order_by(TicketFollowUp.id)).all()
    assert [(one.state, one.draft_id, one.carrier_id) for one in both] == [
        ("drafted", draft.id, None),
        ("drafted", draft.id, both[0].id),
    ]


def test_tickets_of_one_root_cause_get_one_mail(session: Session):
    grave(session)
    desk.ticket(
        session, "TF-3", opened=OPENED + timedelta(days=1), now=LATER,
        subject="Sync fails: API rate limits again",
    )  # fmt: skip
    assert len(set(session.scalars(select(Ticket.cluster_id)))) == 1
    run(session, LATER)
    run(session, DUE)
    assert only(session).state == "drafted"
    assert "TF-3" in session.scalars(select(Draft.text)).one()


def test_an_urgent_ticket_is_followed_up_though_a_minor_one_of_its_cause_came_between(
    session: Session,
):
    grave(session)
    run(session, LATER)
    again: dict[str, Any] = {"subject": "Sync fails: API rate limits again", "severity": "normal"}
    opened, solved = LATER + timedelta(hours=2), LATER + timedelta(hours=8)
    desk.ticket(session, "TF-3", opened=opened, solved=None, now=opened, **again)
    session.expire_all()
    assert only(session).state == "withdrawn"
    run(session, opened + timedelta(hours=1))
    assert only(session).state == "withdrawn"
    desk.ticket(session, "TF-3", opened=opened, solved=solved, now=solved, **again)
    run(session, solved + timedelta(hours=1))
    run(session, solved + timedelta(hours=25))
    draft = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert "TF-2024-0847" in draft.text


def test_a_root_cause_of_months_brings_back_only_what_was_solved_lately(session: Session):
    desk.customer(session)
    for days, who, severity in ((50, "erin", "urgent"), (25, "erin", "low"), (0, "david", "high")):
        opened, solved = (at - timedelta(days=days) for at in (OPENED, SOLVED))
        more: dict[str, Any] = {
            "subject": "Payroll import fails again",
            "area": "Payroll",
            "severity": severity,
        }
        desk.ticket(
            session, f"P-{days}", opened=opened, solved=solved, now=LATER, people=(who,), **more
        )
    assert len(set(session.scalars(select(Ticket.cluster_id)))) == 1
    run(session, LATER)
    run(session, DUE)
    draft = session.scalars(select(Draft)).one()
    assert session.get_one(Stakeholder, draft.stakeholder_id).first_name == "David"
    assert "P-0" in draft.text
    assert "P-25" not in draft.text
    assert "P-50" not in draft.text


def test_no_rating_is_asked_for_where_the_desk_has_asked(session: Session):
    grave(session, csat="offered")
    run(session, LATER)
    run(session, DUE)
    assert "/f/" not in session.scalars(select(Draft.text)).one()
    assert session.scalars(select(Rating)).all() == []


def test_a_minor_ticket_asks_for_nothing_by_itself_but_by_command(session: Session):
    one = desk.customer(session)
    few = OPENED + timedelta(hours=3)
    ticket = desk.ticket(session, solved=few, severity="low", area="Security", now=LATER)
    run(session, DUE)
    assert session.scalars(select(TicketFollowUp)).all() == []
    by = desk.csm_of(session, one)
    draft_id = follow_up(session, by, ticket.id, now=LATER)
    assert follow_up(session, by, ticket.id, now=LATER) == draft_id
    draft = session.get_one(Draft, draft_id)
    assert draft.template == "tickets/acknowledge"
    assert draft.created_by == by.person_id


def test_another_csm_can_neither_see_nor_follow_up(session: Session):
    _, ticket = grave(session)
    other = desk.csm_of(session, desk.customer(session, "Other", "Ben Osei"))
    with pytest.raises(NotFound):
        get_ticket(session, other, ticket.id, LATER)
    with pytest.raises(NotFound):
        follow_up(session, other, ticket.id, now=LATER)


def test_where_nobody_can_be_written_to_the_csm_has_a_task(session: Session):
    _, ticket = grave(session)
    session.query(Stakeholder).update({"unsubscribed": True})
    run(session, LATER)
    run(session, DUE)
    assert only(session).state == "left"
    assert ticket.number in session.scalars(select(Task.title)).one()


def test_pre_flight_blocks_while_a_sibling_is_open(session: Session):
    grave(session)
    run(session, LATER)
    run(session, DUE)
    draft = session.scalars(select(Draft)).one()
    codes = {block.code for block in drafts.preflight(session, draft, DUE)}
    assert "no_direct_phone" in codes
    desk.ticket(
        session,
        "TF-9",
        opened=DUE,
        solved=None,
        now=DUE,
        subject="Users cannot be invited",
        area=None,
    )
    found = [b for b in drafts.preflight(session, draft, DUE) if b.code == "ticket_open"]
    assert found[0].hard


def test_a_severe_ticket_open_for_long_holds_a_follow_up_and_a_minor_one_warns(session: Session):
    one, ticket = grave(session)
    by = desk.csm_of(session, one)
    open_: dict[str, Any] = {"opened": OPENED - timedelta(days=40), "solved": None, "now": LATER}
    desk.ticket(
        session, "TF-7", subject="Font of the label printer", area=None, severity="low", **open_
    )
    draft = session.get_one(Draft, follow_up(session, by, ticket.id, now=LATER))
    found = {block.code: block.hard for block in drafts.preflight(session, draft, LATER)}
    assert found["ticket_open_long"] is False
    assert "ticket_open" not in found
    desk.ticket(
        session,
        "TF-8",
        subject="Everything offline in Europe",
        area=None,
        severity="urgent",
        **open_,
    )
    found = {block.code: block.hard for block in drafts.preflight(session, draft, LATER)}
    assert found["ticket_open"] is True


def test_an_urgent_ticket_opened_after_approval_holds_the_mail_at_the_gate(session: Session):
    one, ticket = grave(session)
    by = desk.csm_of(session, one)
    mailbox_for(session, by.person_id)
    draft = session.get_one(Draft, follow_up(session, by, ticket.id, now=LATER))
    drafts.approve(session, draft.id, 1, by=by, now=LATER, accepted=("no_direct_phone",))
    mail = session.scalars(select(OutboxMail)).one()
    more: dict[str, Any] = {"opened": LATER, "subject": "Nobody can sign in", "area": None}
    desk.ticket(session, "TF-9", solved=None, now=LATER, severity="urgent", **more)
    leaves = max(mail.due_at, LATER) + timedelta(hours=1)
    passed = at_the_gate(session, leaves)
    assert (passed.decision.kind, "TF-9" in (passed.decision.why or "")) == ("wait", True)
    desk.ticket(session, "TF-9", solved=leaves, now=leaves, severity="urgent", **more)
    later = at_the_gate(session, leaves + timedelta(hours=1)).decision
    assert "TF-9" not in (later.why or "")


@pytest.mark.parametrize("ended", ["cancelled", "failed", "blocked"])
def test_a_follow_up_whose_mail_was_given_up_keeps_no_later_one_waiting(
    session: Session, ended: str
):
    one, ticket = grave(session)
    by = desk.csm_of(session, one)
    mailbox_for(session, by.person_id)
    draft = session.get_one(Draft, follow_up(session, by, ticket.id, now=LATER))
    drafts.approve(session, draft.id, 1, by=by, now=LATER, accepted=("no_direct_phone",))
    more: dict[str, Any] = {"subject": "Nobody can sign in", "area": None, "severity": "urgent"}
    solved = DUE + timedelta(days=1)
    desk.ticket(session, "TF-9", opened=DUE, solved=solved, now=solved, **more)
    run(session, solved + timedelta(hours=1))
    run(session, solved + timedelta(hours=26))
    states = select(TicketFollowUp.state).order_by(TicketFollowUp.id)
    assert session.scalars(states).all() == ["drafted", "waiting"]
    session.scalars(select(OutboxMail)).one().state = ended
    run(session, solved + timedelta(hours=28))
    assert session.scalars(states).all() == ["left", "drafted"]


def at_the_gate(session: Session, now: datetime) -> Passed:
    session.flush()
    claimed = outbox.claim(session, now=now, seconds=60)
    assert claimed is not None
    passed = outbox.pass_gate(session, claimed.lease, now=now, seconds=60)
    assert passed is not None
    return passed


def test_a_promise_with_a_time_that_cannot_be_read_is_asked_about(session: Session):
    one, ticket = grave(session)
    by = desk.csm_of(session, one)
    draft = session.get_one(Draft, follow_up(session, by, ticket.id, now=LATER))
    text = "Hi,\n\nI'll send you the report by 12/05 about TF-2024-0847.\n\n+1 555 0134 000"
    drafts.edit(session, draft.id, 1, subject=draft.subject, text=text, by=by, now=LATER)
    found = [b for b in drafts.preflight(session, draft, LATER) if b.code == "promise_without_day"]
    assert [(block.hard, "12/05" in block.words) for block in found] == [(False, True)]


def test_day_that_is_promised_is_read_on_the_day_its_owner_lives(session: Session):
    one, ticket = grave(session)
    now = LATER.replace(hour=5)
    there = now.date() - timedelta(days=1)
    session.get_one(Person, one.csm_id).time_zone = "Pacific/Honolulu"
    session.flush()
    by = desk.csm_of(session, one)
    draft = session.get_one(Draft, follow_up(session, by, ticket.id, now=now))
    text = f"Hi,\n\nI'll send you the report by {there}.\n\n+1 555 0134 000"
    drafts.edit(session, draft.id, 1, subject=draft.subject, text=text, by=by, now=now)
    assert "promise_without_day" not in {b.code for b in drafts.preflight(session, draft, now)}


def test_an_override_writes_an_untouched_draft_anew_on_its_level(session: Session):
    one, ticket = grave(session)
    by = desk.csm_of(session, one)
    first = follow_up(session, by, ticket.id, now=LATER)
    override(session, by, ticket.id, "acknowledge", "They had seen it coming", now=LATER)
    session.expire_all()
    second = session.get_one(Draft, only(session).draft_id)
    assert (session.get_one(Draft, first).state, second.template) == (
        "cancelled",
        "tickets/acknowledge",
    )
    drafts.edit(
        session,
        second.id,
        second.revision,
        subject=second.subject,
        text="Mine now.",
        by=by,
        now=LATER,
    )
    override(
        session, by, ticket.id, "relationship_repair", "Their board asked after all", now=LATER
    )
    session.expire_all()
    assert only(session).draft_id == second.id
    assert second.text == "Mine now."


def test_a_draft_with_our_rating_waits_once_the_desk_has_asked(session: Session):
    one, ticket = grave(session)
    number = follow_up(session, desk.csm_of(session, one), ticket.id, now=LATER)
    desk.ticket(session, now=DUE, csat="offered", updated_at=DUE.replace(tzinfo=None))
    session.expire_all()
    draft = session.get_one(Draft, number)
    blocks = {block.code: block.hard for block in drafts.preflight(session, draft, DUE)}
    assert blocks["rating_asked"] is True
