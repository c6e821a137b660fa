"""Notifications: what a person should know today, each once, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, bindparam, cast, delete, func, select, update
from sqlalchemy.orm import Session

from data.errors import CHANGED_SINCE, InvalidMove
from data.once import add_once
from data.tables import Customer, Notification, Person
from services.access import Viewer

MOST = 200
PIECE = 500


@dataclass(frozen=True)
class Action:
    """A quick way to what can be done: a button that opens a screen of the navigation."""

    label: str
    screen: str
    query: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label, "screen": self.screen, "query": dict(self.query)}


@dataclass(frozen=True)
class NotificationRow:
    id: int
    kind: str
    title: str
    body: str
    customer_id: int | None
    customer: str | None
    actions: tuple[Action, ...]
    urgent: bool
    at: datetime
    read_at: datetime | None
    done_at: datetime | None


def notify(  # noqa: PLR0913 - the parts of a notification
    session: Session,
    person_id: int,
    dedup_key: str,
    kind: str,
    title: str,
    body: str = "",
    *,
    customer_id: int | None = None,
    actions: Sequence[Action] = (),
    urgent: bool = False,
    now: datetime,
) -> int | None:
    """Tell a person; None when they have been told this already."""
    return add_once(
        session,
        Notification,
        person_id=person_id,
        dedup_key=dedup_key[:200],
        kind=kind,
        customer_id=customer_id,
        title=title[:300],
        body=body[:5_000],
        actions=[action.as_json() for action in actions],
        urgent=urgent,
        at=now,
    )


def withdraw(session: Session, dedup_keys: Sequence[str]) -> int:
    """What they told is no longer so: they go, and the same may be told again. Those that somebody has put
    away as done stay. How many went."""
    gone = 0
    for start in range(0, len(dedup_keys), PIECE):
        named = Notification.person_id.in_(select(Person.id)) & Notification.dedup_key.in_(
            list(dedup_keys[start : start + PIECE])
        )  # people are named so that the index of each one's keys serves
        waiting = session.scalars(
            select(Notification.id).where(named, Notification.done_at.is_(None))
        ).all()
        session.execute(delete(Notification).where(named, Notification.done_at.is_(None)))
        again = Notification.dedup_key + ":" + cast(Notification.id, String)
        session.execute(update(Notification).where(named).values(dedup_key=again))
        gone += len(waiting)
    return gone


_THEIRS = (
    select(Notification, Customer.name)
    .outerjoin(Customer, Customer.id == Notification.customer_id)
    .where(Notification.person_id.in_(bindparam("desks", expanding=True)))
    .order_by(Notification.urgent.desc(), Notification.at.desc(), Notification.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_DONE = _THEIRS.where(Notification.done_at.is_not(None))
_WAITING = _THEIRS.where(Notification.done_at.is_(None))


def listing(
    session: Session, by: Viewer, *, done: bool = False, limit: int = 50
) -> list[NotificationRow]:
    """One's own and those of people one stands in for: urgent ones first, then the newest."""
    told = {"desks": list(by.desks), "most": min(limit, MOST)}
    rows = session.execute(_DONE if done else _WAITING, told)
    return [
        NotificationRow(
            id=row.id,
            kind=row.kind,
            title=row.title,
            body=row.body,
            customer_id=row.customer_id,
            customer=customer,
            actions=tuple(
                Action(a["label"], a["screen"], tuple(a["query"].items())) for a in row.actions
            ),
            urgent=row.urgent,
            at=row.at,
            read_at=row.read_at,
            done_at=row.done_at,
        )
        for row, customer in rows
    ]


_UNREAD = (
    select(func.count())
    .select_from(Notification)
    .where(
        Notification.person_id.in_(bindparam("desks", expanding=True)),
        Notification.done_at.is_(None),
        Notification.read_at.is_(None),
        Notification.kind != bindparam("besides"),
    )
)


def unread(session: Session, by: Viewer, *, besides: str = "") -> int:
    """The badge: how many are neither read nor done; but for those of the kind `besides`."""
    return session.scalar(_UNREAD, {"desks": list(by.desks), "besides": besides}) or 0


def mark_read(session: Session, *, by: Viewer, now: datetime) -> datetime:
    """Everything that waits has been seen; the moment by which `mark_unread` takes that back."""
    _mine(session, by, read_at=now)
    return now


def mark_unread(session: Session, read_at: datetime, *, by: Viewer) -> None:
    """What was marked as read at that moment is as new as before."""
    session.execute(
        update(Notification)
        .where(Notification.person_id.in_(by.desks), Notification.read_at == read_at)
        .values(read_at=None)
    )


def set_done(
    session: Session, notification_id: int, *, by: Viewer, now: datetime
) -> datetime | None:
    """Put one away; the moment by which `bring_back` takes that back. None where it was away already, or is
    another person's."""
    number = session.scalar(
        update(Notification)
        .where(Notification.id == notification_id, Notification.person_id.in_(by.desks))
        .where(Notification.done_at.is_(None))
        .values(done_at=now)
        .returning(Notification.id)
    )
    return None if number is None else now


def bring_back(session: Session, notification_id: int, done_at: datetime, *, by: Viewer) -> None:
    """What was put away at that moment, as it was. InvalidMove where that does not stand any more."""
    number = session.scalar(
        update(Notification)
        .where(Notification.id == notification_id, Notification.person_id.in_(by.desks))
        .where(Notification.done_at == done_at)
        .values(done_at=None)
        .returning(Notification.id)
    )
    if number is None:
        raise InvalidMove(CHANGED_SINCE)


def put_away(session: Session, dedup_keys: Sequence[str], *, now: datetime) -> None:
    """What these speak of is over, for everybody who was told."""
    for start in range(0, len(dedup_keys), PIECE):
        session.execute(
            update(Notification)
            # Named, so that the index of each person's keys serves.
            .where(Notification.person_id.in_(select(Person.id)))
            .where(Notification.dedup_key.in_(dedup_keys[start : start + PIECE]))
            .where(Notification.done_at.is_(None))
            .values(done_at=now)
            .execution_options(synchronize_session=False)
        )


def _mine(session: Session, by: Viewer, **values: datetime) -> None:
    session.execute(
        update(Notification)
        .where(
            Notification.person_id.in_(by.desks),
            Notification.read_at.is_(None),
            Notification.done_at.is_(None),
        )
        .values(**values)
    )
