"""One mail that speaks for several root causes, and mails that were given up: nothing is said twice, nothing
is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import (
    Draft,
    OutboxMail,
    Stakeholder,
    StakeholderEmail,
    Ticket,
    TicketFollowUp,
    TimelineEntry,
)
from services import drafts, outbox
from services.access import SYSTEM
from services.tickets.afterwards import report
from services.tickets.assessing import assess_due
from services.tickets.clusters import put_together
from services.tickets.follow_up.command import follow_up
from services.tickets.follow_up.drafting import draft_due
from services.tickets.follow_up.sent import reconcile
from services.tickets.one_ticket import get_ticket
from tests.support import desk
from tests.support.desk import SOLVED
from tests.support.shared_mails import (
    DUE,
    LATER,
    OTHERS,
    approve,
    at_the_gate,
    run,
    several,
    states,
)


def test_what_reopens_of_a_shared_mail_withdraws_it_and_the_others_wait(session: Session):
    _, draft = several(session)
    assert set(states(session).values()) == {"drafted"}
    approve(session, draft, DUE)
    desk.reopen(session, "TF-2", DUE + timedelta(minutes=1))
    assert (draft.state, session.scalars(select(OutboxMail.state)).all()) == (
        "cancelled",
        ["cancelled"],
    )
    assert states(session) == {"TF-2024-0847": "waiting", "TF-2": "withdrawn", "TF-3": "waiting"}
    run(session, DUE + timedelta(hours=1))
    anew = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert [number in anew.text for number in (desk.NUMBER, "TF-2)", "TF-3")] == [True, False, True]


def test_an_approved_mail_is_held_while_any_ticket_it_speaks_of_is_open(session: Session):
    _, draft = several(session)
    mail = approve(session, draft, DUE)
    # As if its change came in while a worker already held the mail.
    session.scalars(select(Ticket).where(Ticket.number == "TF-3")).one().state = "open"
    kind, why = at_the_gate(session, max(mail.due_at, DUE) + timedelta(hours=1))
    assert (kind, "Ticket TF-3 is open again" in why) == ("wait", True)


@pytest.mark.parametrize(
    ("end", "ended"), [("reject", "left"), ("cancel", "withdrawn"), ("in the queue", "left")]
)
def test_a_shared_mail_that_does_not_leave_loses_none_of_the_others(
    session: Session, end: str, ended: str
):
    one, draft = several(session)
    by = desk.csm_of(session, one)
    if end == "reject":
        drafts.reject(session, draft.id, draft.revision, "Spoke with David", by=by, now=DUE)
    elif end == "cancel":
        drafts.cancel(session, draft.id, "Not now", by=by, now=DUE)
    else:
        outbox.cancel(session, approve(session, draft, DUE).id, by=by, now=DUE)
    reconcile(session, DUE)
    session.expire_all()
    assert states(session) == {"TF-2024-0847": ended, "TF-2": "waiting", "TF-3": "waiting"}
    draft_due(session, DUE)
    anew = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert [number in anew.text for number in ("TF-2", "TF-3", desk.NUMBER)] == [True, True, False]
    session.refresh(draft)
    assert draft.state in ("rejected", "cancelled")


def test_what_a_mail_spoke_of_is_followed_up_with_it(session: Session):
    one, draft = several(session)
    by = desk.csm_of(session, one)
    second = session.scalars(select(Ticket).where(Ticket.number == "TF-2")).one()
    assert follow_up(session, by, second.id, now=DUE) == draft.id
    mail = approve(session, draft, DUE)
    mail.state, mail.sent_at = "sent", DUE
    run(session, DUE + timedelta(hours=1))
    assert set(states(session).values()) == {"sent"}
    view = get_ticket(session, by, second.id, DUE)
    assert view.follow_up is not None
    assert view.follow_up.promises != ()
    assert view.hindrances == ("It has been followed up: one mail goes out for one root cause.",)
    with pytest.raises(InvalidMove, match="has been followed up"):
        follow_up(session, by, second.id, now=DUE + timedelta(hours=1))
    found = report(session, SYSTEM, DUE + timedelta(days=1))
    assert (found.followed, found.others, sum(level.sent for level in found.levels)) == (3, 0, 1)
    told = session.scalars(
        select(TimelineEntry.title).where(TimelineEntry.title.contains("Followed up on"))
    ).one()
    assert all(number in told for number in (desk.NUMBER, "TF-2", "TF-3"))
    assert assess_due(session, DUE + timedelta(days=15)) == 1


def test_putting_causes_together_begins_anew_what_one_mail_spoke_of(session: Session):
    one, draft = several(session)
    by = desk.csm_of(session, one)
    ids = {ticket.number: ticket.id for ticket in session.scalars(select(Ticket))}
    put_together(session, by, ids[desk.NUMBER], ids["TF-2"], now=DUE)
    session.expire_all()
    assert draft.state == "cancelled"
    run(session, DUE + timedelta(hours=25))
    run(session, DUE + timedelta(hours=50))
    anew = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert all(number in anew.text for number in ids)


@pytest.mark.parametrize("how", ["cancelled", "failed", "blocked"])
def test_a_mail_given_up_reads_as_not_sent_and_cannot_leave_beside_a_new_one(
    session: Session, how: str
):
    one = desk.customer(session)
    ticket = desk.ticket(session, now=LATER)
    by = desk.csm_of(session, one)
    draft = session.get_one(Draft, follow_up(session, by, ticket.id, now=LATER))
    mail = approve(session, draft, LATER)
    mail.state, mail.reason = how, "The mailbox said no."
    session.flush()
    for _ in range(2):
        view = get_ticket(session, by, ticket.id, LATER)
        assert view.follow_up is not None
        assert (view.follow_up.state, view.hindrances) == ("left", ())
        assert (view.follow_up.why or "").startswith("Not sent: it ")
        reconcile(session, LATER)
    run(session, DUE)
    assert session.scalars(select(TicketFollowUp.state)).all() == ["left"]
    anew = session.get_one(Draft, follow_up(session, by, ticket.id, now=DUE))
    session.expire_all()
    assert (anew.state, draft.state, mail.state) == ("pending", "cancelled", "cancelled")
    with pytest.raises(InvalidMove):
        outbox.retry(session, mail.id, by=by, now=DUE)
    drafts.reopen(session, draft.id, draft.revision, by=by, now=DUE)
    codes = {block.code for block in drafts.preflight(session, draft, DUE)}
    assert "said_twice" in codes


def test_whom_a_person_chose_stays_when_the_draft_is_written_anew(session: Session):
    one = desk.customer(session)
    ticket = desk.ticket(session, now=LATER)
    by = desk.csm_of(session, one)
    sam = session.scalars(select(Stakeholder).where(Stakeholder.first_name == "Sam")).one()
    follow_up(session, by, ticket.id, now=LATER, stakeholder_id=sam.id)
    more: dict[str, Any] = OTHERS["TF-2"] | {"severity": "urgent", "escalated_to": "engineering"}
    desk.ticket(session, "TF-2", opened=SOLVED, solved=DUE, now=DUE, **more)
    run(session, DUE)
    run(session, DUE + timedelta(hours=25))
    draft = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert ("TF-2" in draft.text, draft.stakeholder_id) == (True, sam.id)
    session.query(StakeholderEmail).filter_by(stakeholder_id=sam.id).delete()
    third: dict[str, Any] = OTHERS["TF-3"] | {"severity": "urgent"}
    solved = DUE + timedelta(hours=30)
    desk.ticket(session, "TF-3", opened=DUE, solved=solved, now=solved, **third)
    run(session, DUE + timedelta(hours=31))
    run(session, DUE + timedelta(hours=60))
    anew = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert ("TF-3" in anew.text, anew.stakeholder_id == sam.id) == (True, False)
    assert "Sam Ode was chosen to be written to" in {fact["claim"] for fact in anew.evidence}


def test_whom_a_person_chose_stays_after_the_ticket_came_back(session: Session):
    one = desk.customer(session)
    ticket = desk.ticket(session, now=LATER)
    sam = session.scalars(select(Stakeholder).where(Stakeholder.first_name == "Sam")).one()
    follow_up(session, desk.csm_of(session, one), ticket.id, now=LATER, stakeholder_id=sam.id)
    desk.reopen(session, desk.NUMBER, DUE)
    again = DUE + timedelta(hours=5)
    desk.ticket(session, solved=again, now=again)
    run(session, again)
    run(session, again + timedelta(hours=25))
    draft = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert draft.stakeholder_id == sam.id


def test_a_cause_solved_twice_tells_of_its_last_solving(session: Session):
    desk.customer(session)
    first: dict[str, Any] = {
        "subject": "Sync failures on the import connector",
        "severity": "urgent",
    }
    desk.ticket(session, now=LATER, **first)
    run(session, LATER)
    again: dict[str, Any] = first | {
        "subject": "Sync failures on the import connector again",
        "severity": "low",
    }
    opened, solved = SOLVED + timedelta(hours=5), SOLVED + timedelta(days=20)
    desk.ticket(session, "TF-3", opened=opened, solved=None, now=opened, **again)
    desk.ticket(
        session, "TF-3", opened=opened, solved=solved, now=solved, people=("erin",), **again
    )
    run(session, solved)
    run(session, solved + timedelta(hours=25))
    draft = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    recap = draft.values["recap"]
    assert [(one["number"], one["status"]) for one in recap] == [
        ("TF-3", "solved on 16 February"),
        (desk.NUMBER, "came back, solved on 16 February"),
    ]
    assert "27 January" not in draft.text
