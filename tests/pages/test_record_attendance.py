"""Attendance entered by hand: found, entered, counted, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.errors import BadInput
from data.tables import Attendance, Customer, Event, Person, Upload
from services.access import Viewer
from services.access.viewer import viewer_of
from services.clock import utc_now
from services.uploads import manual
from services.uploads.manual import Deed, NewEvent
from services.uploads.undo import undo
from tests.services.uploads.world import attendance, load_customers
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def dana(app_database: Engine) -> int:
    """A CSM who looks after DataFlow, and nobody else."""
    load_customers(app_database)
    number = person("Dana", email="dana@ours.example")
    with transaction() as session:
        session.get_one(Customer, 1).csm_id = number
    return number


def viewer(number: int) -> Viewer:
    with transaction(read_only=True) as session:
        return viewer_of(session, session.get_one(Person, number), utc_now())


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def field(app: AppTest, label: str):
    return next(one for one in app.text_input if one.label == label)


def count(table: type) -> int:
    with transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_empty_page_says_how_to_begin(dana: int):
    app = open_page("record_attendance", as_=dana)
    assert not app.exception
    assert "Nobody is chosen yet" in words(app)


def test_people_are_found_entered_and_counted(dana: int, app_database: Engine):
    app = open_page("record_attendance", as_=dana)
    app.segmented_control(key="record_attendance.how").set_value("New").run()
    field(app, "Name").set_value("Dinner with DataFlow").run()
    field(app, "Find people by name, address or customer").set_value("maria dataflow").run()
    press(app, "Maria Lopez, DataFlow Inc")
    field(app, "Full name").set_value("Pat New").run()
    field(app, "E-mail").set_value("pat@dataflow.io").run()
    press(app, "Add")
    minutes = [one for one in app.number_input if one.label == "Minutes"]
    minutes[0].set_value(90)
    press(app, "Record 2 people")
    assert not app.exception
    assert "Recorded 2, 2 of them with their customer" in words(app)
    assert "Entered by hand: Dinner with DataFlow" in words(app).replace("\\", "")
    assert attendance(app_database).rows() == [
        ("maria.lopez@dataflow.io", "Dinner with DataFlow", 4, 90.0, None, 1),
        ("pat@dataflow.io", "Dinner with DataFlow", 4, None, None, 1),
    ]


def test_without_an_event_nothing_can_be_recorded(dana: int):
    app = open_page("record_attendance", as_=dana)
    field(app, "Find people by name, address or customer").set_value("tom").run()
    press(app, "Tom Reed, DataFlow Inc")
    assert next(one for one in app.button if one.label == "Record 1 person").disabled
    assert "Choose the event first" in words(app)
    press(app, "Start over")
    assert "Nobody is chosen yet" in words(app)


def test_only_the_own_portfolio_is_found(dana: int):
    with transaction(read_only=True) as session:
        ours = manual.find_people(session, viewer(dana), "o")
        assert [one.name for one in ours] == ["Maria Lopez", "Tom Reed"]
        assert manual.find_people(session, viewer(dana), "grace") == []
        assert [one.name for one in manual.find_people(session, viewer(dana), "REED@dataflow")] == [
            "Tom Reed"
        ]
        assert manual.find_people(session, viewer(dana), "100%_") == []
        assert [one.name for one in manual.find_customers(session, viewer(dana), "data")] == [
            "DataFlow Inc"
        ]


def test_the_same_entry_again_is_no_second_one_and_undo_takes_it_back(dana: int):
    by, event = viewer(dana), NewEvent("Dinner", TODAY - timedelta(days=1), "other", "Roadmap", 90)
    deeds = [Deed("sth_1", minutes=90), Deed(None, "no_show", email="x@dataflow.io")]
    with transaction() as session:
        first = manual.enter(session, event, deeds, by=by, now=NOW)
    with transaction() as session:
        again = manual.enter(session, event, deeds, by=by, now=NOW)
    assert (again.repeat, again.upload_id) == (True, first.upload_id)
    assert (count(Attendance), count(Upload)) == (2, 1)
    assert first.upload_id is not None
    undo(first.upload_id, by=by, now=NOW)
    assert (count(Attendance), count(Event)) == (0, 0)


def test_an_event_on_record_is_found_and_joined(dana: int):
    by = viewer(dana)
    with transaction() as session:
        new = NewEvent("Autumn Summit", date(2026, 10, 1), "conference")
        manual.enter(session, new, [Deed("sth_1")], by=by, now=NOW)
    with transaction() as session:
        (found,) = manual.find_events(session, "summit AUTUMN")
        assert (found.name, found.about) == ("Autumn Summit", "1 October 2026")
        manual.enter(session, found.id, [Deed("sth_2", questions=2, spoke=True)], by=by, now=NOW)
    with transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 1
        assert session.scalars(select(Attendance.spoke).order_by(Attendance.spoke)).all() == [
            False,
            True,
        ]


@pytest.mark.parametrize(
    ("event", "deeds", "why"),
    [
        (NewEvent("", TODAY, "other"), [Deed("sth_1")], "a name"),
        (NewEvent("E", TODAY, "other"), [], "at least one"),
        (NewEvent("E", TODAY, "other"), [Deed("sth_1")] * 31, "at most 30"),
        (NewEvent("E", TODAY, "other"), [Deed(None)], "a name or an e-mail"),
        (NewEvent("E", TODAY, "other"), [Deed("sth_1", minutes=-5)], "duration"),
    ],
)
def test_what_is_missing_is_said(dana: int, event: NewEvent, deeds: list[Deed], why: str):
    with transaction() as session, pytest.raises(BadInput, match=why):
        manual.enter(session, event, deeds, by=viewer(dana), now=NOW)
