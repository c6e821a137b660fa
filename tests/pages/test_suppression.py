"""The page "Do not contact"."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data.db import transaction
from services import suppression
from services.clock import utc_now
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio

MARIA = "maria@techcorp.example"


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


def _add(known: Portfolio, email: str = MARIA, note: str = "") -> None:
    with transaction() as session:
        suppression.add_by_hand(session, email, "", note, by=known.ada, now=utc_now())


def test_empty_list_says_how_people_get_on_it(known: Portfolio):
    app = open_page("suppression", as_=known.dana)
    assert not app.exception
    assert "Nobody is on the list" in words(app)


def test_csm_adds_an_address_and_sees_it(known: Portfolio):
    app = open_page("suppression", as_=known.dana)
    app.text_input(key="suppression.email").set_value("Maria@TechCorp.example")
    app = next(b for b in app.button if b.label == "Add").click().run()
    assert not app.exception
    assert app.dataframe[0].value["email"].to_list() == [MARIA]
    with transaction(read_only=True) as session:
        assert suppression.blocked(session, MARIA, "events") is not None


def test_address_of_anothers_customer_is_refused_in_plain_words(known: Portfolio):
    app = open_page("suppression", as_=known.dana)
    app.text_input(key="suppression.email").set_value("ines@datapro.example")
    app = next(b for b in app.button if b.label == "Add").click().run()
    assert "Ask an admin" in words(app)


def test_csm_sees_no_entries_of_others_and_no_import(known: Portfolio):
    _add(known, "ines@datapro.example")
    app = open_page("suppression", as_=known.dana)
    assert "Nobody is on the list" in words(app)
    assert "Import a list" not in [box.label for box in app.expander]
    assert "Import a list" in [
        box.label for box in open_page("suppression", as_=known.ada).expander
    ]


def test_search_that_finds_nothing_says_so(known: Portfolio):
    _add(known)
    app = open_page("suppression", as_=known.ada)
    app = next(one for one in app.text_input if one.label == "Search").set_value("nowhere").run()
    assert not app.exception
    assert "No entry fits" in words(app)
