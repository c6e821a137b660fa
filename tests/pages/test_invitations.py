from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Customer, Draft, Invitation
from services.clock import utc_now
from services.ids import public_id
from tests.services.invitations.world import summit
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    now = utc_now()
    with transaction() as session:
        made = portfolio(session, now)
        customer = session.get_one(Customer, made.techcorp)
        customer.goals, customer.interests = ["Automation for all"], ["<b>Automation</b>"]
        summit(session, now + timedelta(days=20), made.dana)
    return made


def labelled(elements, label: str):
    return next(one for one in elements if one.label.startswith(label))


def test_customers_are_ranked_and_the_list_is_drafted(known: Portfolio):
    app = open_page("invitations", known.dana)
    assert not app.exception
    table = app.dataframe[0].value
    assert table["Customer"].to_list() == ["TechCorp"]
    assert "Has the goal “Automation for all”" in table["Why"][0]
    labelled(app.button, "Draft invitations for").click().run()
    assert "1 draft made" in words(app)
    with transaction(read_only=True) as session:
        draft = session.scalars(select(Draft)).one()
        assert session.scalars(select(Invitation)).one().draft_id == draft.id


def test_one_invitation_is_shown_as_it_would_be_written_before_it_is_made(known: Portfolio):
    app = open_page("invitations", known.dana, customer=public_id("customer", known.techcorp))
    assert not app.exception
    said = words(app)
    assert "Has the goal “Automation for all”" in said
    assert "\\<b\\>Automation" in said
    labelled(app.button, "Note it").click().run()
    assert "Noted" in words(app)
    labelled(app.button, "Create the draft").click().run()
    with transaction(read_only=True) as session:
        assert session.scalars(select(Draft)).one().stakeholder_id == known.maria


def test_what_invitations_came_to_says_when_there_is_too_little(known: Portfolio):
    app = open_page("invitations", known.morgan)
    app.segmented_control(key="invitations.view").set_value("What it came to").run()
    assert not app.exception
    assert "not enough data" in [one.value for one in app.metric]
    app = open_page("settings", known.morgan)
    assert "Weights set by hand" in words(app)
