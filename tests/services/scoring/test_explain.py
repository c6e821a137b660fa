from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from services.scoring.explain import Explanation, explain
from services.scoring.weights import Weights
from tests.services.scoring.prd import portfolio
from tests.services.scoring.reference import Row, World
from tests.services.scoring.worlds import AS_OF, board, customer, event, every, one, seat, worlds


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def why(events: list[Row], seats: list[Row], **about: Any) -> Explanation:
    return explain(one(World(seats, events, [customer(**about)], AS_OF)), Weights())


def fact(explanation: Explanation, name: str) -> str:
    return next(line.sentence for line in explanation.lines if line.name == name)


def test_each_component_is_told_with_its_raw_fact_and_points() -> None:
    world, ids = portfolio()
    told = explain(one(world, ids["CloudMax"]), Weights())
    assert [line.sentence for line in told.lines] == [
        "14 of 18 events → 23.3 of 30",
        "last attended 20 Dec 2025, 11 days before 31 Dec 2025; halves every 122 days "
        "after the first 7 → 24.4 of 25",
        "4 of 4 types of event → 20.0 of 20",
        "involvement 75%, 75%, 75% at their best three events → 11.2 of 15",
        "attended in 10 of 12 months with events → 8.3 of 10",
    ]
    assert told.summary == "87 of 100: 14 of 18 events attended by 10 people."
    assert told.notes == ()


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_the_points_shown_add_up_to_the_score(world: World) -> None:
    for row in board(world).to_dicts():
        told = explain(row, Weights())
        if row["score"] is None:
            assert told.lines == ()
            assert told.summary.startswith("No data")
        else:
            assert sum(line.points for line in told.lines) == pytest.approx(
                row["score"], abs=0.5002
            )
            assert sum(line.out_of for line in told.lines) == 100


def test_few_events_are_counted_against_the_least_number() -> None:
    told = why([event(1, ago(3))], [seat(1, 1)])
    assert fact(told, "frequency") == "1 of 1 event (counted against at least 4) → 7.5 of 30"
    assert "1 of 1 type of event (counted against at least 2)" in fact(told, "diversity")
    assert "1 of 1 quarter with events (counted against at least 3)" in fact(told, "consistency")


def test_depth_not_reported_is_said_in_the_line_and_in_a_note() -> None:
    told = why([event(1, ago(3))], [seat(1, 1)])
    assert "not reported" in fact(told, "depth")
    assert any("Depth not reported" in note for note in told.notes)


def test_attendance_that_does_not_count_is_not_hidden() -> None:
    told = why([event(1, ago(30)), event(2, ago(3))], [seat(1, 1), seat(1, 2)], started_on=ago(9))
    assert told.notes[-1].startswith("1 more event attended but not counted")


def test_never_attending_is_told_as_such_and_not_as_a_bad_grade() -> None:
    told = why([event(1, ago(3))], [])
    assert told.summary == "No attendance yet: 1 event open to them, none attended."
    assert "nothing attended in the last year" in fact(told, "recency")


def test_too_few_events_make_no_trend() -> None:
    told = why(every(20, 3), [seat(1, 3)])
    assert told.trend == "Too early for a trend: 3 events so far, 6 are needed."


def test_a_trend_is_told_by_what_was_expected_and_seen() -> None:
    told = why(every(20, 18), [seat(1, 17)])
    assert told.trend.endswith("saw 0.8. Missed the last event.")
