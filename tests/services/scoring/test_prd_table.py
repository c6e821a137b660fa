"""The leaderboard the product requirement shows, on events and attendance of its shape."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import polars as pl
import pytest

from services.scoring.explain import explain
from services.scoring.weights import Weights
from tests.services.scoring.prd import FADING, LEADERS, Named, portfolio
from tests.services.scoring.reference import Row
from tests.services.scoring.worlds import board, customer, seat

Rows = dict[str, dict[str, Any]]

WORLD, IDS = portfolio()


@pytest.fixture(scope="module")
def rows() -> Rows:
    names = {number: name for name, number in IDS.items()}
    named = board(WORLD).filter(pl.col("customer_id").is_in(list(names)))
    return {names[row["customer_id"]]: row for row in named.to_dicts()}


def test_the_portfolio_has_the_events_of_the_requirement() -> None:
    types = Counter(event["type"] for event in WORLD.events)
    assert types == {"webinar": 8, "user_group": 4, "training": 4, "conference": 2}


@pytest.mark.parametrize("named", LEADERS + FADING, ids=lambda named: named.name)
def test_each_score_is_within_3_points_of_the_requirement(rows: Rows, named: Named) -> None:
    row = rows[named.name]
    assert (row["attended"], row["eligible"]) == (len(named.attended), 18)
    assert abs(row["score"] - named.score) <= 3, row


@pytest.mark.parametrize("named", LEADERS, ids=lambda named: named.name)
def test_leaders_show_the_users_and_the_trend_of_the_requirement(rows: Rows, named: Named) -> None:
    row = rows[named.name]
    assert (row["people"], row["trend"]) == (named.users, named.trend), row


def test_the_order_is_that_of_the_requirement(rows: Rows) -> None:
    expected = [named.name for named in (*LEADERS, *reversed(FADING))]
    assert sorted(rows, key=lambda name: -rows[name]["score"]) == expected
    assert len({row["score"] for row in rows.values()}) == len(rows)


@pytest.mark.parametrize(("name", "missed"), [("OldCorp", 6), ("SmallBiz", 4), ("LegacyCo", 3)])
def test_fading_customers_show_how_many_events_they_missed_in_a_row(
    rows: Rows, name: str, missed: int
) -> None:
    assert rows[name]["missed_in_row"] == missed
    assert f"Missed the last {missed} events." in explain(rows[name], Weights()).trend


def test_the_fading_are_in_lower_bands_than_the_leaders(rows: Rows) -> None:
    assert {rows[named.name]["band"] for named in LEADERS} == {"high"}
    assert {rows[named.name]["band"] for named in FADING} == {"low", "medium"}


def test_random_placements_of_the_same_counts_average_within_3_points() -> None:
    """The table does not hang on the events chosen in `prd`: 200 draws per customer."""
    random = Random(18)
    seats: list[Row] = []
    targets: dict[int, str] = {}
    for named in LEADERS + FADING:
        # "Last 6 events missed" says that the one before those was attended.
        missed = {"OldCorp": 6, "SmallBiz": 4, "LegacyCo": 3}.get(named.name)
        certain = [18 - missed] if missed else []
        possible = range(1, 18 - missed if missed else 19)
        for _ in range(200):
            customer_id = len(targets) + 1
            targets[customer_id] = named.name
            chosen = certain + random.sample(possible, len(named.attended) - len(certain))
            seats += [seat(customer_id, number, minutes=60 * named.depth) for number in chosen]
    world = replace(WORLD, attendances=seats, customers=[customer(number) for number in targets])
    names = pl.Series("name", list(targets.values()))
    means = dict(board(world).group_by(names).agg(pl.col("score").mean()).iter_rows())
    assert {named.name: means[named.name] for named in LEADERS + FADING} == pytest.approx(
        {named.name: named.score for named in LEADERS + FADING}, abs=3
    )
