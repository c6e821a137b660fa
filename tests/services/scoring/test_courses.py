"""Courses count for the day on which each customer finished them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import Attendance, Event
from services.scoring.board import board, recompute, why
from services.scoring.courses import course_of, on_their_days
from services.scoring.risk.book import judge_all
from tests.services.scoring.recorded import EVERYBODYS, record
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import customer, event, frames, seat

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIRST, LATER, NEVER, STAYER = 1, 2, 3, 4
OLD, COURSE = 1, 2
WEBINARS = range(3, 9)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def academy(engine: Engine) -> Engine:
    """A course of two years ago and one of half a year ago among six webinars."""
    held = [event(OLD, ago(700), "training"), event(COURSE, ago(200), "training")]
    held += [event(n, ago(340 - 30 * (n - 3))) for n in WEBINARS]
    seats = [seat(FIRST, COURSE), seat(LATER, COURSE), seat(STAYER, OLD)]
    seats += [seat(number, n) for number in (FIRST, LATER, NEVER, STAYER) for n in WEBINARS]
    people = [customer(number) for number in (FIRST, LATER, NEVER, STAYER)]
    with transaction(engine) as session:
        record(session, World(seats, held, people, TODAY))
        for number in (OLD, COURSE):
            session.get_one(Event, number).source = "moodle"
        finish(session, FIRST, COURSE, ago(200))
        finish(session, LATER, COURSE, ago(20))
        finish(session, STAYER, OLD, ago(5))
    return engine


def finish(session: Session, number: int, course: int, day: date) -> None:
    row = session.get_one(Attendance, (number * 1000, course))
    row.joined_at = datetime.combine(day, time(15), UTC)


def test_who_finishes_later_has_the_course_on_their_own_day_and_nobody_else_misses_it(
    academy: Engine,
):
    with transaction(academy) as session:
        recompute(session, now=NOW)
        rows = {
            row["customer_id"]: row
            for row in board(session, EVERYBODYS, as_of=TODAY).rows.to_dicts()
        }
        said = {number: why(session, EVERYBODYS, number, as_of=TODAY) for number in rows}
    seen = {n: (row["attended"], row["eligible"], row["last_attended"]) for n, row in rows.items()}
    assert seen == {
        FIRST: (7, 7, ago(190)),
        LATER: (7, 7, ago(20)),
        NEVER: (6, 7, ago(190)),
        STAYER: (7, 8, ago(5)),  # the old course, finished now; the other one was open to all
    }
    assert said[LATER].attended.row(0)[:4] == (COURSE, "Event 2", "training", ago(20))
    assert said[STAYER].attended["event_id"][0] == OLD
    assert said[LATER].missed.is_empty()
    assert said[NEVER].missed["event_id"].to_list() == [COURSE]
    for number, one in said.items():
        assert one.history["score"][-1] == rows[number]["score"]
        assert one.attended.height + one.missed.height == rows[number]["eligible"]


def test_on_an_earlier_day_nobody_knew_that_they_would_finish(academy: Engine):
    with transaction(academy) as session:
        then = why(session, EVERYBODYS, LATER, as_of=ago(100))
    assert then.missed["event_id"].to_list() == [COURSE]
    assert COURSE not in then.attended["event_id"].to_list()


def test_what_was_finished_lately_is_no_missed_event_of_somebody_who_fades(academy: Engine):
    with transaction(academy) as session:
        rows = {row["customer_id"]: row for row in judge_all(session, TODAY).to_dicts()}
    assert (rows[LATER]["last_attended"], rows[LATER]["missed"]) == (ago(20), 0)
    assert rows[LATER]["eligible"] == rows[FIRST]["eligible"]


def test_people_of_one_customer_in_one_month_are_one_visit_whatever_their_order():
    held = [event(COURSE, date(2026, 1, 10), "training")]
    seats = [seat(1, COURSE, person) for person in range(4)] + [seat(2, COURSE)]
    on = {1000: (1, 20), 1001: (3, 9), 1002: (3, 2), 1003: (4, 1), 2000: (3, 9)}
    done = pl.DataFrame(
        [(COURSE, person, date(2026, *day)) for person, day in on.items()],
        schema={"event_id": pl.Int64, "participant_id": pl.Int64, "on": pl.Date},
        orient="row",
    )
    told, events, _ = frames(World(seats, held, [], TODAY))
    ways = [on_their_days(told, events, rows) for rows in (done, done.reverse())]
    assert ways[0][0].equals(ways[1][0])
    assert ways[0][1].equals(ways[1][1])
    runs = ways[0][1].filter(pl.col("course").is_not_null()).sort("held_on")
    assert runs.select("held_on", "only", "excused", course_of(pl.col("event_id"))).rows() == [
        (date(2026, 3, 2), [1], None, COURSE),  # somebody of theirs was there in January
        (date(2026, 3, 9), [2], [2], COURSE),
        (date(2026, 4, 1), [1], None, COURSE),
    ]
    moved = ways[0][0].filter(pl.col("event_id") != COURSE)
    assert moved["participant_id"].sort().to_list() == [1001, 1002, 1003, 2000]
