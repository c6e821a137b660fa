"""What must hold for any attendance whatever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from services.scoring.score import score_touched
from services.scoring.trend import event_popularity
from services.scoring.variants import history, what_if
from services.scoring.weights import COMPONENTS, WeightBook, Weights
from tests.services.scoring import reference
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import AS_OF, BOOK, board, frames, seat, worlds

# No deadline: a busy machine is no failure.
many = settings(deadline=None, max_examples=100)
few = settings(deadline=None, max_examples=30)

RELATIVE = ["rank", "percentile"]
OTHERS_MATTER = ["shortfall_z", "expected_seats", "trend", *RELATIVE]


@many
@given(worlds())
def test_fast_scores_equal_the_plain_formulas(world: World) -> None:
    for row, customer in zip(board(world).to_dicts(), world.customers, strict=True):
        expected = reference.components(world, customer)
        if expected is None:
            assert (row["state"], row["score"], row["band"]) == ("no_data", None, None)
            continue
        assert {name: row[name] for name in COMPONENTS} == pytest.approx(expected, abs=1e-6)
        total = reference.score(world, customer)
        assert row["score"] == pytest.approx(total, abs=0.5002)
        assert row["eligible"] == len(reference.eligible_events(world, customer))
        assert row["missed_in_row"] == reference.missed_in_row(world, customer)


@many
@given(worlds())
def test_fast_trends_equal_the_plain_formulas(world: World) -> None:
    for row, customer in zip(board(world).to_dicts(), world.customers, strict=True):
        expected = reference.shortfall(world, customer)
        if expected is None:
            assert row["shortfall_z"] is None
        else:
            assert row["shortfall_z"] == pytest.approx(expected, abs=1e-5, rel=1e-5)


@few
@given(worlds())
def test_scores_lie_between_0_and_100_and_components_between_0_and_1(world: World) -> None:
    scored = board(world).drop_nulls("score")
    assert scored["score"].is_between(0, 100).all()
    for name in COMPONENTS:
        assert scored[name].is_between(0, 1).all()


POINTS = st.lists(st.integers(0, 100), min_size=4, max_size=4).map(
    lambda cuts: Weights(
        *(b - a for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 100], strict=True))
    )
)


@few
@given(worlds(), POINTS)
def test_components_times_weights_add_up_to_the_score(world: World, weights: Weights) -> None:
    for row in board(world, book=WeightBook(weights)).drop_nulls("score").to_dicts():
        total = sum(row[name] * points for name, points in weights.as_dict().items())
        assert row["score"] == pytest.approx(total, abs=0.5002)


@few
@given(worlds(), st.data(), POINTS)
def test_attending_one_more_event_never_lowers_the_score(
    world: World, data: st.DataObject, weights: Weights
) -> None:
    if not world.events:
        return
    more = seat(
        data.draw(st.integers(1, len(world.customers))),
        data.draw(st.integers(1, len(world.events))),
        person=9,  # a person not there so far
        minutes=data.draw(st.none() | st.integers(0, 90).map(float)),
        questions=data.draw(st.none() | st.integers(0, 3)),
    )
    book = WeightBook(weights)
    before = board(world, book=book)
    after = board(replace(world, attendances=[*world.attendances, more]), book=book)
    gained = after["score"].fill_null(0) - before["score"].fill_null(0)
    assert (gained >= 0).all()


@few
@given(worlds(), st.integers(0, 400))
def test_nothing_after_the_day_of_the_score_changes_anything(world: World, back: int) -> None:
    day = AS_OF - timedelta(days=back)
    past = [event for event in world.events if event["held_on"] <= day]
    known = {event["event_id"] for event in past}
    then = World(
        [row for row in world.attendances if row["event_id"] in known], past, world.customers, day
    )
    assert_frame_equal(board(world, as_of=day), board(then))


@few
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: World, random: Random) -> None:
    mixed = World(
        random.sample(world.attendances, len(world.attendances)),
        random.sample(world.events, len(world.events)),
        random.sample(world.customers, len(world.customers)),
        world.as_of,
    )
    assert_frame_equal(
        board(world), board(mixed).sort("customer_id"), check_exact=False, abs_tol=1e-5
    )


@few
@given(worlds(), st.lists(st.integers(1, 7)))
def test_some_customers_get_the_same_rows_as_in_the_full_run(world: World, some: list[int]) -> None:
    full = board(world).filter(pl.col("customer_id").is_in(some)).drop(RELATIVE)
    assert_frame_equal(board(world, only=some).drop(RELATIVE), full, abs_tol=1e-5)


@few
@given(worlds(), st.lists(st.integers(1, 7)))
def test_own_attendances_and_the_popularity_are_enough(world: World, some: list[int]) -> None:
    attendances, events, customers = frames(world)
    popularity = event_popularity(attendances, events, customers, as_of=AS_OF)
    own = pl.col("customer_id").is_in(some)
    touched = score_touched(
        attendances.filter(own),
        events,
        customers.filter(own),
        weights=BOOK,
        as_of=AS_OF,
        popularity=popularity,
    )
    full = board(world).filter(own).drop(RELATIVE)
    assert_frame_equal(touched.drop(RELATIVE), full, abs_tol=1e-5)


@few
@given(worlds())
def test_other_customers_change_only_the_trend_and_the_rank(world: World) -> None:
    alone = replace(
        world,
        attendances=[row for row in world.attendances if row["customer_id"] == 1],
        customers=world.customers[:1],
    )
    assert_frame_equal(board(alone).drop(OTHERS_MATTER), board(world).head(1).drop(OTHERS_MATTER))


@few
@given(worlds(), POINTS, POINTS)
def test_a_what_if_on_the_board_equals_scoring_anew(
    world: World, weights: Weights, other: Weights
) -> None:
    book = WeightBook(weights, {"small": other})
    segments = pl.Series("segment", [row["segment"] for row in world.customers], dtype=pl.Utf8)
    tried = what_if(board(world).with_columns(segments), book)
    anew = board(world, book=book)
    assert_frame_equal(tried.select(anew.columns), anew)
    assert tried["score_before"].to_list() == board(world)["score"].to_list()


@few
@given(worlds(), st.lists(st.integers(0, 400), max_size=3))
def test_history_is_what_the_board_said_on_each_day(world: World, backs: list[int]) -> None:
    days = [AS_OF - timedelta(days=back) for back in backs]
    attendances, events, customers = frames(world)
    own = attendances.filter(pl.col("customer_id") == 1)
    past = history(own, events, customers.head(1), Weights(), days)
    assert past["as_of"].to_list() == days
    assert past["score"].to_list() == [board(world, as_of=day)["score"][0] for day in days]


@few
@given(worlds())
def test_ranks_run_from_1_without_gaps_and_follow_the_score(world: World) -> None:
    ranked = board(world).sort("rank")
    assert ranked["rank"].to_list() == list(range(1, len(world.customers) + 1))
    scores = ranked["score"].fill_null(-1).to_list()
    assert scores == sorted(scores, reverse=True)
    assert ranked["percentile"].drop_nulls().is_between(0, 100).all()
