"""A simulated portfolio: what its customers attend and answer, and when some of them leave.

Events come by chance, few in August and December, with a pull of their own; each customer likes some
types better than others. Attendance and answers to mail share the customer's course: steady, fading
before it leaves, leaving at once, dipping for a while, or rising.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

START = date(2023, 1, 2)
DAYS = 913
"""Thirty months."""
SHARES = {"gradual": 0.20, "sudden": 0.05, "dip": 0.10, "riser": 0.10, "stable": 0.55}
QUIET_MONTHS, QUIET = (8, 12), 0.35
TYPES, FLOOR = 5, 0.15
CAMPAIGNS_A_YEAR = 24


@dataclass(frozen=True)
class World:
    """seats, answers: customer_id, event_id, seats Int64; events, campaigns, customers as
    `score_customers` has them, customers with churned_on. truth: customer_id, course Utf8, onset and
    churned_on Date (null: none)."""

    seats: pl.DataFrame
    events: pl.DataFrame
    answers: pl.DataFrame
    campaigns: pl.DataFrame
    customers: pl.DataFrame
    truth: pl.DataFrame


def simulate(seed: int, *, customers: int = 1_500, events_a_year: float = 18.0) -> World:
    """The same seed gives the same world."""
    rng = np.random.default_rng(seed)
    event_days = _days(rng, events_a_year)
    course, onset, churn = _courses(rng, customers)
    keen = rng.gamma(2.0, 0.35, customers)
    seats = _seats(rng, event_days, keen, course, onset, churn)
    campaign_days = _days(rng, CAMPAIGNS_A_YEAR)
    answers = _answers(rng, campaign_days, course, onset, churn)
    ids = np.arange(1, customers + 1)
    truth = pl.DataFrame(
        {
            "customer_id": ids,
            "course": course,
            "onset": _dates(onset),
            "churned_on": _dates(churn),
        }
    )
    return World(
        seats=seats,
        events=_happenings(event_days),
        answers=answers,
        campaigns=_happenings(campaign_days),
        customers=truth.select(
            "customer_id",
            segment=pl.lit(None, pl.Utf8),
            region=pl.lit(None, pl.Utf8),
            started_on=pl.lit(None, pl.Date),
            churned_on="churned_on",
        ),
        truth=truth,
    )


def _days(rng: np.random.Generator, a_year: float) -> Ints:
    """Days since START, sorted."""
    months = np.array([(START + timedelta(days=int(d))).month for d in range(DAYS)])
    rate = np.where(np.isin(months, QUIET_MONTHS), QUIET, 1.0)
    count = rng.poisson(rate * a_year / 365 / rate.mean())
    return np.repeat(np.arange(DAYS), count)


def _courses(
    rng: np.random.Generator, customers: int
) -> tuple[npt.NDArray[np.str_], Floats, Floats]:
    """Course, onset and end in days since START; infinite where there is none."""
    course = rng.choice(list(SHARES), customers, p=list(SHARES.values()))
    churn = np.full(customers, np.inf)
    onset = np.full(customers, np.inf)
    leaving = np.isin(course, ("gradual", "sudden"))
    churn[leaving] = rng.uniform(480, DAYS, leaving.sum())
    gradual = course == "gradual"
    onset[gradual] = churn[gradual] - rng.uniform(150, 365, gradual.sum())
    onset[course == "sudden"] = churn[course == "sudden"]
    moving = np.isin(course, ("dip", "riser"))
    onset[moving] = rng.uniform(300, 750, moving.sum())
    return course, onset, churn


def _level(course: npt.NDArray[np.str_], onset: Floats, churn: Floats, day: int) -> Floats:
    """How much of its own usual self each customer is on the day."""
    level = np.ones(len(course))
    with np.errstate(invalid="ignore"):
        gradual = (course == "gradual") & (day > onset)
        # Down to FLOOR over the first half of the time that is left, and staying there.
        part = np.clip((day - onset) / np.maximum((churn - onset) / 2, 1), 0, 1)
        level = np.where(gradual, 1 - (1 - FLOOR) * part, level)
        dip = (course == "dip") & (day > onset) & (day < onset + 90)
        level = np.where(dip, 0.4, level)
        risen = np.clip((day - onset) / 180, 0, 1)
        level = np.where((course == "riser") & (day > onset), 1 + risen, level)
    return np.where(day >= churn, 0.0, level)


def _seats(
    rng: np.random.Generator,
    days: Ints,
    keen: Floats,
    course: npt.NDArray[np.str_],
    onset: Floats,
    churn: Floats,
) -> pl.DataFrame:
    customers = len(keen)
    taste = rng.gamma(10.0, 0.1, (customers, TYPES))
    kinds = rng.integers(0, TYPES, len(days))
    pull = rng.lognormal(-0.125, 0.5, len(days))
    found: list[pl.DataFrame] = []
    for place, day in enumerate(days):
        mean = keen * taste[:, kinds[place]] * pull[place] * _level(course, onset, churn, int(day))
        crowd = rng.gamma(4.0, 0.25, customers)  # colleagues come along, or nobody does
        count = rng.poisson(mean * crowd)
        found.append(_rows(count, place))
    return pl.concat(found)


def _answers(
    rng: np.random.Generator,
    days: Ints,
    course: npt.NDArray[np.str_],
    onset: Floats,
    churn: Floats,
) -> pl.DataFrame:
    """Each campaign goes to the customer's contacts, and each of them answers it or does not."""
    customers = len(course)
    contacts = 1 + rng.poisson(2.0, customers)
    habit = rng.beta(2.0, 6.0, customers)
    pull = rng.lognormal(-0.08, 0.4, len(days))
    found = [
        _rows(rng.binomial(contacts, np.clip(habit * pull[place] * level, 0, 0.95)), place)
        for place, level in enumerate(_level(course, onset, churn, int(day)) for day in days)
    ]
    return pl.concat(found)


def _rows(count: Ints, place: int) -> pl.DataFrame:
    came = np.flatnonzero(count)
    return pl.DataFrame(
        {
            "customer_id": came + 1,
            "event_id": np.full(len(came), place + 1),
            "seats": count[came],
        },
        schema=dict.fromkeys(("customer_id", "event_id", "seats"), pl.Int64),
    )


def _happenings(days: Ints) -> pl.DataFrame:
    count = len(days)
    return pl.DataFrame(
        {
            "event_id": np.arange(1, count + 1),
            "held_on": [START + timedelta(days=int(day)) for day in days],
        }
    ).with_columns(
        type=pl.lit("webinar"),
        scheduled_minutes=pl.lit(None, pl.Float32),
        polls_asked=pl.lit(None, pl.Int32),
        segments=pl.lit(None, pl.List(pl.Utf8)),
        regions=pl.lit(None, pl.List(pl.Utf8)),
    )


def _dates(days: Floats) -> list[date | None]:
    return [START + timedelta(days=int(day)) if np.isfinite(day) else None for day in days]
