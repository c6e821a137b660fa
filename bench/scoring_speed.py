"""How long scores take: `python -m bench.scoring_speed [customers] [attendance rows]`.

Invented frames, two years of 2,000 events; medians of five runs.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl

from bench.document import table
from services.scoring.score import score_customers, score_touched
from services.scoring.trend import event_popularity
from services.scoring.weights import WeightBook

AS_OF = date(2026, 1, 1)
EVENTS, DAYS = 2_000, 730
TYPES = ("webinar", "user_group", "training", "workshop", "conference", "roundtable", "meetup")
SEGMENTS = ("enterprise", "mid-market", "small", "strategic")
REGIONS = ("EMEA", "AMER", "APAC")


def world(customers: int, rows: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Attendances, events and customers in the shapes of `score_customers`."""
    dice = np.random.default_rng(7)
    ids = np.arange(1, EVENTS + 1)
    events = pl.DataFrame(
        {
            "event_id": ids,
            "held_on": [AS_OF - timedelta(days=int(day)) for day in dice.integers(0, DAYS, EVENTS)],
            "type": dice.choice(TYPES, EVENTS),
            "scheduled_minutes": dice.choice([30.0, 45.0, 60.0], EVENTS),
            "polls_asked": dice.integers(0, 5, EVENTS),
            "segments": [[SEGMENTS[i % 4]] if i % 5 == 0 else None for i in range(EVENTS)],
            "regions": [[REGIONS[i % 3]] if i % 7 == 0 else None for i in range(EVENTS)],
        },
        schema_overrides={
            "scheduled_minutes": pl.Float32,
            "polls_asked": pl.Int32,
            "segments": pl.List(pl.Utf8),
            "regions": pl.List(pl.Utf8),
        },
    )
    late = dice.random(customers) < 0.2
    ago = dice.integers(0, 365, customers)
    base = pl.DataFrame(
        {
            "customer_id": np.arange(1, customers + 1),
            "segment": dice.choice(SEGMENTS, customers),
            "region": dice.choice(REGIONS, customers),
            "started_on": [
                AS_OF - timedelta(days=int(days)) if new else None
                for days, new in zip(ago, late, strict=True)
            ],
        },
        schema_overrides={"started_on": pl.Date},
    )
    return _attendances(dice, customers, rows), events, base


def _attendances(dice: np.random.Generator, customers: int, rows: int) -> pl.DataFrame:
    customer = 1 + (customers * dice.random(rows) ** 1.5).astype(np.int64)
    seats = pl.DataFrame(
        {
            "customer_id": customer,
            "event_id": dice.integers(1, EVENTS + 1, rows),
            "participant_id": customer * 100 + dice.integers(0, 12, rows),
        }
    ).unique(["event_id", "participant_id"])
    count = len(seats)
    return seats.with_columns(
        minutes=pl.Series(dice.uniform(1, 60, count), dtype=pl.Float32),
        questions=pl.Series(dice.poisson(0.3, count), dtype=pl.Int32),
        polls=pl.Series(dice.integers(0, 4, count), dtype=pl.Int32),
        downloads=pl.Series([None] * count, dtype=pl.Int32),
        feedback=pl.Series([None] * count, dtype=pl.Float32),
        spoke=pl.Series(dice.random(count) < 0.002),
    )


def median_seconds(call: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """By the clock, and of processor time, which others at work on the machine change less."""
    clock: list[float] = []
    processor: list[float] = []
    for _ in range(runs):
        start, spent = time.perf_counter(), time.process_time()
        call()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - spent)
    return statistics.median(clock), statistics.median(processor)


def section(customers: int = 10_000, rows: int = 750_000) -> str:
    """The figures as text of the document."""
    attendances, events, base = world(customers, rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    book = WeightBook()
    some = base["customer_id"].sample(min(100, customers), seed=1)
    popularity = event_popularity(attendances, events, base, as_of=AS_OF)
    few = attendances.filter(pl.col("customer_id").is_in(some.implode()))
    their = base.filter(pl.col("customer_id").is_in(some.implode()))
    cases: dict[str, Callable[[], object]] = {
        "everyone": lambda: score_customers(attendances, events, base, weights=book, as_of=AS_OF),
        "100 of them, all facts passed": lambda: score_customers(
            attendances, events, base, weights=book, as_of=AS_OF, only=some
        ),
        "100 of them, popularity at hand": lambda: score_touched(
            few, events, their, weights=book, as_of=AS_OF, popularity=popularity
        ),
    }
    timed = {name: median_seconds(call) for name, call in cases.items()}
    found = [[name, *(f"{spent:.3f} s" for spent in times)] for name, times in timed.items()]
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return f"""{customers:,} customers, {EVENTS:,} events, {len(attendances):,} attendances, from memory; medians of five
runs. Memory above the input: {more / 1024:.0f} MB.

{table(["scores of", "time", "processor"], found)}"""


if __name__ == "__main__":
    print(section(*(int(argument) for argument in sys.argv[1:])))
