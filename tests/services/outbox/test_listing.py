from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from services import outbox
from services.access import SYSTEM, Viewer
from services.outbox import QueueFilters
from tests.support import queued

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SIZE = 3
ALL = {
    1: ("TechCorp", "Ana", 5),
    2: ("TechCorp", "Ana", 2),
    3: ("DataPro", "Ben", 2),
    4: ("DataPro", "Ana", 4),
    5: ("TechCorp", "Ben", 1),
    6: ("DataPro", "Ben", 3),
    7: ("TechCorp", "Ana", 9),
}
"""By number: whose customer, who approved it, and the hours until it leaves."""


@pytest.fixture
def people(session: Session) -> dict[str, Viewer]:
    """Ana looks after TechCorp, Ben after DataPro; ALL of theirs waits."""
    found = {name: queued.colleague(session, name) for name in ("Ana", "Ben")}
    customers = {
        "TechCorp": queued.customer(session, "TechCorp", csm_id=found["Ana"].person_id),
        "DataPro": queued.customer(session, "DataPro", csm_id=found["Ben"].person_id),
    }
    box = queued.mailbox(session)
    for number, (name, owner, hours) in ALL.items():
        mail = queued.approved(
            box,
            f"kim{number}@acme.example",
            NOW + timedelta(hours=hours),
            customer_id=customers[name],
            owner_id=found[owner].person_id,
            subject=f"Mail {number}",
        )
        outbox.enqueue(session, mail, now=NOW)
    return found


def paged(session: Session, by: Viewer, wanted: QueueFilters) -> list[str]:
    """The subjects of all pages, each of which has to tell how many there are."""
    found: list[str] = []
    total = outbox.total(session, by, wanted)
    for offset in range(0, total + 1, SIZE):
        rows, told = outbox.listing(session, by, wanted, now=NOW, offset=offset, limit=SIZE)
        assert told == total
        assert len(rows) == max(0, min(SIZE, total - offset))
        found += [row.subject for row in rows]
    return found


@pytest.mark.parametrize("name", [None, "Ana", "Ben"])
@pytest.mark.parametrize("search", ["", "techcorp", "KIM3@", "mail", "nobody"])
def test_pages_together_are_all_that_somebody_sees_in_the_order_it_leaves(
    session: Session, people: dict[str, Viewer], name: str | None, search: str
):
    def seen(number: int) -> bool:
        customer, owner, _ = ALL[number]
        theirs = {"Ana": "TechCorp", "Ben": "DataPro"}
        text = f"{customer} kim{number}@acme.example Mail {number}".lower()
        return search.lower() in text and (name in (None, owner) or customer == theirs[name])

    by = SYSTEM if name is None else people[name]
    expected = sorted(filter(seen, ALL), key=lambda number: (ALL[number][2], number))
    assert paged(session, by, QueueFilters(search=search)) == [f"Mail {one}" for one in expected]
