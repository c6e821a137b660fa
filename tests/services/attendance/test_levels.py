"""Engagement levels, topics of interest and training: what is made of what is on record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Event, EventSession
from integrations.attendance_records import AttendanceRecord
from services.access import SYSTEM
from services.attendance.levels import with_levels
from services.attendance.seen import SCHEMA
from services.attendance.topics import (
    interests,
    quotes_of,
    topics_heard,
    topics_of,
    weighed,
)
from services.attendance.training import courses
from services.uploads.entries import record
from tests.services.uploads.world import NOW, load_customers

DAY = date(2026, 11, 1)
NOTES = {"participant_id": pl.Int64, "event_id": pl.Int64, "text": pl.String}
SESSIONS = {"event_id": pl.Int64, "title": pl.String, "topics": pl.List(pl.String)}


def seen(*rows: dict[str, Any]) -> pl.DataFrame:
    plain: dict[str, Any] = dict.fromkeys(SCHEMA) | {
        "participant_id": 1,
        "customer_id": 1,
        "stakeholder_id": 1,
        "name": "Maria",
        "event_id": 1,
        "event": "API best practices",
        "type": "webinar",
        "held_on": DAY,
        "scheduled_minutes": 60.0,
        "status": "attended",
        "spoke": False,
    }
    schema = SCHEMA | {"status": pl.String}
    return pl.DataFrame([plain | row for row in rows], schema=schema)


def level(**did: Any) -> str | None:
    return with_levels(seen(did))["level"][0]


def test_level_says_how_involved_somebody_was():
    counted = {"questions": 0, "polls": 0, "polls_asked": 3, "downloads": 0}
    assert level(minutes=60, **counted) == "medium"
    assert level(minutes=60, **counted | {"questions": 1, "polls": 3}) == "high"
    assert level(minutes=10, **counted) == "low"
    assert level(minutes=60) == "high"
    assert level(spoke=True, minutes=1) == "high"


def test_where_nothing_was_reported_there_is_no_level():
    assert level() is None
    assert with_levels(seen({}))["depth"].to_list() == [None]


@given(st.integers(0, 60), st.integers(0, 5), st.integers(0, 5), st.integers(0, 3))
def test_doing_more_never_lowers_the_level(
    minutes: int, questions: int, downloads: int, polls: int
):
    order = ["low", "medium", "high"]
    did = {
        "minutes": float(minutes),
        "questions": questions,
        "downloads": downloads,
        "polls": polls,
    }
    before = order.index(level(polls_asked=4, **did) or "")
    for name in did:
        more = did | {name: did[name] + 1}
        assert order.index(level(polls_asked=4, **more) or "") >= before


def heard(rows: pl.DataFrame, sessions: list[tuple[int, str, list[str]]] = []) -> pl.DataFrame:  # noqa: B006
    return topics_heard(rows, pl.DataFrame(sessions, schema=SESSIONS, orient="row"))


def notes(*rows: tuple[int, int, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=NOTES, orient="row")


def test_topics_come_from_events_and_the_sessions_attended():
    rows = seen(
        {"topic": "APIs", "sessions": "Limits; Hooks"},
        {"participant_id": 2, "topic": "APIs", "sessions": "Hooks"},
        {"participant_id": 3, "topic": "APIs", "status": "no_show"},
    )
    parts = [
        (1, "Limits", ["Rate limits"]),
        (1, "Hooks", ["Webhooks"]),
        (1, "Closing", ["Roadmap"]),
    ]
    found = weighed(heard(rows, parts), notes(), DAY)
    assert dict(found.select("topic", "people").iter_rows()) == {
        "APIs": 2,
        "Webhooks": 2,
        "Rate limits": 1,
    }


def test_where_nobody_knows_which_sessions_all_of_them_count():
    parts = [(1, "Limits", ["Rate limits"]), (1, "Hooks", ["Webhooks"])]
    assert heard(seen({}), parts)["topic"].sort().to_list() == ["Rate limits", "Webhooks"]


def test_topics_differ_by_letters_not_by_case_and_the_newest_spelling_stays():
    rows = seen(
        {"topic": "APIS", "held_on": DAY - timedelta(days=30)},
        {"event_id": 2, "topic": "APIs "},
    )
    found = weighed(heard(rows), notes(), DAY)
    assert found.select("topic", "events").rows() == [("APIs ", 2)]


def test_newer_events_and_questions_weigh_more():
    rows = seen(
        {"topic": "Old", "held_on": DAY - timedelta(days=180)},
        {"event_id": 2, "topic": "New"},
        {"event_id": 3, "topic": "Asked", "questions": 2},
    )
    found = weighed(heard(rows), notes(), DAY)
    assert found.select("topic", "asked", "weight").rows() == [
        ("Asked", 2, 2.0),
        ("New", 0, 1.0),
        ("Old", 0, 0.5),
    ]


def test_questions_count_for_the_event_and_for_the_session_they_name():
    rows = seen({"topic": "Dashboards", "questions": 3})
    parts = [(1, "Hooks", ["Webhooks"])]
    asked = notes((1, 1, "Can dashboards be shared?"), (1, 1, "What about lunch?"))
    told = heard(rows, parts)
    found = dict(weighed(told, asked, DAY).select("topic", "asked").iter_rows())
    assert found == {"Dashboards": 3, "Webhooks": 0}
    named = notes((1, 1, "Can webhooks be sent twice?"))
    found = dict(weighed(told, named, DAY).select("topic", "asked").iter_rows())
    assert found == {"Dashboards": 3, "Webhooks": 1}
    assert quotes_of(told, asked) == {
        "Dashboards": ("Can dashboards be shared?",),
        "Webhooks": (),
    }


def test_nobody_there_means_no_topics():
    assert weighed(heard(seen({"topic": "APIs", "status": "registered"})), notes(), DAY).is_empty()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"completed": True, "passed": True}, "passed"),
        ({"completed": True, "passed": False}, "failed"),
        ({"completed": True}, "completed"),
        ({"completed": False, "status": "registered"}, "began"),
        ({"type": "training"}, "completed"),
        ({"type": "training", "status": "registered"}, "began"),
    ],
)
def test_completed_and_passed_are_told_apart(said: dict[str, Any], state: str):
    assert courses(seen(said))["state"].to_list() == [state]


def test_webinars_and_those_who_did_not_come_are_no_training():
    assert courses(seen({}, {"type": "training", "status": "no_show"})).is_empty()


def test_many_customers_at_once_say_the_same_as_each_alone(engine: Engine):
    load_customers(engine)
    day = DAY.isoformat()
    with transaction(engine) as session:
        record(
            session,
            [
                AttendanceRecord.model_validate(
                    {
                        "email": email,
                        "event": {"name": f"About {topic}", "topic": topic, "date": day},
                        "attendance": {"questionsAsked": asked, "sessionsAttended": ["Hooks"]},
                    }
                )
                for email, topic, asked in (
                    ("maria.lopez@dataflow.io", "APIs", 2),
                    ("tom.reed@dataflow.io", "APIs", 1),
                    ("maria.lopez@dataflow.io", "Security", 0),
                    ("grace.hill@cobaltharbor.com", "Security", 0),
                )
            ],
            by=SYSTEM,
            now=NOW,
        )
        event = session.scalars(select(Event).where(Event.topic == "APIs")).one()
        hooks, other = ["Webhooks"], ["Roadmap"]
        session.add(EventSession(event_id=event.id, position=1, title="Hooks", topics=hooks))
        session.add(EventSession(event_id=event.id, position=2, title="Closing", topics=other))
        session.flush()
        many = topics_of(session, [1, 2, 3], today=DAY)
        for customer in (1, 2, 3):
            alone = interests(session, SYSTEM, customer, today=DAY)
            mine = many.filter(pl.col("customer_id") == customer).drop("customer_id")
            assert [(i.topic, i.events, i.people, i.asked, i.last_on, i.weight) for i in alone] == (
                mine.rows()
            )
        first = interests(session, SYSTEM, 1, today=DAY)
        assert [(i.topic, i.people, i.asked) for i in first] == [
            ("APIs", 2, 3),
            ("Security", 1, 0),
            ("Webhooks", 2, 0),
        ]
        mine = interests(session, SYSTEM, 1, stakeholder_id=2, today=DAY)
        assert [i.topic for i in mine] == ["APIs", "Webhooks"]
