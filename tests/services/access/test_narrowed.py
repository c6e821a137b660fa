"""A part of what one sees is never more than one sees."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.tables import Customer
from services.access import NO_SEGMENT, Viewer, narrowed, visible
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    made = portfolio(session, now)
    session.execute(update(Customer).where(Customer.id == made.techcorp).values(segment="SMB"))
    return made


def seen(session: Session, by: Viewer) -> set[int]:
    return set(session.scalars(select(Customer.id).where(visible(by))))


def test_everything_of_a_part_and_nothing_else(session: Session, known: Portfolio):
    dana = frozenset({known.dana.person_id or 0})
    for leader in (known.ada, known.morgan):
        assert seen(session, narrowed(leader, segment="SMB")) == {known.techcorp}
        assert seen(session, narrowed(leader, segment=NO_SEGMENT)) == {known.datapro}
        assert seen(session, narrowed(leader, csm_ids=dana)) == {known.techcorp}
        assert seen(session, narrowed(leader, segment=NO_SEGMENT, csm_ids=dana)) == set()
        assert seen(session, narrowed(leader, csm_ids=frozenset())) == set()


def test_a_lens_lets_nobody_see_more(session: Session, known: Portfolio):
    erik = frozenset({known.erik.person_id or 0})
    assert seen(session, narrowed(known.dana, csm_ids=erik)) == set()
    assert seen(session, narrowed(known.dana, segment="SMB")) == {known.techcorp}


def test_who_looks_at_a_part_is_not_let_past_the_condition(known: Portfolio):
    assert not narrowed(known.ada, segment="SMB").sees_all
    assert narrowed(known.ada) is known.ada
