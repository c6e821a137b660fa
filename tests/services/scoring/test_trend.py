"""What a trend must and must not react to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import exp

import polars as pl
import pytest

from services.scoring.trend import event_popularity
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import AS_OF, customer, event, every, frames, one, seat

OTHERS = range(2, 72)


def among_others(attended: Sequence[int], seats: int = 1, *, full: Sequence[int] = ()) -> World:
    """Customer 1 at these of 18 events; seventy others come to 4 in 9, but all to the `full` ones."""
    rows = [seat(1, number, person) for number in attended for person in range(seats)]
    rows += [
        seat(other, number)
        for other in OTHERS
        for number in range(1, 19)
        if number in full or (other * 7 + number * 5) % 9 < 4
    ]
    return World(rows, every(20, 18), [customer(number) for number in (1, *OTHERS)], AS_OF)


@pytest.mark.parametrize("seats", [1, 2])
@pytest.mark.parametrize(
    "attended",
    [
        [1, 2, 3, 4, 5, 6, 7, 8, 10, 12],
        [1, 2, 3, 4, 5, 6, 7, 10, 12, 14],
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15],
    ],
    ids=["missed the last 6", "missed the last 4", "missed the last 3"],
)
def test_regulars_who_stop_coming_are_declining(attended: list[int], seats: int) -> None:
    row = one(among_others(attended, seats))
    assert row["trend"] == "declining"
    assert row["actual_seats"] < 0.75 * row["expected_seats"]


def test_coming_more_than_before_is_rising() -> None:
    assert one(among_others([2, 6, 11, *range(13, 19)]))["trend"] == "rising"


def test_coming_as_before_is_stable() -> None:
    assert one(among_others(range(1, 19, 2)))["trend"] == "stable"


def test_missing_events_that_hardly_anyone_attended_is_no_decline() -> None:
    regular = among_others(range(1, 13))
    unpopular = World(
        [row for row in regular.attendances if row["event_id"] <= 12],
        regular.events,
        regular.customers,
        AS_OF,
    )
    assert one(regular)["trend"] == "declining"
    assert one(unpopular)["trend"] == "stable"


def test_missing_full_events_weighs_more_than_missing_others() -> None:
    usual = one(among_others(range(1, 13)))["shortfall_z"]
    assert one(among_others(range(1, 13), full=range(13, 19)))["shortfall_z"] > usual


def test_under_six_eligible_events_a_customer_is_new() -> None:
    def trend(count: int) -> str:
        return one(World([seat(1, 1)], every(20, count), [customer()], AS_OF))["trend"]

    assert (trend(5), trend(6) != "new") == ("new", True)


def test_a_customer_that_never_came_has_no_shortfall() -> None:
    row = one(among_others([]))
    assert (row["shortfall_z"], row["trend"], row["missed_in_row"]) == (None, "stable", 18)


def test_a_customer_is_not_compared_with_itself() -> None:
    alone = World([seat(1, n) for n in range(1, 13)], every(20, 18), [customer()], AS_OF)
    # Nobody else came to anything, so nothing was to be expected of the last six either.
    assert one(alone)["trend"] == "stable"


def test_popularity_counts_seats_attenders_and_those_who_could_have_come() -> None:
    events = [event(1, AS_OF), event(2, AS_OF, segments=["small"]), event(3, AS_OF)]
    customers = [
        customer(1, segment="small"),
        customer(2, segment="enterprise"),
        customer(3, segment="small"),  # never came: not active
    ]
    seats = [seat(1, 1, 0), seat(1, 1, 1), seat(2, 1), seat(1, 2), seat(2, 2)]
    popularity = event_popularity(*frames(World(seats, events, customers, AS_OF)), as_of=AS_OF)
    assert popularity.equals(
        pl.DataFrame(
            {
                "event_id": [1, 2, 3],
                "seats": [3, 1, 0],
                "most": [10, 10, 10],
                "attenders": [2, 1, 0],
                "active": [2, 1, 2],
            }
        )
    )


@pytest.mark.parametrize(
    ("seats", "counted"),
    [([1_000, 1, 1], 12), ([1_000, 3, 3, 3], 24), ([1_000, 900], 20), ([40, 8, 9], 57), ([8], 8)],
)
def test_of_one_customer_no_more_seats_count_than_are_usual_at_the_event(
    seats: list[int], counted: int
) -> None:
    world = World(
        [seat(n, 1, person) for n, many in enumerate(seats, 1) for person in range(many)],
        [event(1, AS_OF)],
        [customer(n) for n in range(1, 9)],
        AS_OF,
    )
    assert event_popularity(*frames(world), as_of=AS_OF)["seats"].item() == counted


def test_thousand_people_of_one_customer_make_nobody_else_decline() -> None:
    usual = among_others(range(1, 19, 2))
    crowd = [seat(2, 17, person) for person in range(1, 1_000)]
    full = replace(usual, attendances=[*usual.attendances, *crowd])
    before, after = one(usual), one(full)
    assert after["trend"] == before["trend"] == "stable"
    assert after["expected_seats"] < before["expected_seats"] + 0.2
    assert one(full, 2)["actual_seats"] > 500


@pytest.mark.parametrize(("days", "in_baseline"), [(89, False), (90, True)])
def test_events_90_days_ago_and_older_are_the_baseline(days: int, in_baseline: bool) -> None:
    held = event(1, AS_OF - timedelta(days=days))
    row = one(World([seat(1, 1), seat(2, 1)], [held], [customer(1), customer(2)], AS_OF))
    # One seat each: with the event in the baseline the level is 2 / 2.02, without it 1.
    level = 2 / 2.02 if in_baseline else 1.0
    assert row["expected_seats"] == pytest.approx(level * 1.02 * exp(-days / 90), rel=1e-5)
