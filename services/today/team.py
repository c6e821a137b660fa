"""What waits with a team: for who answers for others' work, and for who works alone for all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.tables import Draft, OutboxMail, Person, Task
from services import tasks as task_lists
from services.access import Viewer
from services.access.day import today, zone_of
from services.drafts.access import approvers_of
from services.today.inbox import STUCK, STUCK_FOR


@dataclass(frozen=True)
class TeamLine:
    """What waits with one colleague. `oldest` is when their oldest waiting draft was made."""

    person_id: int
    name: str
    drafts: int
    oldest: datetime | None
    tasks: int
    stuck: int


def team(session: Session, by: Viewer, now: datetime) -> list[TeamLine]:
    """Colleagues whose drafts `by` may approve and with whom something waits, most drafts first.

    Tasks are those due by the end of the reader's day, but what is snoozed. Empty for who answers only for
    themselves.
    """
    lines = [line for line in desks(session, by, now) if line.person_id != by.person_id]
    return sorted(lines, key=lambda line: (-line.drafts, -line.tasks, -line.stuck, line.name))


def desks(session: Session, by: Viewer, now: datetime) -> list[TeamLine]:
    """The same with one's own desk, in any order; empty for who answers only for themselves."""
    owners = approvers_of(session, by)
    if owners is not None and not owners - {by.person_id}:
        return []
    due = task_lists.due_by(today(session, by, now), zone_of(session, by.person_id))
    drafts, oldest = _waiting(session, owners)
    open_ = (Task.state == "open", task_lists.awake(now))
    tasks = _by_owner(session, Task.owner_id, owners, *open_, due)
    stuck = _by_owner(
        session,
        OutboxMail.owner_id,
        owners,
        OutboxMail.state.in_(STUCK),
        OutboxMail.updated_at > now - STUCK_FOR,
    )
    waiting = drafts.keys() | tasks.keys() | stuck.keys()
    names = select(Person.id, Person.name).where(Person.id.in_(waiting))
    return [
        TeamLine(
            number, name, drafts.get(number, 0), oldest.get(number), tasks.get(number, 0),
            stuck.get(number, 0),
        )
        for number, name in session.execute(names)
    ]  # fmt: skip


def _waiting(
    session: Session, owners: Collection[int | None] | None
) -> tuple[dict[int, int], dict[int, datetime]]:
    """How many drafts wait with each owner, and since when the oldest does."""
    d = Draft
    mine: ColumnElement[bool] = true() if owners is None else d.owner_id.in_(owners)
    rows = session.execute(
        select(d.owner_id, func.count(), func.min(d.created_at))
        .where(d.owner_id.is_not(None), mine, d.state == "pending")
        .group_by(d.owner_id)
    )
    known = [(who, many, since) for who, many, since in rows if who is not None]
    return {who: many for who, many, _ in known}, {who: since for who, _, since in known}


def _by_owner(
    session: Session,
    owner: InstrumentedAttribute[int | None],
    owners: Collection[int | None] | None,
    *conditions: ColumnElement[bool],
) -> dict[int, int]:
    mine: ColumnElement[bool] = true() if owners is None else owner.in_(owners)
    counted = select(owner, func.count()).where(owner.is_not(None), mine, *conditions)
    rows = session.execute(counted.group_by(owner))
    return {number: count for number, count in rows if number is not None}
