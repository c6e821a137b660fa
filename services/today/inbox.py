"""What waits for a person: mails to approve, tasks that are due, mails that are stuck, news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, select, true
from sqlalchemy.orm import Session

from data.tables import Approval, Customer, Draft, OutboxMail
from services import notifications, tasks
from services.access import Viewer
from services.access.day import zone_of
from services.drafts.access import approvers_of
from services.drafts.second_looks import KIND as SECOND_LOOK
from services.notifications import NotificationRow
from services.tasks import TaskRow
from services.today.best import Pick
from services.today.next_best import next_best

SHOWN = 5
"""Drafts and stuck mails named; the rest is a number and a link."""
STUCK = ("failed", "blocked", "review")
STUCK_FOR = timedelta(days=14)
"""Older ones are history; the queue page has them."""
LISTED = 50
"""Tasks and news handed over; the rest is a number."""


@dataclass(frozen=True)
class DraftLine:
    id: int
    subject: str
    customer: str
    severity: str
    created_at: datetime
    not_before: datetime | None


@dataclass(frozen=True)
class StuckLine:
    id: int
    subject: str
    customer: str | None
    state: str
    reason: str | None
    updated_at: datetime


@dataclass(frozen=True)
class Inbox:
    """`drafts`, `to_second` and `stuck` are the first SHOWN of `drafts_count`, `second_looks` and
    `stuck_count`, `tasks` the first LISTED of `tasks_count`, of which `tasks_late` are late. `unread` counts
    what is new besides the second looks; `zone` is the person's own, in which `day_ends` ends their day. `second_looks` counts drafts
    that somebody else approved and that this person may approve as well."""

    drafts: list[DraftLine]
    drafts_count: int
    to_second: list[DraftLine]
    second_looks: int
    tasks: list[TaskRow]
    tasks_count: int
    tasks_late: int
    stuck: list[StuckLine]
    stuck_count: int
    notifications: list[NotificationRow]
    unread: int
    zone: str
    day_ends: datetime
    best: tuple[Pick, ...] = ()
    """Whom to turn to first, and why."""

    @property
    def empty(self) -> bool:
        return not (self.drafts_count or self.second_looks or self.tasks or self.stuck_count)

    @property
    def nothing_new(self) -> bool:
        """Nothing that is worth a mail."""
        return self.empty and not self.best and all(note.read_at for note in self.notifications)


def inbox(session: Session, by: Viewer, now: datetime) -> Inbox:
    """Everything of one's own: the severest and oldest drafts first, tasks due today or late."""
    zone = zone_of(session, by.person_id)
    ends = day_end(now, zone)
    mine = {"person_id": by.person_id}
    lately = mine | {"since": now - STUCK_FOR}
    second = _second_looks(by, _frozen(approvers_of(session, by)))
    drafts_count = session.scalar(_WAITING.many, mine) or 0
    second_looks = session.scalar(second.many) or 0
    stuck_count = session.scalar(_STUCK_MANY, lately) or 0
    news = notifications.listing(session, by, limit=LISTED)
    due, tasks_count, tasks_late = _due(session, by, now, ends.date() - timedelta(days=1))
    return Inbox(
        drafts=_drafts(session, _WAITING, mine) if drafts_count else [],
        drafts_count=drafts_count,
        to_second=_drafts(session, second, {}) if second_looks else [],
        second_looks=second_looks,
        tasks=due,
        tasks_count=tasks_count,
        tasks_late=tasks_late,
        stuck=[StuckLine(*row) for row in session.execute(_STUCK, lately)] if stuck_count else [],
        stuck_count=stuck_count,
        notifications=news,
        unread=_unread(session, by, news),
        zone=zone,
        day_ends=ends,
        best=next_best(session, by, now),
    )


def _due(session: Session, by: Viewer, now: datetime, day: date) -> tuple[list[TaskRow], int, int]:
    """The first LISTED tasks, how many there are, and how many of them are late."""
    first = tasks.listing(session, by, now, due=day, limit=LISTED)
    if len(first) < LISTED:
        return first, len(first), sum(task.late for task in first)
    return first, *tasks.count_due(session, by, now, day)


def _unread(session: Session, by: Viewer, first: list[NotificationRow]) -> int:
    if len(first) < LISTED:
        return sum(note.read_at is None and note.kind != SECOND_LOOK for note in first)
    return notifications.unread(session, by, besides=SECOND_LOOK)


_SEVEREST = case({"critical": 0, "high": 1, "normal": 2, "low": 3}, value=Draft.severity, else_=4)
_ORDER = (_SEVEREST, Draft.created_at, Draft.id)


@dataclass(frozen=True)
class _Asked:
    """Statements, put together once, since that takes longer than the answers: the ids of the first SHOWN of some
    drafts, and how many there are."""

    first: Select[int]
    many: Select[int]


def _asked(condition: ColumnElement[bool]) -> _Asked:
    # Of thousands that wait, the customers of these few alone are looked up.
    first = select(Draft.id).where(condition).order_by(*_ORDER).limit(SHOWN)
    return _Asked(first, select(func.count()).where(condition))


_WAITING = _asked((Draft.owner_id == bindparam("person_id")) & (Draft.state == "pending"))
_LINES = (
    select(
        Draft.id, Draft.subject, Customer.name, Draft.severity, Draft.created_at, Draft.not_before
    )
    .join(Customer, Customer.id == Draft.customer_id)
    .where(Draft.id.in_(bindparam("drafts", expanding=True)))
    .order_by(*_ORDER)
)
_LATELY = (
    OutboxMail.owner_id == bindparam("person_id"),
    OutboxMail.state.in_(STUCK),
    OutboxMail.updated_at > bindparam("since"),
)
_STUCK_MANY = select(func.count()).where(*_LATELY)
_STUCK = (
    select(
        OutboxMail.id, OutboxMail.subject, Customer.name, OutboxMail.state, OutboxMail.reason,
        OutboxMail.updated_at,
    )
    .outerjoin(Customer, Customer.id == OutboxMail.customer_id)
    .where(*_LATELY)
    .order_by(OutboxMail.updated_at.desc(), OutboxMail.id)
    .limit(SHOWN)
)  # fmt: skip


@lru_cache(maxsize=256)
def _second_looks(by: Viewer, owners: frozenset[int] | None) -> _Asked:
    """Drafts that wait for a second person, who may be this one: not who approved them first."""
    mine = exists().where(
        Approval.draft_id == Draft.id,
        Approval.revision == Draft.revision,
        (Approval.person_id == by.person_id) | (Approval.token_by == by.person_id),
        Approval.voided_at.is_(None),
    )
    theirs = true() if owners is None else Draft.owner_id.in_(owners)
    return _asked((Draft.state == "second_look") & theirs & ~mine)


def _frozen(owners: set[int] | None) -> frozenset[int] | None:
    return None if owners is None else frozenset(owners)


def _drafts(session: Session, asked: _Asked, told: Mapping[str, Any]) -> list[DraftLine]:
    first = session.scalars(asked.first, told).all()
    return [DraftLine(*row) for row in session.execute(_LINES, {"drafts": first})]


def day_end(now: datetime, zone: str) -> datetime:
    """The first moment of tomorrow there; on days when clocks change, too."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(zone))
