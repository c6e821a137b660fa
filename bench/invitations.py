"""How long it takes to rank customers for an event and to invite them: `python -m bench.invitations`."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, cast

import numpy as np
import polars as pl
from sqlalchemy import Engine, Table, insert
from sqlalchemy.orm import Session

from bench.databases import Databases, SqliteFiles, postgres
from bench.document import table
from bench.fit.world import CITIES, INDUSTRIES, TOPICS, TYPES
from data.bulk import insert_frame
from data.db import make_engine, migrate, transaction
from data.tables import (
    Attendance,
    Customer,
    Event,
    Participant,
    Person,
    Stakeholder,
    StakeholderEmail,
)
from data.versions import INVITATIONS, bump
from services.access.viewer import SYSTEM
from services.invitations.inviting import invite_many
from services.invitations.ranking import rank, refit_nightly
from services.seats import keep_attended, load_attended

CUSTOMERS, CONTACTS, EVENTS, SEATS = 10_000, 5, 300, 300_000
INVITED = 1_000
RUNS = 5


def fill(engine: Engine, customers: int, now: datetime) -> int:
    """Invented customers with a past of events, and one event to come; its id."""
    dice = np.random.default_rng(11)
    people = customers * CONTACTS
    stamp = {"created_at": now, "updated_at": now}
    with transaction(engine) as session:
        for n in range(40):
            session.add(
                Person(name=f"CSM {n}", email=f"c{n}@ours.example", role="csm", created_at=now)
            )
        session.flush()
        _add(session, Customer, (_customer(dice, n) | stamp for n in range(customers)))
        _add(session, Stakeholder, (
            {"id": n + 1, "customer_id": n % customers + 1, "first_name": f"P{n}", "last_name": "X",
             "role": ("champion", "admin", "user")[n % 3], "unsubscribed": False, **stamp}
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
        _add(session, Event, (_event(dice, n, now) for n in range(EVENTS + 1)))
        seats = pl.DataFrame(
            {
                "participant_id": dice.integers(1, people + 1, SEATS),
                "event_id": dice.integers(1, EVENTS + 1, SEATS),
            }
        ).unique()
        insert_frame(
            session,
            cast("Table", Attendance.__table__),
            seats.with_columns(
                status=pl.lit(4), spoke=pl.lit(value=False), upload_id=pl.lit(1)
            ).sort("participant_id", "event_id"),
        )
        keep_attended(session, load_attended(session).packed())
    return EVENTS + 1


def _customer(dice: np.random.Generator, n: int) -> dict[str, Any]:
    country, latitude, longitude = CITIES[n % len(CITIES)]
    said = [TOPICS[int(t)] for t in dice.choice(len(TOPICS), 2, replace=False)]
    return {
        "id": n + 1, "name": f"Customer {n}", "csm_id": n % 40 + 1, "currency": "USD",
        "industry": INDUSTRIES[n % len(INDUSTRIES)], "segment": ("Enterprise", "SMB")[n % 2],
        "country": country, "city": f"City {n % 8}", "latitude": latitude, "longitude": longitude,
        "interests": said[:1], "goals": [f"Get more out of {said[1]}"], "challenges": [],
    }  # fmt: skip


def _event(dice: np.random.Generator, n: int, now: datetime) -> dict[str, Any]:
    """The last one is to come."""
    at = now + timedelta(days=30) if n == EVENTS else now - timedelta(days=2 * (EVENTS - n))
    topic = TOPICS[int(dice.integers(len(TOPICS)))]
    country, latitude, longitude = CITIES[n % len(CITIES)]
    return {
        "id": n + 1, "name": f"{topic} event {n}", "name_key": f"event {n}",
        "type": TYPES[n % len(TYPES)], "topic": topic, "starts_at": at, "held_on": at.date(),
        "status": "planned" if n == EVENTS else "held", "created_at": now, "virtual": True,
        "city": "Somewhere", "country": country, "latitude": latitude, "longitude": longitude,
        "time_zone": "UTC", "duration_minutes": 60.0, "source": "generic",
    }  # fmt: skip


def _add(session: Session, table: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    session.execute(insert(table), list(rows))


def measured(databases: Databases, customers: int) -> dict[str, float]:
    """Seconds: ranking (median), inviting INVITED of them, the nightly fit."""
    now = datetime.now(UTC)
    engine = make_engine(databases.fresh("invitations"))
    try:
        migrate(engine)
        event = fill(engine, customers, now)
        times = [_anew(engine, event, now) for _ in range(RUNS)]
        again = [_ranking(engine, event, now) for _ in range(RUNS)]
        began = perf_counter()
        with transaction(engine, read_only=True) as session:
            rows = rank(session, SYSTEM, event, now, size=INVITED).rows
        chosen = rows.filter(pl.col("arm").is_not_null())["customer_id"].head(INVITED).to_list()
        began = perf_counter()
        with transaction(engine) as session:
            made = invite_many(session, event, chosen, by=SYSTEM, now=now)
        inviting = perf_counter() - began
        began = perf_counter()
        refit_nightly(partial(transaction, engine), lambda: now)
        return {
            "ranking": statistics.median(times), "slowest ranking": max(times),
            "again": statistics.median(again), "inviting": inviting,
            "drafts": float(len(made.draft_ids)), "fit": perf_counter() - began,
        }  # fmt: skip
    finally:
        engine.dispose()
        databases.drop("invitations")


def _anew(engine: Engine, event: int, now: datetime) -> float:
    """After a change, so that nothing of the last time is of use."""
    with transaction(engine) as session:
        bump(session, INVITATIONS)
    return _ranking(engine, event, now)


def _ranking(engine: Engine, event: int, now: datetime) -> float:
    began = perf_counter()
    with transaction(engine, read_only=True) as session:
        rank(session, SYSTEM, event, now)
    return perf_counter() - began


def run(
    folder: Path, kinds: Iterable[str], customers: int = CUSTOMERS
) -> dict[str, dict[str, float]]:
    """By database."""
    found: dict[str, dict[str, float]] = {}
    if "sqlite" in kinds:
        found["SQLite"] = measured(SqliteFiles(folder), customers)
    if "postgres" in kinds:
        with postgres() as server:
            found["Postgres"] = measured(server, customers)
    return found


def section(found: dict[str, dict[str, float]], customers: int = CUSTOMERS) -> str:
    """The figures as text of the document."""
    names = ("ranking", "slowest ranking", "again", "inviting", "fit")
    rows = [[kind, *(f"{one[name]:.2f} s" for name in names)] for kind, one in found.items()]
    return (
        f"{customers:,} customers with {CONTACTS} contacts each, {EVENTS} past events, {SEATS:,} seats. "
        f"Ranking all of them for an event: median and slowest of {RUNS} after a change, and "
        f"median of {RUNS} while nothing changes (as for a colleague, or a list of another size); inviting {INVITED:,} of them "
        f"with drafts; the nightly fit.\n\n"
        + table(["database", "ranking", "slowest", "again", f"inviting {INVITED:,}", "fit"], rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.invitations")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgres"])
    options = parser.parse_args()
    with TemporaryDirectory(prefix="bench-invitations-") as folder:
        found = run(Path(folder), options.databases, options.customers)
    print(json.dumps(found, indent=2))
    print(section(found, options.customers))


if __name__ == "__main__":
    main()
