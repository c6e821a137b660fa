"""What there is to choose from above the list of drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, Person
from services.access import Viewer
from services.drafts.access import seen_by
from services.drafts.records import WAITING
from services.drafts.wholes import listed


@dataclass(frozen=True)
class Overview:
    """Of the drafts that the reader sees. `counts`: how many by state, and `mine`: those that wait for the
    reader as their owner. `owners`: whose there are besides, id by name; of two of one name, the later one's
    with its id."""

    counts: Mapping[str, int]
    kinds: tuple[str, ...]
    owners: Mapping[str, int]


def overview(session: Session, by: Viewer) -> Overview:
    """In one look at them all, however many choices are offered."""
    rows = session.execute(_counted(by)).all()
    counts = {"mine": 0}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + row.many
        if row.state in WAITING and row.owner_id is not None and row.owner_id == by.person_id:
            counts["mine"] += row.many
    others = {row.owner_id for row in rows} - {None, by.person_id}
    kinds = tuple(sorted({row.kind for row in rows}))
    return Overview(counts, kinds, _named(session, others))


@lru_cache(maxsize=256)
def _counted(by: Viewer) -> Select[*tuple[Any, ...]]:
    """Kept, since putting it together takes several times as long as a short answer."""
    state = listed().label("state")
    return (
        select(state, Draft.kind, Draft.owner_id, func.count().label("many"))
        .join(Customer, Customer.id == Draft.customer_id)
        .where(seen_by(by))
        .group_by(state, Draft.kind, Draft.owner_id)
    )


def _named(session: Session, people: set[int | None]) -> dict[str, int]:
    if not people:
        return {}
    rows = session.execute(
        select(Person.name, Person.id)
        .where(Person.id.in_(people))
        .order_by(func.lower(Person.name), Person.id)
    )
    found: dict[str, int] = {}
    for name, number in rows:
        found[name if name not in found else f"{name} ({number})"] = number
    return found
