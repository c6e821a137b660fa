"""A portfolio in which some customers stay away of late, put into the tables."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sqlalchemy.orm import Session

from data.tables import Participant, Stakeholder, StakeholderEmail
from tests.services.scoring.recorded import THEN, _event, record
from tests.services.scoring.reference import Row, World
from tests.services.scoring.worlds import customer, event, every, seat

EVENTS, APART = 18, 20
FADING, STEADY, YOUNG = 1, 2, 3
"""Came to all but the last seven; comes as always; has too little behind it to be judged."""


def fading_world(
    as_of: date, *, customers: int = 30, stays_away: int = 7, fading: tuple[int, ...] = (FADING,)
) -> World:
    """18 events in a year. The fading ones come with two people, then not to the last `stays_away`."""
    draw = Random(7)
    held = [dict(row) for row in every(APART, EVENTS, end=as_of - timedelta(days=2))]
    for row in held:
        row["scheduled_minutes"] = 60.0
    seats: list[Row] = []
    for number in range(1, customers + 1):
        for place in range(1, EVENTS + 1):
            if number in fading:
                people = 0 if place > EVENTS - stays_away else 2
            elif number == YOUNG:
                people = 1 if place in (2, 5) else 0
            else:
                people = 1 if number == STEADY or draw.random() < 0.4 else 0
            seats += [seat(number, place, person, minutes=50.0) for person in range(people)]
    accounts = [customer(n, segment="enterprise") for n in range(1, customers + 1)]
    return World(seats, held, accounts, as_of)


def record_fading(session: Session, world: World) -> None:
    """With a stakeholder to write to at each customer, who is its first participant."""
    record(session, world)
    session.add(event_planned(world.as_of))
    for row in world.customers:
        number = row["customer_id"]
        session.add(
            Stakeholder(
                id=number,
                customer_id=number,
                first_name="Kim",
                last_name=f"Number{number}",
                role="champion",
                created_at=THEN,
                updated_at=THEN,
            )
        )
    session.flush()  # addresses and participants refer to them
    for row in world.customers:
        number = row["customer_id"]
        address = f"kim{number}@c{number}.example"
        session.add(StakeholderEmail(email=address, stakeholder_id=number, shown_as=address))
        first = session.get(Participant, number * 1000)
        if first is not None:
            first.stakeholder_id = number
    session.flush()


def event_planned(as_of: date):
    row = event(900, as_of + timedelta(days=20), name="Coming Soon", status="planned")
    return _event(row)
