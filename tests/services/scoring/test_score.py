"""The rules of the score that a worked example shows best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from services.scoring.weights import WeightBook, Weights
from tests.services.scoring.reference import Row, World
from tests.services.scoring.worlds import (
    AS_OF,
    board,
    customer,
    event,
    every,
    one,
    seat,
)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def world(events: Sequence[Row], seats: Sequence[Row], **about: Any) -> World:
    return World(seats, events, [customer(**about)], AS_OF)


def test_a_customer_with_nothing_open_to_it_has_no_score() -> None:
    row = one(world([event(1, ago(5), segments=["enterprise"])], [], segment="small"))
    assert (row["state"], row["score"], row["band"], row["frequency"]) == (
        "no_data",
        None,
        None,
        None,
    )


def test_a_customer_that_never_came_has_score_0_and_says_so() -> None:
    row = one(world([event(1, ago(5))], []))
    assert (row["state"], row["score"], row["band"]) == ("no_attendance", 0, "low")


def test_the_window_is_the_365_days_that_end_with_the_day_of_the_score() -> None:
    events = [event(1, ago(365)), event(2, ago(364)), event(3, AS_OF), event(4, ago(-1))]
    row = one(world(events, [seat(1, number) for number in (1, 2, 3, 4)]))
    assert (row["attended"], row["eligible"], row["attended_before"]) == (2, 2, 1)


def test_events_before_the_start_date_do_not_count_for_or_against() -> None:
    events = [event(1, ago(20)), event(2, ago(10)), event(3, ago(5))]
    row = one(world(events, [seat(1, 1), seat(1, 2)], started_on=ago(10)))
    assert (row["attended"], row["eligible"], row["attended_outside"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("audience", "admitted"),
    [
        ({}, 1),
        ({"segments": []}, 1),
        ({"segments": ["small", "enterprise"]}, 1),
        ({"segments": ["small"]}, 0),
        ({"regions": ["EMEA"]}, 1),
        ({"segments": ["enterprise"], "regions": ["AMER"]}, 0),
    ],
)
def test_an_event_counts_for_its_audience_only(audience: dict[str, Any], admitted: int) -> None:
    row = one(
        world([event(1, ago(5), **audience)], [seat(1, 1)], segment="enterprise", region="EMEA")
    )
    assert (row["eligible"], row["attended"]) == (admitted, admitted)


def test_a_customer_of_unknown_segment_is_not_taken_for_a_given_audience() -> None:
    row = one(world([event(1, ago(5), segments=["small"])], [seat(1, 1)]))
    assert row["eligible"] == 0


def test_one_of_one_event_is_not_yet_full_frequency() -> None:
    row = one(world([event(1, ago(5))], [seat(1, 1)]))
    assert row["frequency"] == pytest.approx(0.25)


def test_several_people_at_one_event_are_one_event_and_the_most_involved_gives_its_depth() -> None:
    events = [event(1, ago(5), scheduled_minutes=60.0)]
    row = one(world(events, [seat(1, 1, 0, minutes=15.0), seat(1, 1, 1, minutes=45.0)]))
    assert (row["attended"], row["people"]) == (1, 2)
    assert row["depth_top"] == pytest.approx([0.75, 0, 0])


def test_depth_that_no_platform_reported_counts_half_and_is_flagged() -> None:
    row = one(world([event(1, ago(5))], [seat(1, 1)]))
    assert (row["depth_top"], row["depth_reported"]) == ([0.5, 0.0, 0.0], False)


def test_questions_feedback_and_talks_are_totalled_over_the_window() -> None:
    events = [event(1, ago(9)), event(2, ago(5)), event(3, ago(400))]
    row = one(
        world(
            events,
            [
                seat(1, 1, 0, questions=2, feedback=0.0),
                seat(1, 1, 1, questions=1, feedback=4.0),
                seat(1, 2, 0, feedback=5.0, spoke=True),
                seat(1, 3, 0, questions=9, feedback=5.0, spoke=True),
            ],
        )
    )
    totals = (row["questions_asked"], row["feedback_given"], row["times_spoken"])
    assert totals == (3, 2, 1)


def test_a_speaker_is_fully_involved() -> None:
    row = one(
        world([event(1, ago(5), scheduled_minutes=60.0)], [seat(1, 1, minutes=3.0, spoke=True)])
    )
    assert (row["depth_top"][0], row["depth_reported"], row["times_spoken"]) == (1.0, True, 1)


@pytest.mark.parametrize("minutes", [float("nan"), float("inf"), -5.0])
def test_impossible_minutes_do_not_leave_the_range_of_depth(minutes: float) -> None:
    events = [event(1, ago(5), scheduled_minutes=60.0)]
    row = one(world(events, [seat(1, 1, minutes=minutes, questions=-2)]))
    assert 0 <= row["depth"] <= 1
    assert 0 <= row["score"] <= 100


def test_nobody_ages_while_no_events_are_held() -> None:
    events = every(20, 10, end=ago(100))
    seats = [seat(1, number) for number in (1, 5, 9)]
    after_a_month = one(world(events, seats), as_of=ago(70))
    much_later = one(world(events, seats), as_of=ago(0))
    assert after_a_month["recency_as_of"] == much_later["recency_as_of"] == ago(70)
    assert after_a_month["recency"] == much_later["recency"]


def test_the_half_life_is_six_mean_gaps_between_events_within_60_and_240_days() -> None:
    def half_life(count: int) -> float:
        return one(world(every(360 // count, count), [seat(1, 1)]))["half_life_days"]

    assert half_life(18) == pytest.approx(121.67, abs=0.01)
    assert (half_life(4), half_life(72)) == (240, 60)


def test_recency_halves_after_the_half_life_and_a_week_of_grace() -> None:
    events = every(20, 18)
    # Event 11 of 18 was 140 days ago: 133 days after the grace, at a half-life of 121.67.
    row = one(world(events, [seat(1, 11)]))
    assert row["recency"] == pytest.approx(0.5 ** (133 / (6 * 365 / 18)))
    assert one(world(events, [seat(1, 18)]))["recency"] == 1


def test_frequency_is_the_same_share_however_many_events_were_held() -> None:
    def frequency(count: int) -> float:
        half = [seat(1, number) for number in range(1, count, 2)]
        return one(world(every(360 // count, count), half))["frequency"]

    assert frequency(6) == frequency(18) == frequency(72) == 0.5


def test_consistency_counts_quarters_where_fewer_than_12_events_were_held() -> None:
    few = one(world(every(30, 11), [seat(1, 1), seat(1, 2)]))
    many = one(world(every(30, 12), [seat(1, 1), seat(1, 2)]))
    assert (few["period_kind"], many["period_kind"]) == ("quarter", "month")


def test_months_are_the_last_12_calendar_months_oldest_first() -> None:
    events = [event(1, date(2025, 1, 31)), event(2, date(2025, 12, 1)), event(3, date(2025, 12, 2))]
    row = one(world(events, [seat(1, number) for number in (1, 2, 3)]))
    assert row["months"] == [1, *[0] * 10, 2]


def test_attendance_of_the_month_half_out_of_the_window_is_not_in_the_sparkline() -> None:
    mid_month = date(2025, 12, 15)
    events = [event(1, date(2024, 12, 20)), event(2, date(2025, 1, 5))]
    row = one(world(events, [seat(1, 1), seat(1, 2)]), as_of=mid_month)
    assert (row["attended"], row["months"]) == (2, [1, *[0] * 11])


def test_types_not_yet_attended_are_named() -> None:
    events = [event(1, ago(9), "webinar"), event(2, ago(8), "training"), event(3, ago(7), "meetup")]
    row = one(world(events, [seat(1, 1)]))
    assert (row["types_seen"], row["types_missing"]) == (["webinar"], ["meetup", "training"])
    assert (row["types_attended"], row["types_offered"]) == (1, 3)


def test_a_customer_may_have_seen_any_of_a_dozen_types() -> None:
    types = [f"type {letter}" for letter in "abcdefghijkl"]
    events = every(20, 12, types=types)
    both = [customer(1), customer(2)]
    seats = [seat(1, 1), seat(1, 12), seat(2, 9)]
    rows = board(World(seats, events, both, AS_OF)).to_dicts()
    assert [row["types_seen"] for row in rows] == [["type a", "type l"], ["type i"]]
    assert rows[1]["types_missing"] == [*types[:8], *types[9:]]


def test_each_segment_is_weighed_by_its_own_weights() -> None:
    events = every(20, 18)
    pair = [customer(1, segment="small"), customer(2, segment="enterprise"), customer(3)]
    seats = [seat(number, 18) for number in (1, 2, 3)]
    book = WeightBook(by_segment={"small": Weights(0, 100, 0, 0, 0)})
    scores = board(World(seats, events, pair, AS_OF), book=book)["score"].to_list()
    assert scores[0] == 100
    assert scores[1] == scores[2] < 50


def test_a_score_of_exactly_a_half_is_rounded_up() -> None:
    # Recency and frequency of 1/4 under weights 98 and 2: 98 + 0.5.
    row = one(world([event(1, ago(0))], [seat(1, 1)]), book=WeightBook(Weights(2, 98, 0, 0, 0)))
    assert row["score"] == 99


@pytest.mark.parametrize(
    ("score", "band"),
    [(80, "high"), (79, "good"), (60, "good"), (59, "medium"), (40, "medium"), (39, "low")],
)
def test_bands_begin_at_80_60_and_40(score: int, band: str) -> None:
    # Recency is 1 and diversity 0 by the weights, so the weight of recency is the score.
    events = [event(1, ago(0), "webinar"), event(2, ago(0), "training")]
    book = WeightBook(Weights(0, score, 0, 100 - score, 0))
    row = one(world(events, [seat(1, 1, questions=0)]), book=book)
    assert (row["score"], row["band"]) == (score, band)


def test_equal_scores_are_ranked_by_events_attended_and_then_by_id() -> None:
    events = every(20, 18)
    three = [customer(number) for number in (1, 2, 3)]
    # Only recency counts: all three were at the last event, customer 3 at one more.
    seats = [seat(1, 18), seat(2, 18), seat(3, 18), seat(3, 1)]
    ranked = board(World(seats, events, three, AS_OF), book=WeightBook(Weights(0, 100, 0, 0, 0)))
    assert ranked["rank"].to_list() == [2, 3, 1]
    assert ranked["percentile"].to_list() == [0, 0, 0]


def test_the_percentile_is_the_share_of_the_others_that_score_lower() -> None:
    events = every(20, 18)
    five = [customer(number) for number in (1, 2, 3, 4)]
    closed = customer(5, started_on=ago(-1))
    seats = [seat(number, event_id) for number in (1, 2, 3) for event_id in range(1, number * 6)]
    ranked = board(World(seats, events, [*five, closed], AS_OF))
    assert ranked["percentile"].to_list() == pytest.approx([100 / 3, 200 / 3, 100, 0, None])
    assert ranked["rank"].to_list() == [3, 2, 1, 4, 5]


def test_empty_frames_give_an_empty_board_with_the_same_columns() -> None:
    full = world(every(20, 18), [seat(1, 1)])
    nobody = board(replace(full, customers=[]))
    assert nobody.is_empty()
    assert nobody.schema == board(full).schema
    assert one(replace(full, events=[], attendances=[]))["state"] == "no_data"


def test_attendance_of_unknown_customers_and_events_is_ignored() -> None:
    known = world(every(20, 18), [seat(1, 1)])
    more = replace(known, attendances=[*known.attendances, seat(99, 1), seat(1, 99)])
    assert board(more).equals(board(known))


def test_the_columns_are_of_the_types_that_are_stored() -> None:
    schema = board(world(every(20, 18), [seat(1, 1)])).schema
    assert schema["score"] == pl.Int16
    assert {schema[name] for name in ("attended", "eligible", "people", "rank")} == {pl.Int32}
    assert schema["months"] == pl.List(pl.Int32)
    assert schema["depth_top"] == pl.List(pl.Float32)
    assert schema["last_attended"] == schema["recency_as_of"] == pl.Date
