"""A simulated portfolio: who would come to which event if invited, and what is known of it beforehand.

Each customer has a keenness, a few topics it cares for, types it likes, a place and an industry. Some of what
it cares for is declared as interests and challenges; three in ten declare nothing. The knobs were set so
that inviting by chance, by topic history, by declared interests and the most engaged, and knowing the truth,
do about as well as published for worlds of this kind; never by how the model does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from services.invitations.fit.ground import CUSTOMERS, EVENTS, Bools, Floats, Ints

START = date(2024, 1, 8)
TOPICS = (
    "Analytics", "Automation", "Security", "Forecasting", "Integrations", "Onboarding", "Reporting",
    "Governance", "Adoption", "Renewals", "Dashboards", "Agents",
)  # fmt: skip
TYPES = ("webinar", "user_group", "training", "conference", "roundtable")
INDUSTRIES = ("Software", "Finance", "Retail", "Healthcare", "Logistics", "Energy")
CITIES = (
    ("United States", 30.27, -97.74), ("United States", 37.77, -122.42),
    ("United States", 40.71, -74.01), ("Germany", 52.52, 13.40), ("United Kingdom", 51.51, -0.13),
    ("Singapore", 1.35, 103.82), ("Australia", -33.87, 151.21), ("Brazil", -23.55, -46.63),
)  # fmt: skip
SILENT = 0.3
"""Share of customers of whom no interests are on record."""
VIRTUAL = 0.6


@dataclass(frozen=True)
class Knobs:
    """How strongly each trait moves the log-odds of coming."""

    level: float = -1.3
    keen: float = 1.12
    topic: float = 1.1
    challenge: float = 1.25
    industry: float = 0.5
    type: float = 0.45
    distance: float = 2.2
    noise: float = 0.1
    pull: float = 0.3


@dataclass(frozen=True)
class World:
    """`customers` and `events` as the product's frames; `chance` and `would` are events x customers: the
    true chance of coming if invited, and whether they would. The events before `second` are the past."""

    customers: pl.DataFrame
    events: pl.DataFrame
    chance: Floats
    would: Bools
    second: int


def simulate(
    seed: int, *, customers: int = 300, events_a_year: int = 18, knobs: Knobs | None = None
) -> World:
    """Two years of events; the same seed gives the same world."""
    rng, knobs = np.random.default_rng(seed), knobs or Knobs()
    cares = (rng.random((customers, len(TOPICS))) < 0.25) * rng.gamma(
        4.0, 0.4, (customers, len(TOPICS))
    )
    cares -= cares.mean(axis=1, keepdims=True)
    struggles = rng.random((customers, len(TOPICS))) < 0.12
    city = rng.integers(0, len(CITIES), customers)
    industry = rng.integers(0, len(INDUSTRIES), customers)
    count = 2 * events_a_year
    about = _about(rng, count)
    kind = rng.choice(len(TYPES), count, p=(0.45, 0.2, 0.15, 0.1, 0.1))
    virtual = rng.random(count) < VIRTUAL
    place = rng.integers(0, len(CITIES), count)
    wanted = np.where(rng.random(count) < 0.4, rng.integers(0, len(INDUSTRIES), count), -1)
    likes = rng.normal(0, knobs.type, (customers, len(TYPES)))
    share = about / about.sum(axis=1, keepdims=True)
    score = (
        knobs.level
        + rng.normal(0, knobs.keen, customers)[None, :]
        + knobs.topic * (share @ cares.T)
        + knobs.challenge * ((about @ struggles.T) > 0)
        + knobs.industry * (wanted[:, None] == industry[None, :])
        + likes[:, kind].T
        - knobs.distance * np.where(virtual[:, None], 0.0, _far(place, city))
        + rng.normal(0, knobs.noise, (count, customers))
        + rng.normal(0, knobs.pull, count)[:, None]
    )
    chance = 1 / (1 + np.exp(-score))
    return World(
        customers=_customers(rng, cares, struggles, city, industry),
        events=_events(about, kind, virtual, place, wanted, events_a_year),
        chance=chance,
        would=rng.random(chance.shape) < chance,
        second=events_a_year,
    )


def _about(rng: np.random.Generator, count: int) -> Floats:
    """Events x topics: one to three each."""
    found = np.zeros((count, len(TOPICS)))
    for row in found:
        row[rng.choice(len(TOPICS), int(rng.integers(1, 4)), replace=False)] = 1
    return found


def _far(place: Ints, city: Ints) -> Floats:
    """Events x customers, 0..1."""
    spots = np.radians(np.array([(lat, lon) for _, lat, lon in CITIES]))
    lat, lon = spots[:, 0], spots[:, 1]
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    away = 2 * 6_371 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return np.clip(away / 4_000, 0, 1)[place][:, city]


def _customers(
    rng: np.random.Generator, cares: Floats, struggles: Bools, city: Ints, industry: Ints
) -> pl.DataFrame:
    silent = rng.random(len(cares)) < SILENT
    told = (cares > 0.5) & (rng.random(cares.shape) < 0.8) | (rng.random(cares.shape) < 0.04)
    known = struggles & (rng.random(struggles.shape) < 0.8)
    rows = [
        {
            "customer_id": n + 1,
            "industry": INDUSTRIES[industry[n]],
            "segment": None,
            "region": None,
            "country": CITIES[city[n]][0],
            "city": None,
            "latitude": CITIES[city[n]][1],
            "longitude": CITIES[city[n]][2],
            "started_on": None,
            "interests": [] if silent[n] else [TOPICS[t] for t in np.flatnonzero(told[n])],
            "challenges": []
            if silent[n]
            else [f"Too little {TOPICS[t]}" for t in np.flatnonzero(known[n])],
            "goals": [],
        }
        for n in range(len(cares))
    ]
    return pl.DataFrame(rows, schema=CUSTOMERS)


def _events(
    about: Floats, kind: Ints, virtual: Bools, place: Ints, wanted: Ints, a_year: int
) -> pl.DataFrame:
    rows = []
    for n in range(len(about)):
        day = START + timedelta(days=n * 365 // a_year)
        topics = [TOPICS[t] for t in np.flatnonzero(about[n])]
        country, latitude, longitude = CITIES[place[n]]
        rows.append(
            {
                "event_id": n + 1,
                "starts_at": datetime(day.year, day.month, day.day, 15, tzinfo=UTC),
                "held_on": day,
                "type": TYPES[kind[n]],
                "topics": topics,
                "themes": topics,
                "industries": [INDUSTRIES[wanted[n]]] if wanted[n] >= 0 else [],
                "segments": None,
                "regions": None,
                "country": country,
                "city": None,
                "latitude": latitude,
                "longitude": longitude,
                "in_person": not virtual[n],
                "virtual": bool(virtual[n]),
            }
        )
    return pl.DataFrame(rows, schema=EVENTS)
