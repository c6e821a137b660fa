"""What a customer's ARR was counts for a month, where it was lowered by hand or by a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import AuditEntry, Customer
from services import drafts
from services.customers import import_customers, merging
from services.customers.arr import LOWERED, Arr, arr_of
from services.customers.editing import edit_customer
from services.outbox import policy as policies
from tests.services.customers.files import parsed
from tests.services.drafts.machine import OPEN, START
from tests.services.drafts.world import make, queued
from tests.support.portfolio import Portfolio, portfolio

MONTH = timedelta(days=30)
BEFORE = Decimal(250_000)


@pytest.fixture
def known(session: Session) -> Portfolio:
    found = portfolio(session, START)
    rule = replace(OPEN, four_eyes_arr=Decimal(200_000))
    policies.save(session, rule, by=found.ada, now=START)
    return found


def by_hand(session: Session, known: Portfolio, arr: str) -> None:
    edit_customer(session, known.techcorp, {"arr": arr}, by=known.dana, now=START)


def by_file(session: Session, known: Portfolio, arr: str) -> None:
    file = parsed("customers", [{"name": "TechCorp", "arr": arr}])
    import_customers(session, file, by=known.dana, now=START)


@pytest.mark.parametrize("lower", [by_hand, by_file])
def test_one_person_does_not_become_enough_by_lowering_the_arr_for_a_while(
    session: Session, known: Portfolio, lower: object
):
    draft = make(session, known, START)
    assert callable(lower)
    lower(session, known, "1")
    session.expire_all()
    assert session.get_one(Customer, known.techcorp).arr == 1
    shown = drafts.view(session, known.dana, draft.id, START)
    assert "within a month" in (shown.second_look or "")
    assert drafts.approve(session, draft.id, 1, by=known.dana, now=START).state == "second_look"
    assert queued(session, draft.id) == []


def into_small(session: Session, known: Portfolio, arr: Decimal | None) -> int:
    """TechCorp becomes part of DataPro, whose ARR is that; the merge's number."""
    session.get_one(Customer, known.datapro).arr = arr
    session.flush()
    return merging.merge(session, known.datapro, known.techcorp, by=known.morgan, now=START)


def test_one_person_does_not_become_enough_by_a_merge(session: Session, known: Portfolio):
    draft = make(session, known, START)
    into_small(session, known, Decimal(1))
    session.expire_all()
    assert session.get_one(Customer, known.datapro).arr == 1
    assert arr_of(session, [known.datapro], START + MONTH)[known.datapro].highest == 1
    done = drafts.approve(session, draft.id, draft.revision, by=known.morgan, now=START)
    assert done.state == "second_look"
    assert queued(session, draft.id) == []


def test_what_was_lowered_before_a_merge_counts_after_it(session: Session, known: Portfolio):
    by_hand(session, known, "1")
    into_small(session, known, None)
    assert arr_of(session, [known.datapro], START)[known.datapro] == Arr(Decimal(1), BEFORE)


def test_arr_that_came_by_a_merge_counts_after_it_is_taken_back(session: Session, known: Portfolio):
    """A mail that was written meanwhile stays."""
    entry = into_small(session, known, None)
    assert arr_of(session, [known.datapro], START)[known.datapro] == Arr(BEFORE, BEFORE)
    merging.unmerge(session, entry, by=known.morgan, now=START)
    assert arr_of(session, [known.datapro], START)[known.datapro] == Arr(None, BEFORE)


def test_merge_into_a_larger_one_lowers_nothing(session: Session, known: Portfolio):
    into_small(session, known, Decimal(300_000))
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == LOWERED)).all() == []


def test_what_was_counts_for_a_month(session: Session, known: Portfolio):
    by_hand(session, known, "9000")
    by_hand(session, known, "")
    last = START + MONTH - timedelta(seconds=1)
    numbers = [known.techcorp, known.datapro]
    held = Arr(Decimal(40_000), Decimal(40_000))
    assert arr_of(session, numbers, last) == {
        known.techcorp: Arr(None, BEFORE),
        known.datapro: held,
    }
    assert arr_of(session, numbers, START + MONTH) == {known.techcorp: Arr(), known.datapro: held}


@pytest.mark.parametrize("change", [by_hand, by_file])
def test_more_is_not_kept_as_less(session: Session, known: Portfolio, change: object):
    assert callable(change)
    change(session, known, "250000")
    change(session, known, "300000.10")
    lowered = select(AuditEntry).where(AuditEntry.action == LOWERED)
    assert session.scalars(lowered).all() == []
    assert arr_of(session, [known.techcorp], START)[known.techcorp].highest == Decimal("300000.10")


def test_audit_log_says_what_it_was(session: Session, known: Portfolio):
    by_hand(session, known, "1")
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == LOWERED))
    assert (entry.what, entry.person_id) == ("ARR 250,000 to 1", known.dana.person_id)
