"""Intervals that hold what they promise, on worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.figures import LIFT, _drawn, gap_of, lift_of, share_of, shrunk

WORLDS = 200


def world(rng: np.random.Generator, customers: int, attenders: int, truth: float) -> pl.DataFrame:
    """Keen customers come more often and score more anyway; who was keen lately cools down a little.

    Three periods before and one after, in points; those who came gain `truth` afterwards.
    """
    keen = rng.normal(0, 10, customers)
    before = 50 + keen[:, None] + rng.normal(0, 8, (customers, 3))
    pull = keen / 10 + (before[:, 2] - before.mean(axis=1)) / 8 * 0.2 + rng.gumbel(0, 1, customers)
    came = np.zeros(customers, dtype=bool)
    came[np.argsort(-pull)[:attenders]] = True
    after = 50 + keen + rng.normal(0, 8, customers) + truth * came
    return pl.DataFrame(
        {
            "customer": np.arange(customers),
            "stratum": np.zeros(customers, dtype=np.int64),
            "treated": came,
            "before": before.mean(axis=1),
            "after": after,
        },
        schema=LIFT,
    )


@pytest.mark.parametrize(("customers", "attenders"), [(80, 15), (80, 30), (300, 60)])
@pytest.mark.parametrize("truth", [0.0, 6.0])
def test_lift_is_hardly_biased_and_its_interval_covers_the_truth(
    customers: int, attenders: int, truth: float
):
    rng = np.random.default_rng(20_261)
    found = [
        lift_of(world(rng, customers, attenders, truth), seed=n, draws=400) for n in range(WORLDS)
    ]
    points = np.array([one.points for one in found])
    covered = np.mean([one.low <= truth <= one.high for one in found])  # type: ignore[operator]
    assert abs(points.mean() - truth) < 1.2
    assert covered >= 0.9


def test_comparing_those_who_came_with_the_others_would_have_found_a_lift_where_there_is_none():
    rng = np.random.default_rng(7)
    naive = []
    for _ in range(50):
        rows = world(rng, 80, 15, 0.0)
        sides = rows.group_by("treated").agg(pl.col("after").mean()).sort("treated")["after"]
        naive.append(sides[1] - sides[0])
    assert np.mean(naive) > 5


def test_world_without_effect_is_seldom_called_one_when_events_are_pooled():
    """Twelve events of one portfolio: the same customers stand in all of them."""
    rng = np.random.default_rng(11)
    covered = 0
    for n in range(WORLDS):
        events = [
            world(rng, 80, 20, 0.0).with_columns(stratum=pl.lit(e, pl.Int64)) for e in range(4)
        ]
        one = lift_of(pl.concat(events), seed=n, draws=300)
        assert one.low is not None
        assert one.high is not None
        covered += one.low <= 0 <= one.high
    assert covered >= 0.92 * WORLDS


def test_of_many_customers_the_spread_between_them_gives_what_drawing_them_anew_does():
    rng = np.random.default_rng(3)
    events = [
        world(rng, 1_200, 300, 6.0).with_columns(stratum=pl.lit(e, pl.Int64)) for e in range(3)
    ]
    rows = pl.concat(events)
    point, base, ends, relative = _drawn(rows, np.random.default_rng(1), 1_000)
    found = lift_of(rows)
    assert found.points == pytest.approx(point)
    assert found.relative == pytest.approx(point / base)
    width = ends[1] - ends[0]
    for drawn, told in zip(ends, (found.low, found.high), strict=True):
        assert told == pytest.approx(drawn, abs=width / 20)
    width = relative[1] - relative[0]
    for drawn, told in zip(relative, (found.relative_low, found.relative_high), strict=True):
        assert told == pytest.approx(drawn, abs=width / 20)


def test_seven_on_one_side_are_not_enough():
    rows = world(np.random.default_rng(1), 40, 7, 6.0)
    found = lift_of(rows)
    assert (found.treated, found.others) == (7, 33)
    assert found.points is None
    assert found.treated_after is not None


def test_stratum_without_both_sides_has_no_say():
    rng = np.random.default_rng(2)
    fair = world(rng, 40, 12, 6.0)
    lonely = world(rng, 40, 40, 90.0).with_columns(
        stratum=pl.lit(1, pl.Int64), customer=pl.col("customer") + 100
    )
    assert lift_of(pl.concat([fair, lonely])).points == pytest.approx(lift_of(fair).points)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_share_lies_within_its_interval(counts: tuple[int, int]):
    hits, of = counts
    found = share_of(hits, of)
    assert found.low is not None
    assert found.high is not None
    assert found.share is not None
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_share_of_ten_tries_covers_as_promised():
    rng = np.random.default_rng(3)
    for truth in (0.1, 0.3, 0.5):
        found = [share_of(int(h), 10) for h in rng.binomial(10, truth, 2_000)]
        assert np.mean([one.low <= truth <= one.high for one in found]) > 0.92  # type: ignore[operator]


def test_share_of_nothing_is_no_share():
    assert share_of(0, 0).share is None


def test_small_group_is_drawn_to_the_whole():
    assert shrunk(2, 2, 0.3) == pytest.approx((2 + 3) / 12)
    assert shrunk(0, 0, 0.3) == pytest.approx(0.3)


def test_gap_of_two_shares_covers_as_promised():
    rng = np.random.default_rng(5)
    for one, other, cases in ((0.3, 0.3, 20), (0.5, 0.2, 30), (0.05, 0.1, 60)):
        drawn = zip(rng.binomial(cases, one, 1_500), rng.binomial(cases, other, 1_500), strict=True)
        found = [gap_of(share_of(int(a), cases), share_of(int(b), cases)) for a, b in drawn]
        inside = [gap.low <= one - other <= gap.high for gap in found]  # type: ignore[operator]
        around = [gap.relative_low <= one / other - 1 <= gap.relative_high for gap in found]  # type: ignore[operator]
        assert np.mean(inside) > 0.93
        assert np.mean(around) > 0.93
    assert gap_of(share_of(5, 7), share_of(5, 90)).relative is None
