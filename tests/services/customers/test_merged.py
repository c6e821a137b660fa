"""Links to a customer that was merged into another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Customer
from services import customers
from services.access import SYSTEM, Viewer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_former_numbers_lead_through_all_merges_until_they_are_taken_back(session: Session):
    for number, name in enumerate(("Acme", "Acme Labs", "Acme Nordics"), start=1):
        session.add(Customer(id=number, name=name, created_at=NOW, updated_at=NOW))
    session.flush()
    customers.merge(session, 2, 3, by=SYSTEM, now=NOW)
    last = customers.merge(session, 1, 2, by=SYSTEM, now=NOW)
    assert [customers.went_into(session, SYSTEM, n) for n in (1, 2, 3, 4)] == [None, 1, 1, None]
    assert [customers.present(session, SYSTEM, n) for n in (1, 2, 3, 4)] == [1, 1, 1, 4]
    stranger = Viewer(None, "Cara", None, "csm", sees_all=False)
    with pytest.raises(NotFound):
        customers.went_into(session, stranger, 3)
    customers.unmerge(session, last, by=SYSTEM, now=NOW)
    assert customers.went_into(session, SYSTEM, 3) == 2
    assert session.scalars(select(Customer.id).order_by(Customer.id)).all() == [1, 2]
