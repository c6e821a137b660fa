"""A webinar as Zoom tells of it, one delivery at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Integration, Job, Person
from integrations.hooks import VENDORS
from integrations.hooks.records import hmac_hex
from services import hooks
from services.access import Viewer
from services.access.viewer import viewer_of
from services.uploads.occurrences import take_in_deliveries

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SECRET = "test-secret-not-real"


def move(kind: str, who: str, minutes: float, user: str = "1", **said: Any) -> bytes:
    """`who` is a mail address; `minutes` after the start."""
    key = "join_time" if kind == "joined" else "leave_time"
    person = {
        "participant_uuid": said.pop("uuid", who),
        "user_id": user,
        "user_name": who.partition("@")[0].replace(".", " ").title(),
        "email": who,
        key: stamp(minutes),
    }
    about = {
        "uuid": "/occ==",
        "id": "845",
        "topic": "API best practices",
        "start_time": stamp(0),
        "timezone": "UTC",
        "duration": 60,
        "participant": person | said,
    }
    return json.dumps(
        {"event": f"webinar.participant_{kind}", "payload": {"object": about}}
    ).encode()


def ended(minutes: float = 60) -> bytes:
    about = {
        "uuid": "/occ==",
        "id": 845,
        "topic": "API best practices",
        "start_time": stamp(0),
        "end_time": stamp(minutes),
    }
    return json.dumps({"event": "webinar.ended", "payload": {"object": about}}).encode()


def stamp(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(raw: bytes, now: datetime, secret: str = SECRET) -> dict[str, str]:
    when = str(int(now.timestamp()))
    signature = hmac_hex(secret, f"v0:{when}:".encode() + raw)
    return {"x-zm-request-timestamp": when, "x-zm-signature": f"v0={signature}"}


def admin(session: Session, now: datetime) -> Viewer:
    found = session.scalar(select(Person).where(Person.name == "Ada"))
    if found is None:
        found = Person(name="Ada", role="admin", created_at=now)
        session.add(found)
        session.flush()
    return viewer_of(session, found, now)


def account(engine: Engine, vendor: str = "zoom", now: datetime = START) -> hooks.Shown:
    """A new integration; Zoom's has SECRET."""
    with transaction(engine) as session:
        secret = SECRET if VENDORS[vendor].secret == "theirs" else ""
        return hooks.add(session, vendor, "Marketing", secret, by=admin(session, now), now=now)


def address(engine: Engine, shown: hooks.Shown) -> str:
    with transaction(engine, read_only=True) as session:
        return session.get_one(Integration, shown.id).address


def deliver(
    engine: Engine,
    shown: hooks.Shown,
    raw: bytes,
    now: datetime,
    headers: dict[str, str] | None = None,
) -> bool:
    """As the edge does it, as Zoom unless `headers` are given; whether it was new."""
    with transaction(engine) as session:
        row = session.get_one(Integration, shown.id)
        known = hooks.find(session, row.vendor, row.address, now=now)
        said = hooks.believed(known, headers or signed(raw, now), raw, now=now)
        return hooks.store(session, known, said, raw, now=now)


def work(engine: Engine, now: datetime) -> int:
    """Do the jobs that are due, as the worker would; how many."""

    @contextmanager
    def transact() -> Iterator[Session]:
        with transaction(engine) as session:
            yield session

    with transact() as session:
        due = session.scalars(
            select(Job)
            .where(Job.kind == "hooks.take_in", Job.state == "queued", Job.due_at <= now)
            .order_by(Job.due_at, Job.id)
        ).all()
    for job in due:
        take_in_deliveries(transact, job.payload, lambda: now)
        with transact() as session:
            session.get_one(Job, job.id).state = "done"
    return len(due)
