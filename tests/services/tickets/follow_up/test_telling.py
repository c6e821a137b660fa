"""Whom a ticket is told to: the CSM once a draft waits, and everybody on the customer's timeline."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Notification
from services.access import SYSTEM
from services.tickets.follow_up.drafting import draft_due
from services.tickets.follow_up.triggers import begin
from services.timeline import timeline
from tests.support import desk
from tests.support.desk import OPENED, SOLVED

DUE = SOLVED + timedelta(hours=25)


def test_the_csm_is_told_once_that_a_draft_waits(session: Session):
    one = desk.customer(session)
    people = ("david", "erin", "sam")
    desk.ticket(session, now=SOLVED, escalated_to="engineering", people=people, reopens=1)
    for _ in range(2):
        begin(session, DUE)
        draft_due(session, DUE)
    note = session.scalars(select(Notification).where(Notification.kind == "ticket")).one()
    assert (note.person_id, note.urgent) == (one.csm_id, True)
    assert note.title == ("TechFlow: a relationship repair after ticket TF-2024-0847 waits for you")
    assert [action["screen"] for action in note.actions] == ["draft", "one_ticket"]


def test_the_timeline_has_the_course_of_a_ticket(session: Session):
    one = desk.customer(session)
    desk.ticket(session, now=SOLVED, escalated_to="engineering", csat="bad")
    desk.reopen(session, desk.NUMBER, SOLVED + timedelta(hours=3))
    told = [
        entry.title.split(": ")[0] for entry in timeline(session, SYSTEM, one.id, kinds=("ticket",))
    ]
    assert "Ticket TF-2024-0847 opened" in told
    assert "Ticket TF-2024-0847 opened again" in told
    assert "Ticket TF-2024-0847 escalated to engineering" in told
    assert "Support was rated bad after ticket TF-2024-0847" in told
    early = timeline(
        session, SYSTEM, one.id, kinds=("ticket",), before=OPENED + timedelta(minutes=1)
    )
    assert [entry.title.split(": ")[0] for entry in early] == ["Ticket TF-2024-0847 opened"]
