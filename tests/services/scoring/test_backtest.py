"""The backtest: nothing later than its day, and figures that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median

import numpy as np
import polars as pl
import pytest
from sqlalchemy.orm import Session

from bench.decline.quality import Quality, mail_on, qualities
from bench.decline.world import World, simulate
from data.tables import Customer
from services.scoring import backtest
from services.scoring.backtest.measure import THRESHOLDS, alarms_of, measured
from services.scoring.backtest.walk import Material, Walked, days_between, walk
from services.scoring.risk.alarm import ALERT_EVENTS, ALERT_FUSED
from tests.services.scoring.fading import FADING, fading_world, record_fading
from tests.services.scoring.recorded import ANAS, BENS, EVERYBODYS
from tests.services.scoring.worlds import frames

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MANY = range(30_001, 30_011)
"""Seeds of worlds on which nothing was tuned."""


def material_of(world) -> Material:
    attendances, events, customers = frames(world)
    seats = attendances.group_by("customer_id", "event_id").agg(seats=pl.len().cast(pl.Int64))
    return Material(seats, events, customers.with_columns(churned_on=pl.lit(None, pl.Date)))


def test_a_look_back_is_the_look_of_that_day():
    """What is deleted of the future changes no look: nothing of it was used."""
    whole = material_of(fading_world(TODAY))
    days = days_between(TODAY - 340 * DAY, TODAY)
    middle = days[len(days) // 2]
    known = whole.events.filter(pl.col("held_on") <= middle)
    then = replace(whole, events=known, seats=whole.seats.join(known, on="event_id", how="semi"))
    early = [day for day in days if day <= middle]
    looks = walk(whole, days).looks.filter(pl.col("as_of") <= middle)
    assert walk(then, early).looks.equals(looks)
    assert walk(whole, days).looks.filter(pl.col("customer_id") == FADING).height > 0


def looks_at(*entries: tuple[int, int, float]) -> pl.DataFrame:
    """customer, days after 2025-01-01, z."""
    start = date(2025, 1, 1)
    return pl.DataFrame(
        [(who, start + timedelta(days=after), z) for who, after, z in entries],
        schema={"customer_id": pl.Int64, "as_of": pl.Date, "z": pl.Float64},
        orient="row",
    )


def test_after_an_alarm_there_is_silence_for_180_days():
    looks = looks_at((1, 0, 2.0), (1, 14, 2.0), (1, 179, 2.0), (1, 180, 2.0), (2, 14, 2.0))
    found = alarms_of(looks, 1.8)
    days = found["as_of"].to_list()
    start = date(2025, 1, 1)
    assert found["customer_id"].to_list() == [1, 1, 2]
    assert days == [start, start + 180 * DAY, start + 14 * DAY]
    assert alarms_of(looks, 2.1).is_empty()


def test_in_force_each_customer_has_the_bar_of_those_judged_as_it_is():
    bars = (
        (ALERT_FUSED, True),
        (ALERT_FUSED, False),
        (ALERT_EVENTS, False),
        (ALERT_FUSED - 0.01, True),
    )
    looks = looks_at(*[(n, 0, z) for n, (z, _) in enumerate(bars)])
    looks = looks.with_columns(fused=pl.Series([fused for _, fused in bars]))
    assert alarms_of(looks, None)["customer_id"].to_list() == [0, 2]
    assert alarms_of(looks, ALERT_FUSED)["customer_id"].to_list() == [0, 1, 2]
    assert len(set(THRESHOLDS)) == len(THRESHOLDS)


def test_shares_are_counted_as_a_person_would():
    """Ten leave after 100 days, found 90 days ahead; ten stay, two of them with a false alarm."""
    start = date(2025, 1, 1)
    looks = looks_at(
        *[(n, 10, 2.2) for n in range(1, 9)], (9, 80, 2.2), (11, 10, 2.2), (12, 10, 2.2)
    )
    observed = pl.DataFrame(
        [(n, 30, 26, start, start + (99 if n <= 10 else 350) * DAY) for n in range(1, 21)],
        schema={"customer_id": pl.Int64, "looks": pl.Int64, "settled": pl.Int64, "first_judged": pl.Date,
                "last_judged": pl.Date}, orient="row",
    )  # fmt: skip
    churn = pl.DataFrame(
        [(n, start + 100 * DAY if n <= 10 else None) for n in range(1, 21)],
        schema={"customer_id": pl.Int64, "churned_on": pl.Date}, orient="row",
    )  # fmt: skip
    walked = Walked((start,), looks, observed)
    (row,) = measured(walked, churn, start + 400 * DAY, [1.8])
    assert (row.alarms, row.false_alarms) == (11, 2)
    assert (row.precision.hits, row.precision.of) == (9, 11)
    # The ninth had its alarm 20 days ahead: too late; the tenth had none.
    assert (row.recall.hits, row.recall.of) == (8, 10)
    assert row.lead == 90
    assert row.stayer_years == pytest.approx(10 * 26 * 14 / 365.25)
    assert row.false_per_100 == pytest.approx(200 / row.stayer_years)


def test_alarms_whose_year_is_not_over_prove_nothing_yet():
    start = date(2025, 1, 1)
    observed = pl.DataFrame(
        [(1, 5, 0, start, start + 60 * DAY)],
        schema={"customer_id": pl.Int64, "looks": pl.Int64, "settled": pl.Int64, "first_judged": pl.Date,
                "last_judged": pl.Date}, orient="row",
    )  # fmt: skip
    churn = pl.DataFrame({"customer_id": [1], "churned_on": [None]},
                         schema={"customer_id": pl.Int64, "churned_on": pl.Date})  # fmt: skip
    walked = Walked((start,), looks_at((1, 10, 2.0)), observed)
    (row,) = measured(walked, churn, start + 100 * DAY, [1.8])
    assert (row.alarms, row.precision.of, row.precision.share) == (1, 0, None)
    assert (row.false_alarms, row.false_per_100) == (0, None)
    assert not backtest.enough(row.precision)


def test_it_is_kept_and_read_for_ones_own_customers(session: Session):
    record_fading(session, fading_world(TODAY))
    session.get_one(Customer, FADING).churned_on = TODAY - DAY
    session.flush()
    assert backtest.result(session, EVERYBODYS) is None
    found, version = backtest.material(session, NOW)
    backtest.keep(session, backtest.walked(found, NOW), version, now=NOW)
    session.flush()
    everybody = backtest.result(session, EVERYBODYS)
    anas = backtest.result(session, ANAS)
    bens = backtest.result(session, BENS)
    assert everybody is not None
    assert anas is not None
    assert bens is not None
    assert everybody.judged == anas.judged + bens.judged
    assert (everybody.left, anas.left, bens.left) == (1, 1, 0)
    assert everybody.until == TODAY
    assert everybody.rows[0].threshold is None
    caught = everybody.rows[0].recall
    assert (caught.hits, caught.of) == (1, 1)


def test_without_events_there_is_nothing_to_walk(session: Session):
    found, version = backtest.material(session, NOW)
    backtest.keep(session, backtest.walked(found, NOW), version, now=NOW)
    assert backtest.result(session, EVERYBODYS) is None


def test_the_worker_is_asked_once_a_minute(session: Session):
    assert backtest.ask(session, by=ANAS, now=NOW)
    assert not backtest.ask(session, by=BENS, now=NOW + timedelta(seconds=20))


def pooled(seeds: range, customers: int, rate: float) -> tuple[list[Quality], list[Quality]]:
    """Alerts of the fused channel and of events alone."""
    every = [
        found
        for seed in seeds
        for found in qualities(simulate(seed, customers=customers, events_a_year=rate))
    ]
    fused, alone = (
        [one for one in every if (one.channel, one.level) == (channel, "alert")]
        for channel in ("fused", "events")
    )
    return fused, alone


@pytest.mark.parametrize(
    ("seeds", "customers", "rate", "found_at_least", "false_at_most"),
    [
        (range(880_002, 880_003), 900, 18.0, 0.35, 5.0),
        (range(880_008, 880_009), 900, 36.0, 0.65, 7.0),
        pytest.param(MANY, 1_500, 18.0, 0.35, 5.0, marks=pytest.mark.bench),
        pytest.param(MANY, 1_500, 36.0, 0.65, 7.0, marks=pytest.mark.bench),
    ],
)
def test_on_simulated_portfolios_the_fused_alarm_finds_fading_customers_early(
    seeds: range, customers: int, rate: float, found_at_least: float, false_at_most: float
):
    """The bounds were set beforehand. Worlds differ much: a small one that keeps within them guards against a
    change for the worse, and only many tell how good the alarm is; their spread is in the docs."""
    fused, alone = pooled(seeds, customers, rate)
    found, findable = sum(q.found for q in fused), sum(q.findable for q in fused)
    false = sum(q.false_alarms for q in fused) / sum(q.stable_years for q in fused)
    assert found / findable >= found_at_least
    assert 100 * false <= false_at_most
    assert median(lead for q in fused for lead in q.leads) >= 75
    assert sum(q.found for q in alone) < found


def steady_alarms(world: World, day: date) -> set[int]:
    """The steady customers that are alerts on the day, by events and mail together."""
    material = Material(world.seats, world.events, world.customers, lambda on: mail_on(world, on))
    alerts = walk(material, [day]).looks.filter(pl.col("z") >= ALERT_FUSED)
    steady = world.truth.filter(pl.col("course") == "stable")
    return set(alerts.join(steady, on="customer_id")["customer_id"])


def halved(rows: pl.DataFrame, held: pl.DataFrame, since: date, until: date) -> pl.DataFrame:
    """Each seat of that time is kept or not, by the toss of a coin."""
    then = held.filter(pl.col("held_on").is_between(since, until))["event_id"]
    kept = np.random.default_rng(1).binomial(rows["seats"].to_numpy(), 0.5)
    seats = pl.when(pl.col("event_id").is_in(then.to_list())).then(pl.Series(kept))
    return rows.with_columns(seats=seats.otherwise("seats")).filter(pl.col("seats") > 0)


def test_when_all_halve_together_nobody_is_an_alarm_that_was_none():
    """In August, or from then on, at events and in mail; among one in ten who halve alone some are found."""
    world = simulate(880_004, customers=400, events_a_year=36.0)
    since = date(2024, 8, 1)
    for until in (date(2024, 8, 31), date(2024, 12, 31)):
        day = until + DAY
        seats = halved(world.seats, world.events, since, until)
        answers = halved(world.answers, world.campaigns, since, until)
        together = steady_alarms(replace(world, seats=seats, answers=answers), day)
        assert together <= steady_alarms(world, day)
    few = pl.col("customer_id") % 10 == 1
    alone = replace(
        world,
        seats=pl.concat([seats.filter(few), world.seats.filter(~few)]),
        answers=pl.concat([answers.filter(few), world.answers.filter(~few)]),
    )
    assert steady_alarms(alone, day) - steady_alarms(world, day), "nothing is ever found"


def test_after_120_days_without_events_nobody_is_an_alarm_that_was_none():
    """Mail goes on, or is silent as well."""
    world = simulate(880_004, customers=400, events_a_year=36.0)
    last = date(2024, 9, 1)
    past = pl.col("held_on") <= last
    events, campaigns = world.events.filter(past), world.campaigns.filter(past)
    quiet = replace(world, events=events, seats=world.seats.join(events, on="event_id", how="semi"))
    silent = replace(
        quiet,
        campaigns=campaigns,
        answers=world.answers.join(campaigns, on="event_id", how="semi"),
    )
    before = steady_alarms(quiet, last)
    assert steady_alarms(quiet, last + 120 * DAY) <= before
    assert steady_alarms(silent, last + 120 * DAY) <= before
