"""A task for a day and the clock of who owns it: a day is kept as midnight UTC and means that date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_

from data.tables import Task

_MIDNIGHT = time()


def kept(due_at: datetime, zone: str, *, whole_day: bool) -> datetime:
    """As it is stored. Of a moment, a task for a day keeps the date that it is then in its owner's
    `zone`; midnight UTC stands for its date already."""
    if not whole_day or due_at.astimezone(UTC).time() == _MIDNIGHT:
        return due_at
    return midnight(due_at, zone)


def midnight(at: datetime, zone: str) -> datetime:
    """The date it is in `zone`, as a task keeps it."""
    return _as_kept(at.astimezone(ZoneInfo(zone)).date())


def due_by(day: date, zone: str) -> ColumnElement[bool]:
    """Due on that day, as it is lived in `zone`, or before."""
    return due_before(*ends_of(day, zone))


def ends_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """When that day is over: as a task for a day keeps it, and as it is lived in `zone`."""
    following = day + timedelta(days=1)
    return _as_kept(following), datetime.combine(following, _MIDNIGHT, ZoneInfo(zone))


def due_before(
    kept: datetime | ColumnElement[datetime], lived: datetime | ColumnElement[datetime]
) -> ColumnElement[bool]:
    """Due before both ends of a day: see `ends_of`."""
    return or_(and_(Task.whole_day, Task.due_at < kept), and_(~Task.whole_day, Task.due_at < lived))


def awake(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Not snoozed, or no longer."""
    return or_(Task.snoozed_until.is_(None), Task.snoozed_until <= now)


def day_of(due_at: datetime, zone: str, *, whole_day: bool) -> date:
    """The day of a task: that of a moment is the one it falls on in the reader's `zone`."""
    return due_at.astimezone(UTC if whole_day else ZoneInfo(zone)).date()


def is_over(task: Task, zone: str, now: datetime) -> bool:
    """A task for a day is late when its owner's day is over, one for an hour when the hour has come."""
    return (
        task.due_at.date() < now.astimezone(ZoneInfo(zone)).date()
        if task.whole_day
        else task.due_at < now
    )


def _as_kept(day: date) -> datetime:
    return datetime.combine(day, _MIDNIGHT, UTC)
