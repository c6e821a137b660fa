"""Screens asked for by their name."""

from __future__ import annotations

import pytest

from components.navigation import EVERYONE, SCREENS
from data.db import transaction
from data.tables import Customer
from services.ask.answers import Choices, Links
from services.ask.screens import RESERVED, TITLES
from tests.services.ask.talk import kinds, words


def test_screens_and_whose_they_are_are_those_of_the_menu():
    shown = [one for one in SCREENS if not one.hidden or one.key == "plan_event"]
    assert {one.key: one.title for one in shown} == TITLES
    assert {one.key: one.roles for one in shown if one.roles != EVERYONE} == RESERVED


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Settings", "settings"),
        ("open settings please", "settings"),
        ("Go to the send queue", "send_queue"),
        ("where is the match review page?", "match_review"),
        ("take me to Score weights", "scoring_settings"),
        ("show do-not-contact", "suppression"),
        ("Open event analysis", "event_analysis"),
    ],
)
def test_screen_is_led_to(world, ask, said: str, key: str):
    turn = ask(said)
    assert [link.screen for block in kinds(turn, Links) for link in block.links] == [key]


@pytest.mark.parametrize("said", ["Open Impact", "go to people", "Audit log"])
def test_screen_of_others_is_not_led_to(world, ask, said: str):
    turn = ask(said)
    assert "is for " in words(turn)
    assert not kinds(turn, Links)


def test_customer_of_that_name_comes_first(world, ask):
    with transaction() as session:
        session.get_one(Customer, world.techcorp).name = "Settings"
    assert "Open Settings" not in [
        link.label
        for b in kinds(ask("open settings"), Links)
        for link in b.links
        if link.screen == "settings"
    ]


def test_which_customer_is_meant_is_asked_before_a_screen_is_led_to(world, ask):
    with transaction() as session:
        session.get_one(Customer, world.techcorp).name = "Impact Labs"
        session.get_one(Customer, world.techflow).name = "Impact Media"
    turn = ask("open impact")
    assert len(kinds(turn, Choices)[0].choices) == 2
    assert "is for " not in words(turn)


def test_screen_is_offered_beside_the_customers_whose_names_begin_so(world, ask):
    with transaction() as session:
        session.get_one(Customer, world.techcorp).name = "Risk Labs"
        session.get_one(Customer, world.techflow).name = "Risk Media"
    turn = ask("open risk")
    assert len(kinds(turn, Choices)[0].choices) == 2
    assert "risk" in [link.screen for block in kinds(turn, Links) for link in block.links]
