"""The step to the next band must be real, and the cheapest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.explain import Step, UpcomingEvent, next_step, year_of
from services.scoring.weights import Weights
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import AS_OF, TYPES, customer, event, every, frames, one, seat


def upcoming(days: int, type: str = "webinar", name: str = "") -> UpcomingEvent:  # noqa: A002
    return UpcomingEvent(name or f"{type} in {days}", type, AS_OF + timedelta(days=days))


def step_of(
    world: World, planned: list[UpcomingEvent], weights: Weights | None = None
) -> Step | None:
    year = year_of(*frames(world), world.as_of)
    return next_step(one(world), weights or Weights(), planned, year, world.as_of)


def after_attending(world: World, planned: list[UpcomingEvent], step: Step) -> dict[str, Any]:
    """The real score on the day of the last event of the step."""
    last = step.events[-1].held_on
    coming = [
        event(100 + number, one_of.held_on, one_of.type) for number, one_of in enumerate(planned)
    ]
    went = [seat(1, 100 + planned.index(one_of)) for one_of in step.events]
    later = World(
        [*world.attendances, *went], [*world.events, *coming], world.customers, world.as_of
    )
    return one(later, as_of=last)


@st.composite
def recent_worlds(draw: st.DrawFn) -> World:
    days = draw(st.lists(st.integers(0, 364), min_size=1, max_size=16))
    events = [
        event(number, AS_OF - timedelta(days=back), draw(st.sampled_from(TYPES)))
        for number, back in enumerate(days, start=1)
    ]
    went = draw(st.lists(st.integers(1, len(events)), unique=True))
    return World([seat(1, number) for number in went], events, [customer()], AS_OF)


PLANS = st.lists(
    st.builds(upcoming, st.integers(1, 60), st.sampled_from([*TYPES, "meetup"])),
    min_size=1,
    max_size=5,
    unique_by=lambda planned: planned.held_on,
)


@settings(deadline=None, max_examples=80)
@given(recent_worlds(), PLANS)
def test_whoever_takes_the_step_gets_the_score_promised(
    world: World, planned: list[UpcomingEvent]
) -> None:
    step = step_of(world, planned)
    if step is None:
        return
    assert step.score_after > step.score_before
    real = after_attending(world, planned, step)
    assert (real["score"], real["band"]) == (step.score_after, step.band_after)


@settings(deadline=None, max_examples=80)
@given(recent_worlds())
def test_where_nothing_is_planned_as_many_events_today_give_the_score_promised(
    world: World,
) -> None:
    row, step = one(world), step_of(world, [])
    if step is None:
        return
    kinds = [*row["types_missing"], *(row["types_seen"] or ["webinar"])]
    kinds += kinds[-1:] * step.count
    today = [upcoming(0, kind, f"Event {n}") for n, kind in enumerate(kinds[: step.count])]
    real = after_attending(world, today, replace(step, events=tuple(today)))
    assert (real["score"], real["band"]) == (step.score_after, step.band_after)


def test_every_event_of_the_day_counts_as_on_offer_however_many_they_are() -> None:
    held = [event(n, AS_OF - timedelta(days=40 * n)) for n in range(1, 9)]
    world = World([seat(1, n) for n in (1, 2, 3)], held, [customer()], AS_OF)
    planned = [upcoming(10, "training", f"Session {n:02}") for n in range(20)]
    step = step_of(world, planned)
    assert step is not None
    assert after_attending(world, planned, step)["score"] == step.score_after == 61


@settings(deadline=None, max_examples=40)
@given(recent_worlds(), PLANS)
def test_where_no_step_is_told_three_events_would_not_do(
    world: World, planned: list[UpcomingEvent]
) -> None:
    before = one(world)
    if step_of(world, planned) is not None or before["score"] >= 80:
        return
    for count in (1, 2, 3):
        for chosen in combinations(sorted(planned, key=lambda event: event.held_on), count):
            taken = Step(count, chosen, before["score"], 0, "", "")
            assert after_attending(world, planned, taken)["band"] in (before["band"], "low")


def test_two_events_are_asked_for_only_where_one_would_not_do() -> None:
    world = leading_world({1, 3, 5, 7, 9, 11, 13})
    planned = [upcoming(5), upcoming(12), upcoming(20)]
    step = step_of(world, planned)
    assert step is not None
    assert (step.count, step.events) == (2, (planned[0], planned[1]))
    for single in planned:
        alone = replace(step, events=(single,))
        assert after_attending(world, [single], alone)["score"] < 80


def leading_world(missed: set[int]) -> World:
    went = [number for number in range(1, 19) if number not in missed]
    types = ("webinar", "user_group")
    return World([seat(1, n) for n in went], every(20, 18, types=types), [customer()], AS_OF)


def test_the_event_of_a_new_type_is_named_as_such() -> None:
    webinars = [event(n, AS_OF - timedelta(days=20 * n), "webinar") for n in range(1, 9)]
    trainings = [event(9, AS_OF - timedelta(days=45), "training")]
    world = World([seat(1, n) for n in range(2, 8)], webinars + trainings, [customer()], AS_OF)
    row = one(world)
    step = step_of(world, [upcoming(10, "training", "Query tuning")])
    assert step is not None
    assert step.sentence == (
        f"Attend Query tuning (10 Jan), a training: new to them: {row['score']} → {step.score_after}"
    )
    assert step.score_after >= 80 > row["score"]


def test_without_planned_events_the_number_of_events_is_told() -> None:
    world = leading_world(set(range(1, 18, 2)) - {1, 3})
    row, step = one(world), step_of(world, [])
    assert step is not None
    assert (step.count, step.events, step.band_after) == (1, (), "high")
    assert step.sentence == f"Attend 1 more event: {row['score']} → {step.score_after}"


def test_the_soonest_event_that_does_is_chosen() -> None:
    world = leading_world(set(range(1, 18, 2)) - {1, 3})
    step = step_of(world, [upcoming(20), upcoming(5), upcoming(12)])
    assert step is not None
    assert step.events == (upcoming(5),)


def test_nothing_is_promised_where_three_events_would_not_do() -> None:
    world = World([], every(5, 60), [customer()], AS_OF)
    assert one(world)["score"] == 0
    strict = Weights(100, 0, 0, 0, 0)
    assert step_of(world, [upcoming(day) for day in (5, 10, 15, 20)], strict) is None


def test_there_is_no_step_above_the_highest_band_or_without_data() -> None:
    assert step_of(leading_world(set()), [upcoming(5)]) is None
    nothing = World([], [], [customer(started_on=date(2026, 2, 1))], AS_OF)
    assert step_of(nothing, [upcoming(5)]) is None


def test_no_step_is_promised_by_quarters_when_months_will_count_by_then() -> None:
    # Eleven events a month apart, one attended in each quarter: the twelfth makes months count.
    types = ("webinar", "training", "conference", "meetup")
    held = [event(n, date(2025, n + 1, 15), types[(n - 1) % 4]) for n in range(1, 12)]
    world = World([seat(1, number) for number in (1, 5, 6, 9)], held, [customer()], AS_OF)
    row, planned = one(world), [upcoming(20, "training")]
    assert (row["period_kind"], row["periods_attended"], row["score"]) == ("quarter", 4, 58)
    assert step_of(world, planned) is None
    anyway = Step(1, tuple(planned), 58, 60, "good", "")
    assert after_attending(world, planned, anyway)["score"] < 60
