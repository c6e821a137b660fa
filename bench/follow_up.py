"""How long the follow-up of a large event takes: `python -m bench.follow_up --people 5000`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from bench.databases import Databases, SqliteFiles, postgres
from bench.document import table
from bench.follow_up_pages import run as pages
from bench.follow_up_pages import written
from data.db import make_engine, migrate, transaction
from data.tables import (
    Attendance,
    Customer,
    Draft,
    Event,
    EventSession,
    FollowUp,
    Participant,
    Person,
    Stakeholder,
    StakeholderEmail,
)
from services.attendance.follow_up.run import follow_up

PEOPLE = 5_000
PER_CUSTOMER = 5
SESSIONS = 12


def fill(engine: Engine, people: int, now: datetime) -> int:
    """A conference of yesterday with these people, of a fifth as many customers; the event's id."""
    customers = max(1, people // PER_CUSTOMER)
    with transaction(engine) as session:
        for n in range(40):
            session.add(
                Person(name=f"CSM {n}", email=f"c{n}@ours.example", role="csm", created_at=now)
            )
        session.flush()
        event = Event(
            name="Customer conference", name_key="customer conference", type="conference",
            topic="Automation", starts_at=now - timedelta(days=1), held_on=(now - timedelta(days=1)).date(),
            duration_minutes=420.0, created_at=now,
        )  # fmt: skip
        session.add(event)
        session.flush()
        for n in range(SESSIONS):
            session.add(
                EventSession(
                    event_id=event.id, position=n, title=f"Session {n}", topics=["Automation"],
                    takeaways=[f"Keep {n} of this.", f"Try {n} next week."],
                )
            )  # fmt: skip
        stamp = {"created_at": now, "updated_at": now}
        _add(session, Customer, (
            {"id": n + 1, "name": f"Customer {n}", "csm_id": n % 40 + 1, "currency": "USD",
             "goals": ["Automate renewal reminders"], "interests": [], "challenges": [], **stamp}
            for n in range(customers)
        ))  # fmt: skip
        _add(session, Stakeholder, (
            {"id": n + 1, "customer_id": n % customers + 1, "first_name": f"P{n}", "last_name": "X",
             "unsubscribed": False, **stamp}
            for n in range(people)
        ))  # fmt: skip
        _add(session, StakeholderEmail, (
            {"email": f"p{n}@c.example", "stakeholder_id": n + 1, "shown_as": f"p{n}@c.example",
             "is_primary": True}
            for n in range(people)
        ))  # fmt: skip
        _add(session, Participant, (
            {"id": n + 1, "person_key": f"p{n}@c.example", "customer_id": n % customers + 1,
             "stakeholder_id": n + 1, "band": "automatic", "confidence": 0.99, "evidence": "email"}
            for n in range(people)
        ))  # fmt: skip
        _add(session, Attendance, (
            {"participant_id": n + 1, "event_id": event.id, "status": 4, "minutes": float(n % 420),
             "questions": n % 3, "polls": n % 4, "downloads": n % 2, "spoke": False, "upload_id": 1,
             "sessions": f"Session {n % 12}; Session {(n + 3) % 12}"}
            for n in range(people)
        ))  # fmt: skip
        return event.id


def _add(session: Any, table: type[Any], rows: Any) -> None:
    session.execute(insert(table), list(rows))


def run(
    folder: Path, kinds: Sequence[str], people: int = PEOPLE
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """For each database a result of `_measured`, and those of its pages."""
    found, shown = [], []
    with ExitStack() as stack:
        for kind in kinds:
            files = SqliteFiles(folder)
            databases: Databases = files if kind == "sqlite" else stack.enter_context(postgres())
            found.append(_measured(databases, people))
            shown += pages(databases, folder, fill, people)
    return found, shown


def _measured(databases: Databases, people: int) -> dict[str, Any]:
    """Seconds of the follow-up, its longest transaction, and the same again; and how much came of it."""
    now = datetime.now(UTC)
    longest = [0.0]
    engine = make_engine(databases.fresh("follow_up"))
    try:
        migrate(engine)
        event = fill(engine, people, now)
        opened = partial(transaction, engine)

        @contextmanager
        def transact() -> Iterator[Session]:
            start = perf_counter()
            with opened() as session:
                yield session
            longest[0] = max(longest[0], perf_counter() - start)

        seconds = []
        for _ in range(2):
            start = perf_counter()
            follow_up(transact, [event], lambda: now)
            seconds.append(perf_counter() - start)
        with opened() as session:
            told = session.scalar(select(func.count()).select_from(FollowUp))
            drafts = session.scalar(select(func.count()).select_from(Draft))
    finally:
        engine.dispose()
        databases.drop("follow_up")
    return {
        "database": databases.name,
        "drafts": drafts,
        "customers": told,
        "seconds": seconds[0],
        "longest": longest[0],
        "again": seconds[1],
    }


def section(folder: Path, kinds: Sequence[str], people: int = PEOPLE) -> str:
    """The figures as text of the document."""
    found, shown = run(folder, kinds, people)
    rows = [
        [
            one["database"],
            f"{one['drafts']:,}",
            f"{one['customers']:,}",
            f"{one['seconds']:.1f} s",
            f"{one['longest']:.2f} s",
            f"{one['again']:.2f} s",
        ]
        for one in found
    ]
    header = ["database", "drafts", "customers", "time", "longest transaction", "again"]
    return f"""A conference of {people:,} people: a personal draft for each, with what was theirs, and word to the
CSMs.

{table(header, rows)}

{written(shown)}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    people = parser.parse_args().people
    with TemporaryDirectory(prefix="bench-") as folder:
        print(section(Path(folder), ["sqlite", "postgres"], people))


if __name__ == "__main__":
    main()
