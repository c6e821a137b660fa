"""Which part of the house the figures are of: a period, a segment, somebody's customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, Person
from services.access import (
    ADMINISTRATOR,
    MANAGER,
    Viewer,
    narrowed,
    require_role,
    visible,
)
from services.attendance import analysis
from services.attendance.analysis import AnalysisFilters


@dataclass(frozen=True)
class Wanted:
    """The last `days`; a segment; the customers of these CSMs. Empty means all that one sees."""

    days: int = 365
    segment: str | None = None
    csm_ids: tuple[int, ...] | None = None

    @property
    def events(self) -> AnalysisFilters:
        """The same for the analysis of events, whose reader is to be `lens_of` with `segment=False`."""
        return AnalysisFilters(self.days, self.segment)

    def since(self, at: datetime) -> datetime:
        return at - timedelta(days=self.days)


@dataclass(frozen=True)
class Choices:
    """`whose` has CSMs and, for those who see more than one team, teams: words -> ids of CSMs."""

    segments: tuple[str, ...]
    whose: Mapping[str, tuple[int, ...]]


def lens_of(by: Viewer, wanted: Wanted, *, segment: bool = True) -> Viewer:
    """Who sees what `by` sees of what is wanted; NotAllowed for who leads nobody. Without `segment` it is left
    to who is handed it."""
    require_role(by, MANAGER, ADMINISTRATOR)
    whose = None if wanted.csm_ids is None else frozenset(wanted.csm_ids)
    return narrowed(by, segment=wanted.segment if segment else None, csm_ids=whose)


def choices(session: Session, by: Viewer) -> Choices:
    """Segments and people of the customers that `by` sees."""
    require_role(by, MANAGER, ADMINISTRATOR)
    theirs = select(Customer.csm_id).where(visible(by), Customer.csm_id.is_not(None))
    people = session.execute(
        select(Person.id, Person.name, Person.manager_id)
        .where(Person.id.in_(theirs))
        .order_by(Person.name, Person.id)
    ).all()
    named = session.execute(
        select(Person.id, Person.name)
        .where(Person.id.in_({row.manager_id for row in people} - {None}))
        .order_by(Person.name, Person.id)
    )
    leaders = {row.id: row.name for row in named}
    found: dict[str, tuple[int, ...]] = {}
    if by.sees_all and len(leaders) > 1:
        for number, name in leaders.items():
            mine = (row.id for row in people if number in (row.id, row.manager_id))
            found[_unlike(found, f"Team of {name}")] = tuple(sorted(mine))
    for row in people:
        found[_unlike(found, row.name)] = (row.id,)
    segments, _ = analysis.choices(session, by)
    return Choices(tuple(segments), found)


def _unlike(found: Mapping[str, object], words: str) -> str:
    """Two of one name are told apart."""
    names = (words, *(f"{words} ({n})" for n in range(2, len(found) + 3)))
    return next(name for name in names if name not in found)
