"""What the requirements call success is in the list of figures, and in the list of what was asked for."""

from __future__ import annotations

import re

import pytest

from components.navigation import SCREENS
from services.attendance.follow_up.records import RECENT
from services.impact import METRICS, find_metric
from services.impact.registry import Metric
from tests.support.rules import ROOT

PROMISED = {
    "advocacy_conversion": (18, 0.25),
    "early_warning": (18, 0.5),
    "list_lift": (18, 0.20),
    "follow_up_rate": (135, 0.80),
    "response_rate": (135, 0.30),
    "engagement_lift": (135, 0.15),
    "coverage": (141, 0.95),
    "engager_follow_up": (141, 0.30),
    "conversion_lift": (141, 0.15),
}
"""Requirement and aim of every line under "Success Metrics". PRD-039 and PRD-052 name none."""
SECTIONS = {
    int(part[:3]): part
    for part in (ROOT / "docs/acceptance.md").read_text(encoding="utf-8").split("## PRD-")[1:]
}


def test_every_promised_figure_is_there_with_its_aim():
    with_aim = {one.key: (one.prds[0], one.aim) for one in METRICS if one.aim is not None}
    assert with_aim == PROMISED
    assert {number for one in METRICS for number in one.prds} == {18, 39, 52, 135, 141}


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.key)
def test_figure_stands_in_the_list_of_what_was_asked_for(metric: Metric):
    for number in metric.prds:
        assert f"`/impact?metric={metric.key}`" in SECTIONS[number]


def test_list_of_what_was_asked_for_names_no_other_figure():
    named = re.findall(r"/impact\?metric=(\w+)", "".join(SECTIONS.values()))
    assert {find_metric(key).key for key in named} == {one.key for one in METRICS}


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.key)
def test_figure_leads_to_a_screen_that_exists(metric: Metric):
    assert metric.screen in {screen.key for screen in SCREENS}
    assert metric.definition.endswith(".")


def test_events_followed_up_says_which_events_of_the_period_it_leaves_out():
    assert (
        f"more than {RECENT.days} days after it counts once"
        in find_metric("follow_up_rate").definition
    )
