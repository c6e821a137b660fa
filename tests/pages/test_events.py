from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select, update

from components import event_people
from components.text import day
from data.db import transaction
from data.tables import Draft, Event, EventSession, FollowUp
from data.tables.events import NO_SHOW
from services.attendance.follow_up import create_now
from services.clock import utc_now
from services.ids import public_id
from tests.services.attendance.world import event, seat
from tests.support.apptest import open_page, person, words
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


def held(known: Portfolio, days: int = 3, *, followed: bool = True) -> int:
    now = utc_now()
    with transaction() as session:
        number = event(session, now - timedelta(days=days))
        seat(session, number, known.techcorp, known.maria, minutes=58, questions=2)
        seat(session, number, known.techcorp, known.tom, NO_SHOW)
        seat(session, number, known.datapro, known.ines, minutes=10)
    if followed:
        create_now(number, by=known.ada, now=now)
    return number


def test_empty_list_says_how_events_get_there(app_database: Engine):
    app = open_page("events", person("Dana"))
    assert not app.exception
    assert "No events yet" in words(app)


def test_list_shows_follow_up_and_opens_an_event(known: Portfolio):
    held(known)
    app = open_page("events", known.ada)
    assert not app.exception
    assert app.dataframe[0].value["Follow-up"].tolist() == ["Under way"]
    assert app.dataframe[0].value["People"].tolist() == [2]


def test_filters_come_from_the_address(known: Portfolio):
    held(known)
    app = open_page("events", known.ada, **{"events.search": "nothing like it"})
    assert "No event fits" in words(app)


def test_late_follow_ups_are_listed_with_reason(known: Portfolio):
    held(known)
    with transaction() as session:
        session.execute(
            update(FollowUp).values(
                detected_at=utc_now() - timedelta(days=4), drafted_at=utc_now() - timedelta(days=4)
            )
        )
    app = open_page("events", known.morgan, **{"events.view": "Late follow-ups"})
    assert not app.exception
    assert app.dataframe[0].value["Why"].tolist() == ["1 draft is waiting for approval."] or set(
        app.dataframe[0].value["Why"]
    ) == {"1 draft is waiting for approval.", "2 drafts are waiting for approval."}


def test_late_follow_up_that_was_let_go_is_taken_up_again(known: Portfolio):
    held(known)
    days = utc_now() - timedelta(days=4)
    with transaction() as session:
        session.execute(update(FollowUp).values(detected_at=days, drafted_at=days))
        session.execute(delete(FollowUp).where(FollowUp.customer_id != known.techcorp))
        (one,) = session.scalars(select(FollowUp.id))
    app = open_page("events", known.ada, **{"events.view": "Late follow-ups"})
    clicked = {"rows": [], "columns": [], "cells": [(0, "Why")]}
    app.session_state[app.dataframe[0].key or ""] = {"selection": clicked}
    app.run()
    app.text_input(key=f"events.why.{one}").set_value("Spoke to them by phone")
    next(button for button in app.button if button.label == "Let it go").click().run()
    assert "Nothing is late" in words(app)
    undo = next(b for b in app.button if b.label == "Undo: it is to be followed up")
    undo.click().run()
    assert not app.exception
    assert "It is to be followed up again" in words(app)
    assert app.dataframe[0].value["Customer"].tolist() == ["TechCorp"]


def test_nothing_late_says_what_would_be(known: Portfolio):
    app = open_page("events", known.ada, **{"events.view": "Late follow-ups"})
    assert "Nothing is late" in words(app)


def test_event_shows_who_came_and_who_did_not(known: Portfolio):
    number = held(known)
    app = open_page("event", known.ada, id=public_id("event", number))
    assert not app.exception
    assert app.title[0].value == "API best practices"
    table = app.dataframe[0].value
    assert table["Person"].tolist() == ["Ines Weber", "Maria Lopez", "Tom Baker"]
    assert table["Presence"].tolist() == ["Came", "Came", "Did not come"]


def test_people_of_a_large_event_are_found_by_name_and_the_first_are_shown(
    known: Portfolio, monkeypatch: pytest.MonkeyPatch
):
    number = held(known)
    with transaction() as session:
        for n in range(30):
            seat(session, number, known.datapro, None, key=f"guest{n}@datapro.example")
    monkeypatch.setattr(event_people, "MOST", 10)
    here = {"id": public_id("event", number)}
    app = open_page("event", known.ada, **here)
    assert len(app.dataframe[0].value) == 10
    assert "33 people. The first 10 are shown" in words(app)
    app = open_page("event", known.ada, **here, **{"event.search": "BAKER"})
    assert app.dataframe[0].value["Person"].tolist() == ["Tom Baker"]
    assert app.dataframe[0].value["Follow-up"].tolist() == ["Waits for approval"]
    app = open_page("event", known.ada, **here, **{"event.search": "no such"})
    assert not app.exception
    assert "0 people." in words(app)


def test_colleague_sees_the_event_but_not_others_people(known: Portfolio):
    number = held(known)
    app = open_page("event", known.erik, id=public_id("event", number))
    assert app.dataframe[0].value["Customer"].tolist() == ["DataPro"]


def test_event_follow_up_view_shows_the_clock(known: Portfolio):
    number = held(known)
    app = open_page(
        "event", known.ada, id=public_id("event", number), **{"event.view": "Follow-up"}
    )
    assert not app.exception
    assert app.dataframe[0].value["Customer"].tolist() == ["DataPro", "TechCorp"]


def test_event_says_what_it_changed_or_from_when_on_it_can_be_told(known: Portfolio):
    number = held(known)
    with transaction() as session:
        held_on = session.get_one(Event, number).held_on
    app = open_page("event", known.ada, id=public_id("event", number), **{"event.view": "Impact"})
    assert not app.exception
    assert f"can be measured from {day(held_on + timedelta(days=91))}" in words(app)
    assert app.dataframe[0].value["Cost"].tolist() == ["–"]


def test_old_event_is_followed_up_after_a_warning(known: Portfolio):
    number = held(known, days=90, followed=False)
    app = open_page("event", known.ada, id=public_id("event", number))
    assert "more than 14 days old" in words(app)
    next(button for button in app.button if button.label == "Create them").click().run()
    assert not app.exception
    assert "3 drafts made" in words(app)
    with transaction(read_only=True) as session:
        assert len(session.scalars(select(Draft)).all()) == 3


def test_details_open_with_what_is_known(known: Portfolio):
    number = held(known)
    with transaction() as session:
        session.add(EventSession(event_id=number, position=1, title="Limits", takeaways=["Send"]))
        session.get_one(Event, number).cost = 500  # type: ignore[assignment]
    app = open_page("event", known.ada, id=public_id("event", number), **{"event.view": "Details"})
    assert not app.exception
    assert app.number_input[0].value == 500
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    with transaction() as session:
        assert session.scalars(select(EventSession.takeaways)).one() == ["Send"]
        session.get_one(Event, number).cost = 700  # type: ignore[assignment]
    app.text_input[0].set_value("Limits")
    next(button for button in app.button if button.label == "Save").click().run()
    assert "Somebody has changed these details" in words(app)
    with transaction(read_only=True) as session:
        assert session.get_one(Event, number).cost == 700
    assert (app.number_input[0].value, app.text_input[0].value) == (700, "Limits")
    told = app.dataframe[0].value.to_dict("records")
    assert told == [
        {"Field": "Cost", "Yours": "500.00", "Theirs": "700.00", "In the form": "theirs"}
    ]
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    with transaction(read_only=True) as session:
        saved = session.get_one(Event, number)
        assert (saved.cost, saved.topic) == (700, "Limits")
        assert session.scalars(select(EventSession.takeaways)).one() == ["Send"]


def test_theirs_can_be_taken_instead_of_what_was_typed(known: Portfolio):
    number = held(known)
    app = open_page("event", known.ada, id=public_id("event", number), **{"event.view": "Details"})
    with transaction() as session:
        session.get_one(Event, number).topic = "Theirs"
    app.text_input[0].set_value("Mine")
    next(button for button in app.button if button.label == "Save").click().run()
    assert app.text_input[0].value == "Mine"
    assert app.dataframe[0].value["In the form"].tolist() == ["yours"]
    next(button for button in app.button if button.label == "Take theirs").click().run()
    assert not app.exception
    assert app.text_input[0].value == "Theirs"


def test_unknown_event_leads_back_to_the_list(known: Portfolio):
    app = open_page("event", known.ada, id="evt_99")
    assert "no such event" in words(app)
