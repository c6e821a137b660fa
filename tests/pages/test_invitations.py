from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import (
    Customer,
    Draft,
    Event,
    FitModel,
    Invitation,
    Registration,
    TopicDismissal,
)
from data.versions import FACTS, bump
from services.clock import utc_now
from services.ids import public_id
from tests.services.invitations.world import summit
from tests.support.apptest import open_page, tick, words
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
    with transaction() as session:
        event = session.scalars(select(Event)).one()
        event.capacity, at = 1, utc_now()
        session.add(
            Registration(
                event_id=event.id, email="x@y.example", source="file", at=at, updated_at=at
            )
        )
        bump(session, FACTS)
    full = open_page("invitations", known.dana)
    assert "All seats are taken" in words(full)
    assert {one.label: one.value for one in full.metric}["Expected"] == "0"


def test_length_of_the_list_and_what_is_searched_stand_in_the_address(known: Portfolio):
    wanted = {"invitations.size": "1", "invitations.search": "data"}
    app = open_page("invitations", known.morgan, **wanted)
    assert not app.exception
    assert app.number_input(key="invitations.size").value == 1
    assert app.dataframe[0].value["Customer"].to_list() == ["DataPro"]
    assert labelled(app.button, "Draft invitations for the list").label.endswith("(1)")
    for odd in ("x", "-1", "0", "9" * 30):
        assert not open_page("invitations", known.morgan, **{"invitations.size": odd}).exception


def test_what_is_ticked_stays_with_the_customers_it_was_ticked_for(known: Portfolio):
    with transaction() as session:
        summit(session, utc_now() + timedelta(days=40), known.dana, name="Later")
    app = tick(open_page("invitations", known.morgan), 0)
    assert app.dataframe[0].value["Customer"].to_list() == ["TechCorp", "DataPro"]
    assert labelled(app.button, "Draft invitations for 1 customer")
    found = app.text_input(key="invitations.search").set_value("data").run()
    assert found.dataframe[0].value["Customer"].to_list() == ["DataPro"]
    assert labelled(found.button, "Draft invitations for the list")
    other = tick(open_page("invitations", known.morgan), 1)
    event = other.selectbox(key="invitations.event")
    assert labelled(event.select_index(1).run().button, "Draft invitations for the list")
    app = tick(open_page("invitations", known.morgan), 1)
    labelled(app.button, "Draft invitations for 1 customer").click().run()
    assert "1 draft made" in words(app)
    assert labelled(app.button, "Draft invitations for the list")
    with transaction(read_only=True) as session:
        assert session.scalars(select(Invitation.customer_id)).all() == [known.datapro]


def test_one_invitation_is_shown_as_it_would_be_written_before_it_is_made(known: Portfolio):
    app = open_page("invitations", known.dana, customer=public_id("customer", known.techcorp))
    assert not app.exception
    said = words(app)
    assert "Has the goal “Automation for all”" in said
    assert "\\<b\\>Automation" in said
    labelled(app.button, "Note it").click().run()
    assert "Noted" in words(app)
    own = {"id": public_id("customer", known.techcorp), "customer.view": "Interests"}
    customer = open_page("customer", known.dana, **own)
    assert "Not their topic" in words(customer)
    labelled(customer.button, "Take back").click().run()
    assert "Not their topic" not in words(customer)
    with transaction(read_only=True) as session:
        assert session.scalars(select(TopicDismissal)).one().withdrawn_at is not None
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


def test_model_card_tells_the_weights_their_data_and_what_became_of_the_last_fit(known: Portfolio):
    now = utc_now()
    rest = {"fitted_at": now, "rows": 1_314, "events": 17, "log_loss_before": 0.61}
    weights = {"rate": 0.5678, "intercept": -1.0, "pull": 0.1}
    bins = [{"low": 0.4, "high": 0.5, "rows": 50, "said": 0.45, "came": 0.5}]
    why = "It foretold the last event worse than the weights in use."
    with transaction() as session:
        session.add(
            FitModel(
                version=1, weights=weights, log_loss_after=0.58, kept=True, calibration=bins, **rest
            )
        )
        session.add(
            FitModel(
                version=2,
                weights=weights,
                log_loss_after=0.66,
                kept=False,
                why=why,
                calibration=[],
                **rest,
            )
        )
    app = open_page("settings", known.dana)
    assert not app.exception
    said = words(app).replace("\\", "")
    assert "Version 1, fitted" in said
    assert "to 1,314 offers of 17 events" in said
    assert "0.610 with the weights before, 0.660 with the new ones" in said
    assert f"They are not used. {why}" in said
    assert "0.57" in app.table[0].value.to_string().replace("\\", "")
    assert len(app.get("plotly_chart")) == 1
