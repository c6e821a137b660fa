from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Event, Invitation
from services.clock import utc_now
from services.ids import public_id
from services.invitations import catalogue
from services.invitations.registrations import register
from tests.services.invitations.world import invited, sent, summit
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


def planned(known: Portfolio) -> int:
    now = utc_now()
    with transaction() as session:
        return summit(session, now + timedelta(days=20), known.dana, capacity=100)


def labelled(elements, label: str):
    return next(one for one in elements if one.label == label)


def test_event_is_planned_in_the_form_and_found_among_what_lies_ahead(known: Portfolio):
    app = open_page("plan_event", known.dana)
    assert not app.exception
    labelled(app.text_input, "Name").set_value("Roundtable <b>Austin</b>")
    labelled(app.selectbox, "Type").set_value("roundtable")
    labelled(app.text_input, "City").set_value("Austin")
    labelled(app.button, "Save").click().run()
    assert not app.exception
    assert "no list of cities" not in words(app)
    with transaction(read_only=True) as session:
        event = session.scalars(select(Event)).one()
        assert (event.type, event.status) == ("roundtable", "planned")
        assert event.latitude == pytest.approx(30.27, abs=0.01)
    app = open_page("events", known.dana, **{"events.view": "Upcoming"})
    assert app.dataframe[0].value["Event"].tolist() == ["Roundtable <b>Austin</b>"]
    assert app.dataframe[0].value["Where"].tolist() == ["Austin + online"]
    again = open_page("plan_event", known.dana, id=public_id("event", event.id))
    labelled(again.text_input, "City").set_value("Ausstin")
    labelled(again.button, "Save").click().run()
    assert "Ausstin is in no list of cities we have" in words(again)
    month = f"{event.held_on:%Y-%m}"
    app = open_page("events", known.dana, month=month, **{"events.view": "Calendar"})
    cells = app.dataframe[0].value.to_numpy().ravel().tolist()
    assert f"{event.held_on.day}\nRoundtable <b>Austin</b>" in cells
    listed = [
        one.value for one in app.markdown if one.value.startswith(f"- **{event.held_on.day}**")
    ]
    assert len(listed) == 1  # for a phone
    assert "Austin" in listed[0]


def test_plan_that_makes_no_sense_is_explained_and_stays_in_the_form(known: Portfolio):
    number = planned(known)
    app = open_page("plan_event", known.dana, id=public_id("event", number))
    labelled(app.text_input, "Name").set_value(" ")
    labelled(app.button, "Save").click().run()
    assert "Give the event a name" in words(app)
    labelled(app.text_input, "Name").set_value("Renamed")
    labelled(app.button, "Save").click().run()
    assert not app.exception
    with transaction(read_only=True) as session:
        assert catalogue.plan_of(session, number).name == "Renamed"


def test_event_shows_how_far_its_invitations_are_and_is_called_off(known: Portfolio):
    number, now = planned(known), utc_now()
    with transaction() as session:
        maria = invited(session, known, number, known.maria, now)
        invited(session, known, number, known.ines, now)
        sent(session, maria, now)
        register(session, maria, "virtual", source="link", now=now)
        maria.state = "registered"
    app = open_page("event", known.dana, id=public_id("event", number))
    assert not app.exception
    figures = {one.label: one.value for one in app.metric}
    assert (figures["Drafted"], figures["Registered"]) == ("1", "1")  # Ines is a colleague's
    assert app.dataframe[0].value["Person"].tolist() == ["Maria Lopez"]
    assert app.dataframe[1].value["Came by"].tolist() == ["Invitation"]
    other = open_page("event", known.erik, id=public_id("event", number))
    who = "who planned it, can change or cancel this event"
    assert who in words(other)
    assert not [one for one in other.button if one.key == "event.cancel"]
    details = {"id": public_id("event", number), "event.view": "Details"}
    assert who in words(open_page("event", known.erik, **details))
    form = open_page("plan_event", known.erik, id=public_id("event", number))
    assert who in words(form)
    assert not [one for one in form.button if one.label == "Save"]
    labelled(app.text_input, "Why (registered people read it)").set_value("The venue flooded").run()
    next(one for one in app.button if one.key == "event.cancel").click().run()
    assert not app.exception
    assert "1 mail withdrawn" in words(app)
    assert "The venue flooded" in words(app).replace("\\", "")
    with transaction(read_only=True) as session:
        states = session.scalars(select(Invitation.state).order_by(Invitation.id)).all()
        assert list(states) == ["registered", "withdrawn"]
