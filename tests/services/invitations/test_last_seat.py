"""What comes at once: a seat is given once, a person has one, and nobody is asked twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import InvalidMove
from data.tables import Draft, Invitation, Notification, Registration
from services.invitations import answers
from services.invitations.calling_off import cancel_event
from services.invitations.inviting import invite_many
from services.invitations.records import INVITATION
from tests.services.invitations.world import invited, summit
from tests.support.portfolio import Portfolio, portfolio


def _asked(session: Session, known: Portfolio, capacity: int, now: datetime) -> list[str]:
    """The tokens of three people asked to an event with so many seats."""
    event = summit(session, now + timedelta(days=20), known.dana, capacity=capacity)
    people = (known.maria, known.tom, known.ines)
    return [invited(session, known, event, who, now).token for who in people]


def _press(engine: Engine, token: str, now: datetime) -> str:
    try:
        with transaction(engine) as session:
            answers.answer(session, token, "virtual", now=now)
    except InvalidMove as error:
        return error.message
    return "in"


def test_last_seat_goes_to_one_of_those_who_press_at_once(engine: Engine, now: datetime):
    with transaction(engine) as session:
        tokens = _asked(session, portfolio(session, now), 1, now)
    with ThreadPoolExecutor(3) as pool:
        ends = list(pool.map(lambda token: _press(engine, token, now), tokens))
    assert ends.count("in") == 1
    assert all("taken" in end for end in ends if end != "in")
    with transaction(engine) as session:
        assert session.query(Registration).filter_by(state="registered").count() == 1
        states = session.scalars(select(Invitation.state)).all()
        assert sorted(states) == ["drafted", "drafted", "registered"]


def test_one_person_who_presses_four_times_at_once_has_one_seat(engine: Engine, now: datetime):
    with transaction(engine) as session:
        token = _asked(session, portfolio(session, now), 2, now)[0]
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda _: _press(engine, token, now), range(4)))
    assert ends == ["in"] * 4
    with transaction(engine) as session:
        assert session.query(Registration).count() == 1
        assert session.query(Notification).filter_by(kind="invitation_answered").count() == 1


def test_nobody_is_registered_beside_a_cancellation(engine: Engine, now: datetime):
    """Whoever was first: no registration comes after it, and each one before it is told."""
    with transaction(engine) as session:
        known = portfolio(session, now)
        tokens = _asked(session, known, 3, now)
        event = session.scalars(select(Invitation.event_id)).first() or 0

    def call_off() -> int:
        with transaction(engine) as session:
            return cancel_event(session, event, "Too few", by=known.ada, now=now).told.drafts

    with ThreadPoolExecutor(4) as pool:
        presses = [pool.submit(_press, engine, token, now) for token in tokens]
        told = pool.submit(call_off).result()
        ends = [one.result() for one in presses]
    assert ends.count("in") == told
    assert all("cancelled" in end for end in ends if end != "in")


def test_invitations_that_are_drafted_twice_at_once_are_made_once(engine: Engine, now: datetime):
    with transaction(engine) as session:
        known = portfolio(session, now)
        event = summit(session, now + timedelta(days=20), known.dana)

    def press(_: int) -> int:
        with transaction(engine) as session:
            both = [known.techcorp, known.datapro]
            return len(invite_many(session, event, both, by=known.ada, now=now).draft_ids)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(press, range(3))) == [0, 0, 2]
    with transaction(engine) as session:
        links = list(session.scalars(select(Invitation.token)))
        drafts = session.scalars(select(Draft.text).where(Draft.kind == INVITATION)).all()
        assert len(links) == 2
        assert sorted(any(link in text for link in links) for text in drafts) == [True, True]
