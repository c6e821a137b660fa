"""The story holds on whatever day it is told."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from services.demo.calendar import PLANNED, planned_for
from services.demo.story import tell
from tests.services.demo.scores import board, some_days

LEADERS = {
    "TechCorp": (95, 16, 12, "rising"),
    "DataPro": (92, 15, 8, "stable"),
    "CloudMax": (88, 14, 10, "rising"),
    "Acme Corp": (85, 13, 6, "stable"),
    "BetaInc": (82, 12, 7, "declining"),
}
FADING = {"OldCorp": (35, 6), "SmallBiz": (42, 4), "LegacyCo": (48, 3)}


@pytest.mark.parametrize("day", some_days(), ids=str)
def test_scores_are_those_of_the_story_on_any_day(day: date):
    found = board(tell(day))
    rows = {row["name"]: row for row in found.to_dicts()}

    assert Counter(found["band"]) == {"high": 18, "good": 28, "medium": 22, "low": 10}
    assert found["name"][:5].to_list() == list(LEADERS)
    for name, (score, attended, people, trend) in LEADERS.items():
        row = rows[name]
        assert abs(row["score"] - score) <= 3
        assert (row["attended"], row["eligible"], row["people"]) == (attended, 18, people)
        assert row["trend"] == trend
    for name, (score, missed) in FADING.items():
        row = rows[name]
        assert abs(row["score"] - score) <= 3
        assert (row["missed_in_row"], row["trend"]) == (missed, "declining")


def test_there_are_567_records_of_234_people_at_78_customers_and_18_events():
    story = tell(date(2026, 11, 21))
    seats = [seat for held in story.events for seat in held.seats]

    assert len(seats) == 567
    assert len({(s.member.account.number, s.member.person) for s in seats}) == 234
    assert len({s.member.written.strip().lower() for s in seats}) == 234
    assert len({s.member.account.number for s in seats}) == len(story.accounts) == 78
    types = Counter(held.event.type for held in story.events)
    assert types == {"webinar": 8, "user_group": 4, "training": 4, "conference": 2}


def test_nobody_sits_twice_at_one_event():
    for held in tell(date(2026, 11, 21)).events:
        people = [(s.member.account.number, s.member.person) for s in held.seats]
        assert len(people) == len(set(people))


@pytest.mark.parametrize("day", some_days(), ids=str)
def test_past_events_fit_into_the_year_before_and_planned_ones_come_after(day: date):
    held = [event.day for event in tell(day).events]
    planned = [planned_for(event, day) for event in PLANNED]

    assert held == sorted(held)
    assert day - timedelta(days=365) < held[0]
    assert held[-1] < day < min(planned)
    assert all(on.weekday() < 5 for on in [*held, *planned])


def test_the_champions_are_known_to_the_crm():
    story = tell(date(2026, 11, 21))
    champions = {m.account.name: m for m in story.members if m.role == "champion"}

    assert champions["TechCorp"].name == "John Smith"
    assert champions["TechCorp"].account.arr == 200_000
    assert champions["DataPro"].name == "Lisa Wong"
    assert champions["DataPro"].account.arr == 150_000
    assert champions["CloudMax"].name == "David Park"
    assert champions["CloudMax"].account.arr == 180_000
    assert champions["Acme Corp"].name == "Sarah Chen"
    assert champions["GrowthCo"].name == "Mike Davis"
    assert champions["TechStart"].name == "Amy Lee"
    assert all(champion.in_crm for champion in champions.values())


def test_techcorps_champion_spoke_at_a_user_group():
    story = tell(date(2026, 11, 21))
    spoke = [(h, s) for h in story.events for s in h.seats if s.role == "speaker"]

    assert [(h.event.type, s.member.name) for h, s in spoke] == [("user_group", "John Smith")]


def test_growthco_came_to_both_analytics_webinars():
    story = tell(date(2026, 11, 21))
    came = {
        held.event.number
        for held in story.events
        for seat in held.seats
        if seat.came and seat.member.account.name == "GrowthCo"
    }
    analytics = {
        held.event.number
        for held in story.events
        if held.event.topic == "Analytics" and held.event.type == "webinar"
    }
    assert len(analytics) == 2
    assert analytics <= came


def test_a_dozen_addresses_stand_in_the_files_otherwise_than_in_the_crm():
    story = tell(date(2026, 11, 21))
    attending = {s.member for held in story.events for s in held.seats}
    odd = [member for member in attending if member.written != member.email]

    assert len(odd) >= 12
    assert {m.address for m in odd} == {
        "upper",
        "capital",
        "plus",
        "blanks",
        "other_domain",
        "private",
    }
