"""One mail that speaks for several root causes, and mails that were given up: nothing is said twice, nothing
is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from data.errors import InvalidMove
from data.tables import (
    Customer,
    Draft,
    Notification,
    OutboxMail,
    Stakeholder,
    StakeholderEmail,
    Ticket,
    TicketFollowUp,
    TimelineEntry,
)
from services import drafts, outbox
from services.access import SYSTEM
from services.mailboxes import mailbox_for
from services.tickets.afterwards import report
from services.tickets.assessing import assess_due
from services.tickets.clusters import put_together
from services.tickets.follow_up.command import follow_up
from services.tickets.follow_up.drafting import draft_due, take_back
from services.tickets.follow_up.sent import reconcile
from services.tickets.follow_up.stopping import withdraw
from services.tickets.follow_up.triggers import begin
from services.tickets.one_ticket import get_ticket
from tests.support import desk
from tests.support.desk import SOLVED

LATER = SOLVED + timedelta(hours=2)
DUE = SOLVED + timedelta(hours=49)
ACCEPTED = ("no_direct_phone", "ticket_open_long")
OTHERS: dict[str, dict[str, Any]] = {
    "TF-2": {
        "subject": "Export to PDF cuts off the last page",
        "area": "Reports",
        "severity": "normal",
    },
    "TF-3": {"subject": "Totals of the payroll differ", "area": "Payroll", "severity": "normal"},
}


def run(session: Session, now: datetime) -> None:
    reconcile(session, now)
    begin(session, now)
    draft_due(session, now)
    session.expire_all()


def several(session: Session) -> tuple[Customer, Draft]:
    """Three causes, opened three weeks before they were solved, in one draft."""
    one = desk.customer(session)
    opened = SOLVED - timedelta(days=20)
    desk.ticket(session, now=LATER, opened=opened, escalated_to="engineering", reopens=2)
    for number, more in OTHERS.items():
        desk.ticket(session, number, now=LATER, opened=opened, **more)
    run(session, LATER)
    run(session, DUE)
    return one, session.scalars(select(Draft)).one()


def states(session: Session) -> dict[str, str]:
    """By ticket the state of its newest follow-up."""
    rows = session.execute(
        select(Ticket.number, TicketFollowUp.state)
        .join(TicketFollowUp, TicketFollowUp.cluster_id == Ticket.cluster_id)
        .order_by(TicketFollowUp.id)
    )
    return {number: state for number, state in rows}  # noqa: C416 - rows are no pairs to the checker


def approve(session: Session, draft: Draft, now: datetime) -> OutboxMail:
    by = desk.csm_of(session, session.get_one(Customer, draft.customer_id))
    mailbox_for(session, by.person_id)
    session.refresh(draft)
    drafts.approve(session, draft.id, draft.revision, by=by, now=now, accepted=ACCEPTED)
    return session.scalars(
        select(OutboxMail).where(OutboxMail.draft_id == draft.id, OutboxMail.state == "queued")
    ).one()


def at_the_gate(session: Session, now: datetime) -> tuple[str, str]:
    session.flush()
    claimed = outbox.claim(session, now=now, seconds=60)
    assert claimed is not None
    passed = outbox.pass_gate(session, claimed.lease, now=now, seconds=60)
    assert passed is not None
    return passed.decision.kind, passed.decision.why or ""


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


def test_a_mail_that_is_tried_again_is_followed_as_before(session: Session):
    _, draft = several(session)
    mail = approve(session, draft, DUE)
    mail.state = "failed"
    run(session, DUE)
    assert session.scalars(select(Draft)).one().state == "approved"
    by = desk.csm_of(session, session.get_one(Customer, draft.customer_id))
    outbox.retry(session, mail.id, by=by, now=DUE)
    reconcile(session, DUE)
    assert set(states(session).values()) == {"drafted"}
    mail.state, mail.sent_at = "sent", DUE
    reconcile(session, DUE)
    assert set(states(session).values()) == {"sent"}


@pytest.mark.parametrize("number", [desk.NUMBER, "TF-3"])
def test_a_shared_mail_that_failed_is_written_anew_on_command_with_all_it_spoke_of(
    session: Session, number: str
):
    one, draft = several(session)
    by = desk.csm_of(session, one)
    mail = approve(session, draft, DUE)
    mail.state, mail.reason = "failed", "The mailbox said no."
    run(session, DUE)
    asked = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    view = get_ticket(session, by, asked.id, DUE)
    assert view.follow_up is not None
    assert (view.follow_up.state, view.hindrances) == ("left", ())
    anew = session.get_one(Draft, follow_up(session, by, asked.id, now=DUE))
    assert (anew.state, mail.state) == ("pending", "cancelled")
    assert all(known in anew.text for known in (desk.NUMBER, *OTHERS))
    assert set(states(session).values()) == {"drafted"}


def test_what_is_written_anew_while_its_ticket_reopens_is_withdrawn_all_the_same(session: Session):
    _, draft = several(session)
    two = session.scalars(select(Ticket).where(Ticket.number == "TF-2")).one()
    one = session.scalars(
        select(TicketFollowUp).where(TicketFollowUp.cluster_id == two.cluster_id)
    ).one()
    sam = session.scalars(select(Stakeholder).where(Stakeholder.first_name == "Sam")).one()
    anew = follow_up(session, SYSTEM, two.id, now=DUE, stakeholder_id=sam.id)
    session.flush()
    # As whoever takes in the reopening read it, before the rewriting was committed.
    set_committed_value(one, "draft_id", draft.id)
    set_committed_value(draft, "state", "pending")
    assert withdraw(session, one, "Ticket TF-2 was opened again.", DUE)
    session.expire_all()
    assert session.get_one(Draft, anew).state == "cancelled"
    assert states(session) == {"TF-2024-0847": "waiting", "TF-2": "withdrawn", "TF-3": "waiting"}


def test_a_draft_approved_meanwhile_is_not_taken_back(session: Session):
    _, draft = several(session)
    approve(session, draft, DUE)
    session.flush()
    set_committed_value(draft, "state", "pending")
    set_committed_value(draft, "revision", 1)
    assert take_back(session, draft, DUE) == []
    session.expire_all()
    assert (draft.state, set(states(session).values())) == ("approved", {"drafted"})


def _anothers(session: Session, draft: Draft, ticket: Ticket) -> None:
    ticket.customer_id = desk.customer(session, "Northwind").id


def _said_twice(session: Session, draft: Draft, ticket: Ticket) -> None:
    session.add(
        TicketFollowUp(
            customer_id=draft.customer_id, cluster_id=ticket.cluster_id, ticket_id=ticket.id,
            reason="severe", level="acknowledge", state="sent", sent_at=DUE, due_at=DUE,
            draft_id=_another(session, draft), created_at=DUE,
        )
    )  # fmt: skip


def _another(session: Session, draft: Draft) -> int:
    new = drafts.NewDraft(
        dedup_key="another", kind=draft.kind, topic=draft.topic, customer_id=draft.customer_id,
        stakeholder_id=draft.stakeholder_id, source="other", template=draft.template,
        values=draft.values,
    )  # fmt: skip
    number = drafts.create(session, new, now=DUE)
    assert number is not None
    return number


def _solved_again(session: Session, draft: Draft, ticket: Ticket) -> None:
    ticket.solved_at = DUE + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("come", "said"),
    [
        (_anothers, "another customer's"),
        (_said_twice, "Another mail speaks of ticket TF-3"),
        (_solved_again, "TF-3 came back and was solved again"),
    ],
)
def test_what_only_the_owner_can_put_right_after_approval_they_are_told_once(
    session: Session, come: Callable[[Session, Draft, Ticket], None], said: str
):
    one, draft = several(session)
    mail = approve(session, draft, DUE)
    # As if it came in while a worker already held the mail.
    come(session, draft, session.scalars(select(Ticket).where(Ticket.number == "TF-3")).one())
    for hours in (1, 2):
        kind, why = at_the_gate(session, mail.due_at + timedelta(hours=hours))
        assert (kind, said in why) == ("wait", True)
    told = session.scalars(
        select(Notification).where(Notification.title.contains("send queue"))
    ).one()
    assert (told.person_id, said in told.body) == (one.csm_id, True)
    assert "take its approval back and reject it" in told.body


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


def test_the_desks_own_rating_after_approval_holds_a_mail_that_asks_for_one(session: Session):
    _, draft = several(session)
    approve(session, draft, DUE)
    desk.ticket(session, "TF-3", now=DUE, csat="offered", updated_at=DUE.replace(tzinfo=None))
    session.expire_all()
    for hours in (1, 2):
        now = DUE + timedelta(hours=hours)
        kind, why = at_the_gate(session, now)
        assert (kind, "Take our link out" in why) == ("wait", True)
    told = session.scalars(select(Notification).where(Notification.title.contains("send queue")))
    assert [note.actions[0]["screen"] for note in told] == ["draft"]
    by = desk.csm_of(session, session.get_one(Customer, draft.customer_id))
    text = "\n".join(line for line in draft.text.splitlines() if "/f/" not in line)
    drafts.edit(session, draft.id, draft.revision, subject=draft.subject, text=text, by=by, now=now)
    approve(session, draft, now)
    assert at_the_gate(session, DUE + timedelta(days=1)) == ("go", "")


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
