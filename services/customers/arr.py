"""A customer's ARR as it is, and as it was: some rules must not be got round by changing it for a while."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from data.tables import AuditEntry, Customer
from services.access import Viewer

LOWERED = "customer.arr_lowered"
REMEMBERED = timedelta(days=30)
PIECE = 500


@dataclass(frozen=True)
class Arr:
    """`highest`: the highest within 30 days, as far as it was lowered by hand, by a file or by a merge."""

    now: Decimal | None = None
    highest: Decimal | None = None


_NOW = select(Customer.id, Customer.arr).where(
    Customer.id.in_(bindparam("customers", expanding=True))
)
_EARLIER = select(AuditEntry.entity_id, AuditEntry.detail).where(
    AuditEntry.entity == "customer",
    AuditEntry.entity_id.in_(bindparam("customers", expanding=True)),
    AuditEntry.action == LOWERED,
    AuditEntry.at > bindparam("since"),
)


def arr_of(session: Session, customer_ids: Iterable[int], now: datetime) -> dict[int, Arr]:
    """By customer, for each of them."""
    numbers = sorted(set(customer_ids))
    found = {number: Arr() for number in numbers}
    for start in range(0, len(numbers), PIECE):
        some = numbers[start : start + PIECE]
        rows = session.execute(_NOW, {"customers": some})
        found |= {row.id: Arr(row.arr, row.arr) for row in rows}
        earlier = session.execute(_EARLIER, {"customers": some, "since": now - REMEMBERED})
        for number, detail in earlier:
            assert number is not None
            known, was = found[number], Decimal((detail or {})["from"])
            if known.highest is None or was > known.highest:
                found[number] = Arr(known.now, was)
    return found


def note_lowered(
    session: Session,
    changes: Sequence[tuple[int, Decimal, Decimal | None]],
    *,
    by: Viewer,
    now: datetime,
    how: str = "",
) -> None:
    """Keep what the ARR was; `changes` is (customer, before, after), `how` is told with it."""
    rows = [
        {
            "at": now,
            "person_id": by.person_id,
            "action": LOWERED,
            "entity": "customer",
            "entity_id": number,
            "what": f"ARR {before:,.0f} to {'none' if after is None else f'{after:,.0f}'}{how}",
            "detail": {"from": str(before)},
        }
        for number, before, after in changes
        if after is None or after < before
    ]
    if rows:
        session.execute(insert(AuditEntry), rows)
