"""Whether somebody is sending: workers say so now and then, and the app tells when they keep dying."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from data.tables import AppSetting, Person
from data.types import UtcDateTime
from services import notifications
from services.access import ADMINISTRATOR
from services.notifications import Action

NAME = "worker_pulse"
EVERY = timedelta(seconds=15)
DEAD_AFTER = timedelta(seconds=90)
_BEAT = text(
    "INSERT INTO app_setting (name, value, changed_at) VALUES (:name, '{}', :at) "
    "ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at"
).bindparams(bindparam("at", type_=UtcDateTime()))


def beat(session: Session, *, now: datetime) -> None:
    """A worker is alive."""
    session.execute(_BEAT, {"name": NAME, "at": now})


def last(session: Session) -> datetime | None:
    """When a worker was alive last; None when none ever was."""
    return session.scalar(select(AppSetting.changed_at).where(AppSetting.name == NAME))


def alive(session: Session, now: datetime) -> bool:
    """Whether mail is being sent."""
    seen = last(session)
    return seen is not None and now - seen <= DEAD_AFTER


def tell_admins(session: Session, times: int, *, now: datetime) -> None:
    """The worker of the app ends each time it is started. Told once a day."""
    for person_id in session.scalars(select(Person.id).where(Person.role == ADMINISTRATOR)):
        notifications.notify(
            session,
            person_id,
            f"worker:dying:{now.date()}",
            "worker_dying",
            "Mail is not being sent",
            f"The sending process ended {times} times in a row. Its log says why; nothing is lost.",
            actions=[Action("Send queue", "send_queue")],
            urgent=True,
            now=now,
        )
