"""What the ranking is made of, read as the frames the fit wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Customer, Event, EventSession, Invitation, TopicDismissal
from integrations import gazetteer
from services.invitations.fit.dismissals import DISMISSED
from services.invitations.fit.ground import CUSTOMERS, EVENTS, Ground
from services.invitations.fit.record import PAIRS, Record
from services.invitations.reaching import reached
from services.seats import load_attended

YEARS = timedelta(days=3 * 365)
MOST_EVENTS = 400
"""Past events that are looked at, the newest ones."""
LISTS = ("interests", "challenges", "goals")


@dataclass(frozen=True)
class Loaded:
    """`target` is the position of the event that is asked about, the last one; those before it are past."""

    ground: Ground
    record: Record
    target: int


def load(session: Session, today: date, event: Event | None = None) -> Loaded:
    """Past events up to `today` and, if given, the event that is asked about after them."""
    past = _past(session, today, event)
    rows = [*past, event] if event is not None else past
    ground = Ground(customers(session), _frame(session, rows))
    return Loaded(ground, Record(ground, _came(session), _invited(session)), len(rows) - 1)


def _past(session: Session, today: date, event: Event | None) -> list[Event]:
    """The events held for more than one customer, oldest first; without the one that is asked about, and what came after it."""
    wanted = (
        select(Event)
        .where(
            Event.status == "held",
            Event.held_on <= today,
            Event.held_on > today - YEARS,
            Event.private.is_not(True),
        )
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(MOST_EVENTS)
    )
    if event is not None:
        wanted = wanted.where(Event.id != event.id, Event.starts_at < event.starts_at)
    return list(session.scalars(wanted))[::-1]


def _frame(session: Session, rows: list[Event]) -> pl.DataFrame:
    parts = select(EventSession.event_id, EventSession.title, EventSession.topics).where(
        EventSession.event_id.in_([one.id for one in rows])
    )
    topics: dict[int, list[str]] = {}
    titles: dict[int, list[str]] = {}
    for event_id, title, said in session.execute(parts.order_by(EventSession.position)):
        topics.setdefault(event_id, []).extend(said)
        titles.setdefault(event_id, []).append(title)
    return pl.DataFrame(
        [_row(one, topics.get(one.id, []), titles.get(one.id, [])) for one in rows], schema=EVENTS
    )


def _row(event: Event, topics: list[str], titles: list[str]) -> dict[str, Any]:
    audience = event.audience or {}
    about = [one for one in (event.topic, *topics, *audience.get("topics", ())) if one]
    return {
        "event_id": event.id,
        "starts_at": event.starts_at,
        "held_on": event.held_on,
        "type": event.type,
        "topics": list({" ".join(one.casefold().split()): one for one in reversed(about)}.values()),
        "themes": [event.name, *about, *titles],
        "industries": list(audience.get("industries", ())),
        "segments": event.segments,
        "regions": event.regions,
        "country": event.country,
        "city": event.city,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "in_person": bool(event.city),
        "virtual": bool(event.virtual) or not event.city,
    }


def customers(session: Session) -> pl.DataFrame:
    """All who have not left, as CUSTOMERS. Places are looked up where no coordinates are on record."""
    c = Customer
    rows = read_large(
        session,
        select(
            c.id, c.industry, c.segment, c.region, c.country, c.city, c.latitude, c.longitude,
            c.started_on, c.interests, c.challenges, c.goals,
        ).where(c.churned_on.is_(None)).order_by(c.id),
        CUSTOMERS | dict.fromkeys(LISTS, pl.String),
    ).with_columns(_lists())  # fmt: skip
    missing = rows.filter(pl.col("latitude").is_null() | pl.col("longitude").is_null())
    found = gazetteer.locate(missing)
    if found.is_empty():
        return rows
    near = found.rename({"latitude": "found_latitude", "longitude": "found_longitude"})
    return rows.join(
        near, on=["city", "country"], how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(
        latitude=pl.coalesce("latitude", "found_latitude"),
        longitude=pl.coalesce("longitude", "found_longitude"),
    ).select(*CUSTOMERS)  # fmt: skip


def _lists() -> list[pl.Expr]:
    """JSON's lists as polars reads them, a quarter of the time of decoding them one by one."""
    return [pl.col(name).str.json_decode(pl.List(pl.String)) for name in LISTS]


def _came(session: Session) -> pl.DataFrame:
    kept = load_attended(session)
    rows = kept.rows.select("participant_id", "event_id")
    return rows.join(kept.people, on="participant_id").select(*PAIRS).unique()


def _invited(session: Session) -> pl.DataFrame:
    rows = select(Invitation.customer_id, Invitation.event_id).where(reached())
    return read_frame(session, rows.distinct(), PAIRS)


def dismissals(session: Session) -> pl.DataFrame:
    """Those that stand, as DISMISSED."""
    d = TopicDismissal
    return read_frame(
        session, select(d.customer_id, d.topic).where(d.withdrawn_at.is_(None)), DISMISSED
    )
