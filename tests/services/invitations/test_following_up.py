from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, Invitation, Task
from services import suppression
from services.invitations.colleagues import colleagues
from services.invitations.following_up import (
    FollowedUp,
    Silence,
    follow_up,
    step,
    waiting,
)
from services.invitations.passing_on import pass_on
from services.invitations.records import NUDGE
from services.invitations.registrations import register
from tests.services.invitations.world import invited, sent, summit
from tests.support.portfolio import portfolio

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = NOW + timedelta(days=30)
LONG_AGO, LATELY = NOW - timedelta(days=8), NOW - timedelta(days=6)


def silence(**said: Any) -> Silence:
    given: dict[str, Any] = {
        "invitation_id": 1, "customer_id": 10, "stakeholder_id": 100, "state": "delivered",
        "mailed_at": LONG_AGO, "nudged": False, "passed_on": False,
    }  # fmt: skip
    return Silence(**(given | said))


@pytest.mark.parametrize(
    ("said", "others", "wanted"),
    [
        ({"state": "opened"}, True, "again"),
        ({"state": "clicked"}, False, "again"),
        ({"state": "opened", "nudged": True}, True, "colleague"),
        ({"state": "opened", "nudged": True}, False, "call"),
        ({"state": "opened", "nudged": True, "mailed_at": None}, True, None),
        ({}, True, "colleague"),
        ({}, False, "call"),
        ({"mailed_at": LATELY}, True, None),
        ({"state": "undelivered", "mailed_at": None}, True, "colleague"),
        ({"passed_on": True}, True, None),
        ({"customer_id": 20}, True, None),
    ],
)
def test_step_depends_on_what_is_known_of_the_silence(
    said: dict[str, Any], others: bool, wanted: str | None
):
    assert step(silence(**said), START, {20}, others=others, now=NOW) == wanted


def test_nobody_is_asked_in_the_last_two_days():
    soon = NOW + timedelta(days=1)
    assert step(silence(state="opened"), soon, set(), others=True, now=NOW) is None


def test_who_looked_is_asked_again_and_else_a_colleague_or_the_csm(session: Session, now: datetime):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=30), known.dana)
    maria = invited(
        session, known, event, known.maria, now, state="opened",
        reasons=[{"sentence": "Your team works on automation."}],
        sessions=[{"session_id": 9, "title": "Taken off the programme", "why": "It fits."}],
    )  # fmt: skip
    ines = invited(session, known, event, known.ines, now, state="delivered")
    for one in (maria, ines):
        sent(session, one, now - timedelta(days=8))
    assert waiting(session, now) == [event]
    assert follow_up(session, event, now) == FollowedUp(again=1, calls=1)
    assert follow_up(session, event, now) == FollowedUp()
    nudge = session.scalars(select(Draft).where(Draft.kind == NUDGE)).one()
    assert "on 13 November" in nudge.text
    assert "Your team works on automation." in nudge.text
    assert "Taken off" not in nudge.text
    task = session.query(Task).one()
    assert (task.title, task.owner_id) == (
        "Call Ines Weber about Customer Success Summit",
        known.erik.person_id,
    )
    maria.state = "delivered"
    session.flush()
    assert follow_up(session, event, now) == FollowedUp()  # the nudge has not left yet


def test_colleagues_are_those_who_can_be_written_to_the_champion_first(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=30), known.dana)
    assert colleagues(session, event, [known.techcorp, known.datapro]) == {
        known.techcorp: [known.maria, known.tom],
        known.datapro: [known.ines],
    }
    tom = invited(session, known, event, known.tom, now, state="delivered")
    sent(session, tom, now - timedelta(days=8))
    assert follow_up(session, event, now).colleagues == ((tom.id, known.maria),)
    suppression.suppress(session, "maria@techcorp.example", "events", "manual", now=now)
    assert colleagues(session, event, [known.techcorp]) == {}
    register(session, tom, "virtual", source="link", now=now)
    assert session.get_one(Invitation, tom.id).state == "delivered"
    assert follow_up(session, event, now) == FollowedUp()  # somebody of them comes


def test_colleague_is_invited_in_the_place_of_who_is_silent(session: Session, now: datetime):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=30), known.dana)
    tom = invited(session, known, event, known.tom, now, state="delivered")
    sent(session, tom, now - timedelta(days=8))
    ines = invited(session, known, event, known.ines, now, state="opened")
    sent(session, ines, now - timedelta(days=8))
    session.get_one(Customer, known.datapro).churned_on = now.date()
    techcorp = session.get_one(Customer, known.techcorp)
    found = follow_up(session, event, now)
    assert found == FollowedUp(colleagues=((tom.id, known.maria),))  # who has left hears no more
    techcorp.churned_on = now.date()
    assert follow_up(session, event, now) == FollowedUp()
    assert pass_on(session, event, found, now) == (0, 0)
    techcorp.churned_on = None
    assert pass_on(session, event, found, now) == (1, 0)
    maria = session.scalars(
        select(Invitation).where(Invitation.stakeholder_id == known.maria)
    ).one()
    assert (maria.follows_id, maria.state) == (tom.id, "drafted")
    draft = session.get_one(Draft, maria.draft_id or 0)
    assert (draft.kind, draft.owner_id) == ("invitation", known.dana.person_id)
    assert follow_up(session, event, now) == FollowedUp()  # it has been passed on
