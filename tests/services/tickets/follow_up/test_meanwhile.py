"""What happens to a mail about several root causes between its writing and its leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from data.tables import (
    Customer,
    Draft,
    Notification,
    Stakeholder,
    Ticket,
    TicketFollowUp,
    TicketState,
)
from services import drafts, outbox
from services.access import SYSTEM
from services.tickets.follow_up.command import follow_up
from services.tickets.follow_up.drafting import take_back
from services.tickets.follow_up.sent import reconcile
from services.tickets.follow_up.stopping import withdraw
from services.tickets.one_ticket import get_ticket
from tests.support import desk
from tests.support.desk import SOLVED
from tests.support.shared_mails import (
    DUE,
    OTHERS,
    approve,
    at_the_gate,
    run,
    several,
    states,
)


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


def test_a_return_told_together_with_its_solving_withdraws_the_mail_all_the_same(session: Session):
    _, draft = several(session)
    back, over = DUE + timedelta(hours=1), DUE + timedelta(hours=2)
    desk.reopen_and_solve(session, "TF-2", back, over)
    assert session.get_one(Draft, draft.id).state == "cancelled"
    assert states(session) == {"TF-2024-0847": "waiting", "TF-2": "withdrawn", "TF-3": "waiting"}
    later = over + timedelta(days=3)
    run(session, over)
    run(session, later)
    anew = session.scalars(select(Draft).where(Draft.state == "pending")).one()
    assert all(number in anew.text for number in (desk.NUMBER, *OTHERS))
    assert approve(session, anew, later).state == "queued"


def test_a_desk_whose_clock_is_ahead_of_ours_has_solved_nothing_again(session: Session):
    one = desk.customer(session)
    ahead = SOLVED + timedelta(hours=2)
    made = desk.ticket(session, solved=ahead, now=SOLVED)
    by = desk.csm_of(session, one)
    draft = session.get_one(Draft, follow_up(session, by, made.id, now=SOLVED))
    assert approve(session, draft, SOLVED).state == "queued"


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
    at = DUE + timedelta(minutes=30)
    ticket.solved_at = at
    session.add(
        TicketState(
            id=1_000, ticket_id=ticket.id, key="again", what="state", before="open", value="solved", at=at,
            source="webhook", received_at=at,
        )
    )  # fmt: skip


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
