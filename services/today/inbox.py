"""What waits for a person: mails to approve, tasks that are due, mails that are stuck, news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, exists, func, select, true
from sqlalchemy.orm import Session

from data.tables import Approval, Customer, Draft, OutboxMail
from services import notifications, tasks
from services.access import Viewer
from services.access.day import zone_of
from services.drafts.access import approvers_of
from services.notifications import NotificationRow
from services.tasks import TaskRow
from services.today.best import Pick
from services.today.next_best import next_best

SHOWN = 5
"""Drafts and stuck mails named; the rest is a number and a link."""
STUCK = ("failed", "blocked", "review")
STUCK_FOR = timedelta(days=14)
"""Older ones are history; the queue page has them."""


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
    `stuck_count`; `zone` is the person's own, in which `day_ends` ends their day. `second_looks` counts drafts
    that somebody else approved and that this person may approve as well."""

    drafts: list[DraftLine]
    drafts_count: int
    to_second: list[DraftLine]
    second_looks: int
    tasks: list[TaskRow]
    stuck: list[StuckLine]
    stuck_count: int
    notifications: list[NotificationRow]
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
        return self.empty and all(note.read_at for note in self.notifications)


def inbox(session: Session, by: Viewer, now: datetime) -> Inbox:
    """Everything of one's own: the severest and oldest drafts first, tasks due today or late."""
    zone = zone_of(session, by.person_id)
    ends = day_end(now, zone)
    waiting = (Draft.owner_id == by.person_id) & (Draft.state == "pending")
    stuck = (
        (OutboxMail.owner_id == by.person_id)
        & OutboxMail.state.in_(STUCK)
        & (OutboxMail.updated_at > now - STUCK_FOR)
    )
    second = _second_looks(session, by)
    return Inbox(
        drafts=_drafts(session, waiting),
        drafts_count=_count(session, waiting),
        to_second=_drafts(session, second),
        second_looks=_count(session, second),
        tasks=tasks.listing(session, by, now, due=ends.date() - timedelta(days=1), limit=50),
        stuck=_stuck(session, stuck),
        stuck_count=_count(session, stuck),
        notifications=notifications.listing(session, by),
        zone=zone,
        day_ends=ends,
        best=next_best(session, by, now),
    )


_SEVEREST = case({"critical": 0, "high": 1, "normal": 2, "low": 3}, value=Draft.severity, else_=4)


def _second_looks(session: Session, by: Viewer) -> ColumnElement[bool]:
    """Drafts that wait for a second person, who may be this one: not who approved them first."""
    owners = approvers_of(session, by)
    mine = exists().where(
        Approval.draft_id == Draft.id,
        Approval.revision == Draft.revision,
        (Approval.person_id == by.person_id) | (Approval.token_by == by.person_id),
        Approval.voided_at.is_(None),
    )
    theirs = true() if owners is None else Draft.owner_id.in_(owners)
    return (Draft.state == "second_look") & theirs & ~mine


def day_end(now: datetime, zone: str) -> datetime:
    """The first moment of tomorrow there; on days when clocks change, too."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(zone))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def _drafts(session: Session, waiting: ColumnElement[bool]) -> list[DraftLine]:
    order = (_SEVEREST, Draft.created_at, Draft.id)
    # Of thousands that wait, the customers of these few alone are looked up.
    first = session.scalars(select(Draft.id).where(waiting).order_by(*order).limit(SHOWN)).all()
    rows = session.execute(
        select(
            Draft.id,
            Draft.subject,
            Customer.name,
            Draft.severity,
            Draft.created_at,
            Draft.not_before,
        )
        .join(Customer, Customer.id == Draft.customer_id)
        .where(Draft.id.in_(first))
        .order_by(*order)
    )
    return [DraftLine(*row) for row in rows]


def _stuck(session: Session, stuck: ColumnElement[bool]) -> list[StuckLine]:
    rows = session.execute(
        select(
            OutboxMail.id,
            OutboxMail.subject,
            Customer.name,
            OutboxMail.state,
            OutboxMail.reason,
            OutboxMail.updated_at,
        )
        .outerjoin(Customer, Customer.id == OutboxMail.customer_id)
        .where(stuck)
        .order_by(OutboxMail.updated_at.desc(), OutboxMail.id)
        .limit(SHOWN)
    )
    return [StuckLine(*row) for row in rows]
