"""Times stand in the reader's zone, with its name, on whatever screen."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from streamlit.runtime.context import ContextProxy

from data.db import transaction
from data.tables import ApiToken, Customer, Person, RiskSignal, Touch
from pages.customer_views import plan
from services import clock
from services.clock import utc_now
from services.ids import public_id
from services.scoring import risk
from services.scoring.board import recompute
from tests.services.customers.files import load
from tests.services.scoring.fading import fading_world, record_fading
from tests.services.scoring.recorded import ADMIN
from tests.support.apptest import open_page, person, words

AT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture
def ada(app_database: Engine) -> int:
    number = person("Ada", "admin", email="ada@ours.example")
    with transaction() as session:
        session.get_one(Person, number).time_zone = "Asia/Tokyo"
    return number


@pytest.mark.parametrize(("key", "column"), [("people", "Last signed in"), ("audit_log", "at")])
def test_tables_tell_moments_on_the_readers_clock_and_say_so(ada: int, key: str, column: str):
    app = open_page(key, ada)
    drawn = json.loads(app.dataframe[0].proto.columns)[column]["type_config"]
    assert drawn["timezone"] == "Asia/Tokyo"
    assert "Times in Asia/Tokyo." in words(app)


def test_list_tells_moments_on_the_readers_clock(ada: int):
    with transaction() as session:
        session.add(
            ApiToken(
                person_id=ada,
                name="BI",
                prefix="abc",
                token_hash="x",
                scopes=["read"],
                created_at=AT,
            )
        )
    assert "21 Nov 2026, 07\\:30 JST" in words(open_page("settings", ada))


def test_who_chose_no_zone_has_that_of_the_browser(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "Europe/Berlin"))
    app = open_page("people", person("Ada", "admin", email="ada@ours.example"))
    assert "Times in Europe/Berlin." in words(app)
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "Mars/Olympus"))
    assert "Times in UTC." in words(app.run())


ELSEWHERE = [("Pacific/Auckland", 22, 1), ("Pacific/Honolulu", 3, -1)]
"""Zones, and an hour in UTC at which their day is another one: by so many days."""


def living_in(
    monkeypatch: pytest.MonkeyPatch, number: int, zone: str, hour: int, away: int
) -> tuple[datetime, date]:
    """The moment that it is for pages, and the person's day then."""
    now = utc_now().replace(hour=hour)
    for module in (clock, plan):
        monkeypatch.setattr(module, "utc_now", lambda: now)
    with transaction() as session:
        session.get_one(Person, number).time_zone = zone
    return now, now.date() + timedelta(days=away)


@pytest.mark.parametrize(("zone", "hour", "away"), ELSEWHERE)
def test_day_of_an_event_to_record_begins_with_the_readers(
    ada: int, monkeypatch: pytest.MonkeyPatch, zone: str, hour: int, away: int
):
    _, today = living_in(monkeypatch, ada, zone, hour, away)
    app = open_page("record_attendance", ada)
    app.button_group(key="record_attendance.how").set_value("New").run()
    assert app.date_input(key="record_attendance.day").value == today


@pytest.mark.parametrize(("zone", "hour", "away"), ELSEWHERE)
def test_contact_of_today_is_entered_for_the_readers_day(
    ada: int, monkeypatch: pytest.MonkeyPatch, zone: str, hour: int, away: int
):
    _, today = living_in(monkeypatch, ada, zone, hour, away)
    with transaction() as session:
        load(session, {"external_id": "1", "name": "Acme"})
        number = session.scalars(select(Customer.id)).one()
    query = {"id": public_id("customer", number), "customer.view": "Plan"}
    app = open_page("customer", ada, **query)
    app.text_input(key="customer.contact_what").set_value("The renewal")
    next(one for one in app.button if one.label == "Enter").click().run()
    with transaction(read_only=True) as session:
        at = session.scalars(select(Touch.at)).one().astimezone(ZoneInfo(zone))
    assert (at.date(), at.hour) == (today, 12)


@pytest.mark.parametrize(("zone", "hour", "away"), ELSEWHERE)
def test_call_may_be_planned_from_the_readers_day_on(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch, zone: str, hour: int, away: int
):
    with transaction() as session:
        record_fading(session, fading_world(utc_now().date()))
    now, today = living_in(monkeypatch, ADMIN, zone, hour, away)
    with transaction() as session:
        recompute(session, now=now)
        risk.detect(session, now=now)
        signal = session.scalars(select(RiskSignal)).one()
        signal.opened_at = now
        number = signal.id
    app = open_page("risk", ADMIN, signal=public_id("signal", number))
    assert app.date_input(key="risk.call.day").min == today
    assert f"opened {today.day} {today:%b %Y}" in words(app)
