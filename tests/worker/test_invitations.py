"""The worker's rounds over invitations: each does its part once, however often it comes by."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Draft, Invitation, Task
from services.invitations.registrations import register
from tests.services.invitations.world import invited, sent, summit
from tests.support.portfolio import portfolio
from worker.invitations import FOLLOW_UP, KINDS, RECONCILE, REMIND, each


def test_rounds_follow_answers_remind_and_ask_again(engine: Engine, now: datetime):
    transact: Callable[[], AbstractContextManager[Session]] = partial(transaction, engine)
    with transact() as session:
        known = portfolio(session, now)
        soon = summit(session, now + timedelta(days=4), known.dana)
        maria = invited(session, known, soon, known.maria, now)
        register(session, maria, "virtual", source="link", now=now)
        later = summit(session, now + timedelta(days=30), known.dana, name="Webinar")
        sent(session, invited(session, known, later, known.ines, now), now - timedelta(days=8))
    for _ in range(2):
        for kind in (RECONCILE, REMIND, FOLLOW_UP):
            KINDS[kind].run(transact, {}, lambda: now)
    with transact() as session:
        states = session.scalars(select(Invitation.state).order_by(Invitation.id)).all()
        assert list(states) == ["registered", "delivered"]
        kinds = session.scalars(select(Draft.kind).order_by(Draft.id)).all()
        assert sorted(kinds) == ["event_reminder", "event_reminder", "invitation", "invitation"]
        assert session.scalars(select(Task.title)).all() == ["Call Ines Weber about Webinar"]


def test_trouble_with_one_event_stops_no_other_and_is_told(now: datetime):
    done: list[int] = []

    def do(_transact: object, number: int, _now: datetime) -> None:
        done.append(number)
        if number == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        each([1, 2, 3], do, transaction, lambda: now)
    assert done == [1, 2, 3]
