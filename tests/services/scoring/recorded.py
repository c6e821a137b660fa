"""Worlds put into the tables, for the services that read them there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import cast

import polars as pl
from sqlalchemy import Table
from sqlalchemy.orm import Session

from data.bulk import insert_frame
from data.tables import Attendance, Customer, Event, Participant, Person
from data.tables.events import ATTENDED
from services.access import Viewer
from tests.services.scoring.reference import Row, World
from tests.services.scoring.worlds import REGIONS, SEGMENTS, TYPES, customer, event, seat

THEN = datetime(2024, 1, 1, tzinfo=UTC)
ADMIN, ANA, BEN, MIA = 1, 2, 3, 4
"""Ana and Ben are CSMs, Mia is Ana's manager."""


def viewer(person_id: int, role: str = "csm", *, sees_all: bool = False) -> Viewer:
    return Viewer(person_id, f"person {person_id}", None, role, sees_all=sees_all)


EVERYBODYS = viewer(ADMIN, "admin", sees_all=True)
ANAS, BENS, MIAS = viewer(ANA), viewer(BEN), viewer(MIA, "manager")


def busy_world(as_of: date, customers: int = 30, events: int = 40, seed: int = 3) -> World:
    """Two years of events with audiences, and customers who start when they like."""
    draw = Random(seed)
    held = [
        event(
            number,
            as_of - timedelta(days=draw.randint(0, 700)),
            draw.choice(TYPES),
            scheduled_minutes=draw.choice([None, 60.0]),
            polls_asked=draw.choice([None, 3]),
            segments=draw.choice([None, None, [SEGMENTS[0]]]),
            regions=draw.choice([None, None, [REGIONS[1]]]),
        )
        for number in range(1, events + 1)
    ]
    accounts = [
        customer(
            number,
            segment=draw.choice([*SEGMENTS, None]),
            region=draw.choice(REGIONS),
            started_on=draw.choice([None, as_of - timedelta(days=draw.randint(10, 600))]),
        )
        for number in range(1, customers + 1)
    ]
    keen = {account["customer_id"]: draw.random() ** 2 for account in accounts}
    seats = [
        seat(
            account["customer_id"],
            happening["event_id"],
            person,
            minutes=draw.choice([None, float(draw.randint(1, 60))]),
            questions=draw.choice([None, draw.randint(0, 3)]),
            polls=draw.choice([None, draw.randint(0, 3)]),
            spoke=draw.random() < 0.02,
        )
        for account in accounts
        for happening in held
        for person in range(3)
        if draw.random() < keen[account["customer_id"]]
    ]
    return World(seats, held, accounts, as_of)


def record(session: Session, world: World) -> None:
    """People, customers (Ana has the odd ones, Ben the even), events and attendance."""
    session.add_all(
        [
            Person(id=ADMIN, name="Ada Admin", role="admin", created_at=THEN),
            Person(id=MIA, name="Mia Manager", role="manager", created_at=THEN),
        ]
    )
    session.flush()  # Ana's row refers to Mia's
    session.add_all(
        [
            Person(id=ANA, name="Ana Alvarez", manager_id=MIA, created_at=THEN),
            Person(id=BEN, name="Ben Baker", created_at=THEN),
        ]
    )
    session.flush()  # customers refer to them
    session.add_all([_customer(row) for row in world.customers])
    session.add_all([_event(row) for row in world.events])
    session.flush()  # participants refer to customers
    people = {row["participant_id"]: row["customer_id"] for row in world.attendances}
    session.add_all([participant(number, whose) for number, whose in people.items()])
    session.add_all(
        [
            Attendance(
                participant_id=row["participant_id"],
                event_id=row["event_id"],
                status=row.get("status", ATTENDED),
                upload_id=1,
                **{
                    name: row[name]
                    for name in ("minutes", "questions", "polls", "downloads", "feedback", "spoke")
                },
            )
            for row in world.attendances
        ]
    )
    session.flush()


def participant(number: int, customer_id: int | None, band: str = "automatic") -> Participant:
    return Participant(
        id=number,
        person_key=f"p{number}@example.com",
        customer_id=customer_id,
        band=band,
        confidence=1.0,
        evidence="stakeholder_email",
    )


def _customer(row: Row) -> Customer:
    number = row["customer_id"]
    return Customer(
        id=number,
        name=row.get("name") or f"Customer {number:02d}",
        csm_id=ANA if number % 2 else BEN,
        segment=row["segment"],
        region=row["region"],
        started_on=row["started_on"],
        arr=number * 1000,
        created_at=THEN,
        updated_at=THEN,
    )


def _event(row: Row) -> Event:
    return Event(
        id=row["event_id"],
        name=row.get("name") or f"Event {row['event_id']}",
        name_key=f"event {row['event_id']}",
        type=row["type"],
        starts_at=datetime.combine(row["held_on"], time(15), tzinfo=UTC),
        held_on=row["held_on"],
        duration_minutes=row["scheduled_minutes"],
        polls_asked=row["polls_asked"],
        segments=row["segments"],
        regions=row["regions"],
        status=row.get("status", "held"),
        created_at=THEN,
    )


def record_many(session: Session, customers: int, *, as_of: date, events: int = 6) -> None:
    """A large portfolio in bulk: customer n attended the first n modulo (events + 1) events."""
    session.add(Person(id=ADMIN, name="Ada Admin", role="admin", created_at=THEN))
    session.flush()  # customers refer to her
    number = pl.int_range(1, customers + 1, eager=True)
    insert_frame(
        session,
        cast("Table", Customer.__table__),
        pl.DataFrame(
            {
                "id": number,
                "name": pl.select(pl.format("Customer {}", number)).to_series(),
                "csm_id": [ADMIN] * customers,
                "currency": ["USD"] * customers,
                **dict.fromkeys(("interests", "goals", "challenges"), ["[]"] * customers),
                **dict.fromkeys(("created_at", "updated_at"), [THEN] * customers),
            }
        ),
    )
    session.add_all(
        [_event(event(n, as_of - timedelta(days=30 * n))) for n in range(1, events + 1)]
    )
    session.flush()  # in the order of their ids
    people = cast("Table", Participant.__table__)
    insert_frame(
        session,
        people,
        pl.DataFrame({"id": number, "customer_id": number}).with_columns(
            person_key=pl.format("p{}@example.com", "id"),
            band=pl.lit("automatic"),
            confidence=pl.lit(1.0),
            evidence=pl.lit("stakeholder_email"),
        ),
    )
    seats = pl.DataFrame({"participant_id": number}).join(
        pl.DataFrame({"event_id": range(1, events + 1)}), how="cross"
    )
    insert_frame(
        session,
        cast("Table", Attendance.__table__),
        seats.filter(pl.col("event_id") <= pl.col("participant_id") % (events + 1)).with_columns(
            status=pl.lit(ATTENDED), spoke=pl.lit(value=False), upload_id=pl.lit(1)
        ),
    )
