"""The rubric, beside tickets that were added up by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.rubric import GRAVE, LEVELS, Facts, level_of, weigh

A, S, R = LEVELS
ENGINEERING = {"escalated_to": "engineering"}
PRD: dict[str, Any] = {"severity": "high", "hours": 96, "health_fall": 6, **ENGINEERING}

# What is known, the points added up by hand, the level.
CASES: list[tuple[dict[str, Any], int, str]] = [
    # severity alone
    ({"severity": "low"}, 0, A),
    ({"severity": "normal"}, 1, A),
    ({"severity": "high"}, 3, A),
    ({"severity": "urgent"}, 4, S),
    ({"severity": None}, 1, A),
    ({"severity": "blocker"}, 1, A),
    # how long it was open: the limits themselves do not count yet
    ({"severity": "low", "hours": 48}, 0, A),
    ({"severity": "low", "hours": 48.1}, 1, A),
    ({"severity": "low", "hours": 120}, 1, A),
    ({"severity": "low", "hours": 120.1}, 2, A),
    ({"severity": "high", "hours": 49}, 4, S),
    ({"severity": "normal", "hours": 121}, 3, A),
    ({"severity": "urgent", "hours": 200}, 6, S),
    # reopened
    ({"severity": "normal", "reopens": 1}, 2, A),
    ({"severity": "normal", "reopens": 2}, 3, A),
    ({"severity": "normal", "reopens": 7}, 3, A),
    ({"severity": "high", "reopens": 1}, 4, S),
    ({"severity": "urgent", "reopens": 3}, 6, S),
    # escalated
    ({"severity": "low", **ENGINEERING}, 2, A),
    ({"severity": "normal", **ENGINEERING}, 3, A),
    ({"severity": "high", **ENGINEERING}, 5, S),
    ({"severity": "urgent", "escalated_to": "management"}, 6, S),
    # people
    ({"severity": "high", "people": 2}, 3, A),
    ({"severity": "high", "people": 3}, 4, S),
    ({"severity": "high", "people": 9}, 4, S),
    # health
    ({"severity": "high", "health_fall": 4}, 3, A),
    ({"severity": "high", "health_fall": 5}, 4, S),
    ({"severity": "high", "health_fall": 9}, 4, S),
    ({"severity": "high", "health_fall": 10}, 5, S),
    ({"severity": "high", "health_fall": -12}, 3, A),
    # what the desk heard
    ({"severity": "low", "csat": "bad"}, 3, A),
    ({"severity": "normal", "csat": "bad"}, 4, S),
    ({"severity": "high", "csat": "bad"}, 6, R),
    ({"severity": "urgent", "csat": "bad"}, 7, R),
    ({"severity": None, "csat": "bad"}, 4, S),
    ({"severity": "low", "csat": "good"}, -1, A),
    ({"severity": "urgent", "csat": "good"}, 3, A),
    ({"severity": "urgent", "csat": "offered"}, 4, S),
    # tone
    ({"severity": "high", "sentiment": "calm"}, 3, A),
    ({"severity": "high", "sentiment": "unknown"}, 3, A),
    ({"severity": "high", "sentiment": "negative"}, 4, S),
    ({"severity": "normal", "sentiment": "angry"}, 3, A),
    ({"severity": "urgent", "hours": 50, "reopens": 1, "sentiment": "angry"}, 8, R),
    ({"severity": "low", "sentiment": "angry", "csat": "good"}, 1, A),
    # around it
    ({"severity": "high", "renewal_days": 90}, 4, S),
    ({"severity": "high", "renewal_days": 91}, 3, A),
    ({"severity": "high", "renewal_days": 0}, 4, S),
    ({"severity": "high", "renewal_days": -3}, 3, A),
    ({"severity": "high", "solved_lately": 2}, 3, A),
    ({"severity": "high", "solved_lately": 3}, 4, S),
    ({"severity": "high", "at_risk": True}, 4, S),
    ({"severity": "normal", "at_risk": True, "solved_lately": 4, "renewal_days": 10}, 4, S),
    # what decides by itself
    ({"severity": "low", "marks": frozenset({"outage"})}, 0, R),
    ({"severity": "normal", "marks": frozenset({"data_loss"})}, 1, R),
    ({"severity": "normal", "marks": frozenset({"security"}), "csat": "good"}, 0, R),
    ({"severity": "normal", "marks": frozenset({"printing"})}, 1, A),
    # words alone: one step
    ({"severity": "low", "worded": frozenset({"outage"})}, 0, S),
    ({"severity": "low", "worded": frozenset({"security"}), "sentiment": "angry"}, 2, S),
    ({"severity": "urgent", "worded": frozenset({"data_loss"})}, 4, R),
    ({"severity": "high", "worded": frozenset({"outage"}), "sentiment": "angry"}, 5, S),
    # several together, around the two limits
    ({**PRD, "people": 3}, 8, R),
    ({**PRD, "people": 2}, 7, S),
    ({**PRD, "people": 3, "csat": "good"}, 7, S),
    ({**PRD, "people": 2, "csat": "bad"}, 10, R),
    ({**PRD, "people": 2, "at_risk": True}, 8, R),
    ({"severity": "normal", "hours": 60, "reopens": 1}, 3, A),
    ({"severity": "normal", "hours": 60, "reopens": 1, "people": 3}, 4, S),
    ({"severity": "normal", "hours": 130, "reopens": 2, **ENGINEERING}, 7, S),
    ({"severity": "normal", "hours": 130, "reopens": 2, **ENGINEERING, "people": 4}, 8, R),
    ({"severity": "low", "hours": 300, "reopens": 2, **ENGINEERING, "health_fall": 15}, 8, R),
    (
        {
            "severity": "urgent", "hours": 130, "reopens": 2, **ENGINEERING, "people": 3,
            "health_fall": 11, "csat": "bad", "sentiment": "angry", "renewal_days": 30,
            "solved_lately": 3, "at_risk": True,
        },
        21,
        R,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("known", "points", "level"), CASES)
def test_rubric_comes_to_what_was_added_up_by_hand(known: dict[str, Any], points: int, level: str):
    weighed = weigh(Facts(**known))
    assert (weighed.points, weighed.level) == (points, level)
    assert sum(part.points for part in weighed.parts) == points


def test_table_has_sixty_tickets_at_least():
    assert len({repr(known) for known, _, _ in CASES}) >= 60


def test_every_point_says_what_it_is_for():
    weighed = weigh(Facts(**PRD, people=3))
    assert [part.words for part in weighed.parts if part.points] == [
        "Severity high",
        "Open for 4 days, more than 48 hours",
        "Escalated to engineering",
        "3 people of the customer took part",
        "Health fell by 6 during the ticket",
    ]
    assert weighed.because == "8 points"


def test_what_is_not_known_is_said():
    words = [part.words for part in weigh(Facts()).parts]
    assert words == [
        "The desk does not say how severe: taken as normal",
        "Health during the ticket is not known",
        "The tone of the customer's words is not known",
    ]


def test_what_decides_by_itself_is_said():
    assert weigh(Facts("low", marks=frozenset({"outage"}))).because == "It was an outage."
    assert weigh(Facts("high", csat="bad")).because == "A severe ticket that was rated bad."
    worded = weigh(Facts("low", worded=frozenset({"data_loss"})))
    assert worded.because == "Its words speak of loss of data: one level up."


FACTS = st.builds(
    Facts,
    severity=st.sampled_from(["urgent", "high", "normal", "low", None]),
    hours=st.floats(0, 2_000),
    reopens=st.integers(0, 5),
    escalated_to=st.sampled_from([None, "engineering"]),
    people=st.integers(1, 6),
    health_fall=st.none() | st.integers(-20, 40),
    csat=st.sampled_from(["good", "bad", "offered", None]),
    renewal_days=st.none() | st.integers(-50, 400),
    solved_lately=st.integers(1, 6),
    at_risk=st.booleans(),
    marks=st.frozensets(st.sampled_from(sorted(GRAVE))),
    worded=st.frozensets(st.sampled_from(sorted(GRAVE))),
)


@given(FACTS)
def test_words_alone_move_a_ticket_by_one_level_at_most(facts: Facts):
    calm = replace(facts, sentiment="calm", worded=frozenset())
    places = [
        LEVELS.index(weigh(replace(facts, sentiment=tone)).level)
        for tone in ("unknown", "calm", "negative", "angry")
    ]
    assert max(places) - LEVELS.index(weigh(calm).level) <= 1


@given(FACTS)
def test_more_trouble_is_never_less_grave(facts: Facts):
    place = LEVELS.index(weigh(facts).level)
    for worse in (
        {"severity": "urgent"},
        {"hours": facts.hours + 100},
        {"reopens": facts.reopens + 1},
        {"escalated_to": "management"},
        {"people": facts.people + 2},
        {"csat": "bad"},
        {"at_risk": True},
        {"sentiment": "angry"},
    ):
        assert LEVELS.index(weigh(replace(facts, **worse)).level) >= place


@pytest.mark.parametrize(
    ("points", "level"), [(-1, A), (0, A), (3, A), (4, S), (7, S), (8, R), (30, R)]
)
def test_levels_begin_where_the_rubric_says(points: int, level: str):
    assert level_of(points) == level
