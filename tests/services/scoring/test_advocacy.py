"""Advocacy: who is a candidate and why not, opportunities from stage to stage, conversion."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, InvalidMove, NotFound
from data.tables import (
    Attendance,
    Customer,
    CustomerScore,
    Opportunity,
    OpportunityEvent,
    Person,
    Stakeholder,
    Task,
    Ticket,
)
from services import customers, tasks
from services.scoring import advocacy
from services.scoring.advocacy.notable import CONTEXT, FACTS, high_scorers, rated, remarks
from services.scoring.board import recompute
from tests.services.scoring.fading import STEADY, fading_world, record_fading
from tests.services.scoring.recorded import ANAS, BENS, EVERYBODYS

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GOOD: dict[str, Any] = {
    "customer_id": 1, "score": 90, "attended": 12, "eligible": 18, "shortfall_z": 0.0, "depth": 0.9,
    "consistency": 0.9, "questions_asked": 0, "feedback_given": 0, "times_spoken": 0, "health": 80,
    "renews_in": 200, "asked_ago": None, "under_way": False, "left": False, "ticket": False,
}  # fmt: skip
QUIET = [GOOD | {"customer_id": n, "score": 50} for n in range(2, 22)]


def one(**changes: Any) -> dict[str, Any]:
    rows = [GOOD | changes, *QUIET]
    scores = pl.DataFrame([{k: row[k] for k in FACTS} for row in rows], schema=FACTS)
    context = pl.DataFrame([{k: row[k] for k in CONTEXT} for row in rows], schema=CONTEXT)
    found = rated(high_scorers(scores), context).filter(pl.col("customer_id") == 1).to_dicts()
    return found[0] if found else {}


@pytest.mark.parametrize(
    ("changes", "blocks"),
    [
        ({}, []),
        ({"shortfall_z": 1.2}, ["declining"]),
        ({"shortfall_z": 1.19}, []),
        ({"depth": 0.79}, ["no_notable_act"]),
        ({"attended": 5}, ["no_notable_act"]),
        ({"health": 69}, ["health"]),
        ({"health": None}, []),
        ({"ticket": True}, ["ticket"]),
        ({"asked_ago": 89}, ["asked"]),
        ({"asked_ago": 90}, []),
        ({"under_way": True}, ["under_way"]),
        ({"renews_in": 60}, ["renewal"]),
        ({"renews_in": 61}, []),
        ({"renews_in": -5}, []),
        ({"left": True}, ["left"]),
    ],
)
def test_what_speaks_against_asking(changes: dict[str, Any], blocks: list[str]):
    assert one(**changes)["blocks"] == blocks


def test_a_score_under_eighty_is_not_looked_at():
    assert one(score=79) == {}


@pytest.mark.parametrize(
    ("changes", "acts", "types"),
    [
        ({"times_spoken": 1}, ["spoke", "depth"], ["case_study", "speaking"]),
        ({"questions_asked": 3}, ["questions", "depth"], ["advisory_board", "reference"]),
        ({"questions_asked": 3, "consistency": 0.5}, ["questions", "depth"], ["advisory_board"]),
        ({"feedback_given": 3, "depth": 0.5}, ["feedback"], ["reference"]),
        ({"consistency": 0.5}, ["depth"], ["reference"]),
    ],
)
def test_what_is_notable_says_what_to_ask_for(
    changes: dict[str, Any], acts: list[str], types: list[str]
):
    found = one(**changes)
    assert (found["acts"], found["types"]) == (acts, types)
    assert remarks(found)


@pytest.fixture
def high(session: Session) -> Session:
    """STEADY comes to everything and stays for all of it."""
    record_fading(session, fading_world(TODAY))
    for place in range(1, 19):
        seat = session.get_one(Attendance, (STEADY * 1000, place))
        seat.minutes = 60.0
    session.get_one(Attendance, (STEADY * 1000, 4)).spoke = True
    session.flush()
    recompute(session, now=NOW)
    return session


def test_the_candidate_comes_with_champion_notes_and_arr(high: Session):
    found = advocacy.candidates(high, EVERYBODYS, NOW)
    best = found.rows[0]
    assert (best.customer_id, best.attended, best.eligible) == (STEADY, 18, 18)
    assert best.champion is not None
    assert best.champion.name == "Kim Number2"
    (number,) = advocacy.create_top(high, 1, by=EVERYBODYS, now=NOW)
    made = high.get_one(Opportunity, number)
    assert made.types == ["case_study", "speaking"]
    assert "Spoke at an event" in made.notes
    assert "2,000 USD ARR" in made.notes
    assert made.champion_id == STEADY
    task = high.get_one(Task, made.task_id)
    assert "Schedule the case study discussion" in task.title
    assert (task.owner_id, task.due_at.date()) == (3, date(2026, 11, 24))


def test_a_second_look_reads_no_attendance(high: Session):
    known = advocacy.high(high, EVERYBODYS, today=TODAY)
    read: list[str] = []
    engine = high.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *told: read.append(told[2]))
    found = advocacy.candidates(high, EVERYBODYS, NOW, known=known)
    assert found == advocacy.candidates(high, EVERYBODYS, NOW)
    asked = [sql for sql in read if "attendance" in sql]
    assert len(asked) == 1, "the one without what was known"


def test_who_unsubscribed_since_is_nobodys_champion(high: Session):
    known = advocacy.high(high, EVERYBODYS, today=TODAY)
    high.get_one(Stakeholder, STEADY).unsubscribed = True
    high.flush()
    assert advocacy.candidates(high, EVERYBODYS, NOW, known=known).rows[0].champion is None


def test_nobody_is_asked_twice_at_once(high: Session):
    advocacy.create_top(high, 1, by=EVERYBODYS, now=NOW)
    with pytest.raises(BadInput, match="under way"):
        advocacy.create(high, (STEADY,), by=EVERYBODYS, now=NOW)
    assert high.scalar(select(func.count()).select_from(Opportunity)) == 1


def test_opportunities_whose_score_is_gone_are_counted_until_somebody_asks(high: Session):
    (number,) = advocacy.create_top(high, 1, by=EVERYBODYS, now=NOW)
    assert advocacy.unfounded(high, NOW) == 0
    high.get_one(CustomerScore, STEADY).score = 79
    high.flush()
    assert advocacy.unfounded(high, NOW) == 1
    assert advocacy.unfounded(high, NOW + DAY) == 0, "that one was made before"
    advocacy.move(high, number, "asked", "Called Kim", by=EVERYBODYS, now=NOW)
    high.flush()
    assert advocacy.unfounded(high, NOW) == 0


def test_near_the_renewal_only_a_persons_word_counts(high: Session):
    high.get_one(Customer, STEADY).renews_on = TODAY + 30 * DAY
    high.flush()
    with pytest.raises(BadInput, match="renewal"):
        advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    assert len(advocacy.create(high, (STEADY,), by=BENS, now=NOW, override=True)) == 1


@pytest.mark.parametrize(
    ("zone", "hour", "away", "blocks"),
    [("Pacific/Auckland", 12, 61, ("renewal",)), ("Pacific/Honolulu", 5, 60, ())],
)
def test_days_to_the_renewal_are_those_of_the_reader(
    high: Session, zone: str, hour: int, away: int, blocks: tuple[str, ...]
):
    high.get_one(Customer, STEADY).renews_on = TODAY + away * DAY
    high.get_one(Person, BENS.person_id).time_zone = zone
    high.flush()
    found = advocacy.candidates(high, BENS, NOW.replace(hour=hour))
    told = {one.customer_id: one.blocks for one in (*found.rows, *found.others)}
    assert told[STEADY] == blocks


def test_low_health_cannot_be_overridden(high: Session):
    high.get_one(Customer, STEADY).health_score = 20
    high.flush()
    with pytest.raises(BadInput, match="health"):
        advocacy.create(high, (STEADY,), by=BENS, now=NOW, override=True)


@pytest.mark.parametrize(
    ("told", "free"),
    [
        ({"state": "open", "severity": "urgent"}, False),
        ({"state": "pending", "severity": "low", "escalated_at": NOW - DAY}, False),
        ({"state": "open", "severity": "high"}, True),
        ({"state": "closed", "level": "relationship_repair", "solved_at": NOW - 29 * DAY}, False),
        ({"state": "closed", "level": "relationship_repair", "solved_at": NOW - 31 * DAY}, True),
        ({"state": "closed", "severity": "urgent", "solved_at": NOW - DAY}, True),
    ],
)
def test_nobody_in_trouble_is_asked_a_favour(high: Session, told: dict[str, Any], free: bool):
    plain = {
        "desk": "zendesk",
        "number": "1",
        "number_key": "1",
        "subject": "Down",
        "source": "api",
    }
    moments = {"opened_at": NOW - 40 * DAY, "updated_at": NOW, "created_at": NOW}
    high.add(Ticket(customer_id=STEADY, **plain, **moments, **told))
    high.flush()
    found = advocacy.candidates(high, BENS, NOW)
    assert (STEADY in {one.customer_id for one in found.rows}) is free
    blocks = [one.blocks for one in found.others if one.customer_id == STEADY]
    assert blocks == ([] if free else [("ticket",)])


def test_who_unsubscribed_is_nobodys_champion(high: Session):
    high.get_one(Stakeholder, STEADY).unsubscribed = True
    high.flush()
    assert advocacy.candidates(high, BENS, NOW).rows[0].champion is None


def test_stages_follow_one_another_and_are_kept(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    with pytest.raises(InvalidMove):
        advocacy.move(high, number, "agreed", by=BENS, now=NOW)
    for step, to in enumerate(("asked", "agreed", "delivered"), 1):
        advocacy.move(high, number, to, f"step {step}", by=BENS, now=NOW + step * DAY)
    made = high.get_one(Opportunity, number)
    assert (made.asked_at, made.closed_at) == (NOW + DAY, NOW + 3 * DAY)
    steps = [(s.from_stage, s.to_stage, s.who) for s in advocacy.history(high, BENS, number)]
    assert steps[0] == ("agreed", "delivered", "Ben Baker")
    assert steps[-1] == (None, "identified", "Ben Baker")
    assert high.scalar(select(func.count()).select_from(OpportunityEvent)) == 4


@pytest.mark.parametrize(
    ("way", "hits", "of"),
    [
        (("asked", "agreed"), 1, 1),
        (("asked",), 0, 1),
        (("declined",), 0, 0),
        (("asked", "declined"), 0, 1),
        (("asked", "agreed", "declined"), 0, 1),
    ],
)
def test_conversion_counts_those_who_were_asked(
    high: Session, way: tuple[str, ...], hits: int, of: int
):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    for to in way:
        advocacy.move(high, number, to, by=BENS, now=NOW)
    share = advocacy.listing(high, BENS).conversion
    assert (share.hits, share.of) == (hits, of)


def test_who_declined_rests_for_ninety_days(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    for to in ("asked", "declined"):
        advocacy.move(high, number, to, by=BENS, now=NOW)
    with pytest.raises(BadInput, match="90 days"):
        advocacy.create(high, (STEADY,), by=BENS, now=NOW + 20 * DAY)


def test_a_declined_one_leaves_no_task_until_it_stands_again(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    task = high.get_one(Task, high.get_one(Opportunity, number).task_id)
    advocacy.move(high, number, "declined", by=BENS, now=NOW)
    assert task.state == "cancelled"
    advocacy.move(high, number, "identified", by=BENS, now=NOW + DAY)
    assert task.state == "open"
    tasks.move(high, task.id, "done", by=BENS, now=NOW + DAY)
    advocacy.move(high, number, "declined", by=BENS, now=NOW + DAY)
    assert task.state == "done", "what was done stays so"


def test_two_at_once_leave_one_opportunity_of_a_customer_under_way(engine: Engine):
    with transaction(engine) as session:
        record_fading(session, fading_world(TODAY))
        closed = [
            Opportunity(customer_id=STEADY, types=["reference"], stage="declined", created_at=NOW, updated_at=NOW)
            for _ in range(2)
        ]  # fmt: skip
        session.add_all(closed)
        session.flush()
        numbers = [one.id for one in closed]
    gate = Barrier(len(numbers))

    def stands_again(number: int) -> None:
        gate.wait()
        with suppress(InvalidMove), transaction(engine) as session:
            advocacy.move(session, number, "identified", by=BENS, now=NOW)

    for _ in range(8):
        with ThreadPoolExecutor(len(numbers)) as pool:
            list(pool.map(stands_again, numbers))
        with transaction(engine) as session:
            stages = {one: session.get_one(Opportunity, one).stage for one in numbers}
            assert sorted(stages.values()) == ["declined", "identified"]
            for one in numbers:
                advocacy.move(session, one, "declined", by=BENS, now=NOW)


def test_task_that_a_person_opened_again_is_theirs(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    made = high.get_one(Opportunity, number)
    task = high.get_one(Task, made.task_id)
    advocacy.move(high, number, "declined", by=BENS, now=NOW)
    tasks.move(high, task.id, "open", by=BENS, now=NOW + DAY)
    assert advocacy.settle(high, NOW + DAY) == 0
    assert (task.state, task.detail) == ("open", made.notes)
    advocacy.move(high, number, "identified", by=BENS, now=NOW + DAY)
    tasks.move(high, task.id, "cancelled", by=BENS, now=NOW + DAY)
    advocacy.move(high, number, "declined", by=BENS, now=NOW + 2 * DAY)
    advocacy.move(high, number, "identified", by=BENS, now=NOW + 2 * DAY)
    assert task.state == "cancelled"


def test_foreign_opportunities_are_neither_seen_nor_moved(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    assert advocacy.listing(high, ANAS).rows == ()
    assert STEADY not in [row.customer_id for row in advocacy.candidates(high, ANAS, NOW).rows]
    for act in (
        lambda: advocacy.create(high, (STEADY,), by=ANAS, now=NOW),
        lambda: advocacy.move(high, number, "asked", by=ANAS, now=NOW),
        lambda: advocacy.edit(high, number, advocacy.Wording("", ("reference",)), by=ANAS, now=NOW),
        lambda: advocacy.get_opportunity(high, ANAS, number),
        lambda: advocacy.history(high, ANAS, number),
    ):
        with pytest.raises(NotFound):
            act()


def test_notes_and_types_are_edited_and_downloaded(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    met = advocacy.Wording(" Met at the fair ", ("reference",))
    assert advocacy.edit(high, number, met, by=BENS, now=NOW) == ("notes", "types")
    with pytest.raises(BadInput):
        advocacy.edit(high, number, advocacy.Wording("", ()), by=BENS, now=NOW)
    row = advocacy.listing(high, BENS).rows[0]
    assert (row.notes, row.type_words) == ("Met at the fair", "Reference")
    assert "Met at the fair" in advocacy.download_opportunities(high, BENS, form="csv").decode()


def test_two_people_at_one_opportunity_lose_nothing_of_each_other(high: Session):
    (number,) = advocacy.create(high, (STEADY,), by=BENS, now=NOW)
    row = advocacy.get_opportunity(high, BENS, number)
    opened = advocacy.Wording(row.notes, row.types)

    def saved(notes: str, types: tuple[str, ...], over: advocacy.Wording = opened) -> object:
        wanted = advocacy.Wording(notes, types)
        return advocacy.edit(high, number, wanted, by=BENS, now=NOW, opened=over)

    assert saved("They need an NDA first", opened.types) == ("notes",)
    assert saved(opened.notes, ("reference", "speaking")) == ("types",), "over the old form"
    row = advocacy.get_opportunity(high, BENS, number)
    assert (row.notes, row.types) == ("They need an NDA first", ("reference", "speaking"))
    with pytest.raises(InvalidMove, match="They need an NDA first"):
        saved("Call in May", opened.types)
    there = advocacy.Wording("They need an NDA first", opened.types)
    assert saved("NDA first; call in May", opened.types, there) == ("notes",)
    row = advocacy.get_opportunity(high, BENS, number)
    assert (row.notes, row.types) == ("NDA first; call in May", ("reference", "speaking"))
    assert saved("NDA first; call in May", opened.types) == (), "the same again is nobody's loss"


def test_merge_leaves_one_opportunity_under_way_and_taken_back_both(high: Session):
    other = Customer(id=900, name="The same, written otherwise", created_at=NOW, updated_at=NOW)
    high.add(other)
    high.flush()
    (first,) = advocacy.create(high, (STEADY,), by=EVERYBODYS, now=NOW)
    farther = Opportunity(
        customer_id=other.id, types=["reference"], stage="asked", asked_at=NOW - 2 * DAY,
        created_at=NOW - 3 * DAY, updated_at=NOW,
    )  # fmt: skip
    high.add(farther)
    high.flush()
    entry = customers.merge(high, STEADY, other.id, by=EVERYBODYS, now=NOW)
    high.expire_all()
    mine = high.get_one(Opportunity, first)
    assert (mine.stage, farther.stage, farther.customer_id) == ("declined", "asked", STEADY)
    task = high.get_one(Task, mine.task_id)
    assert advocacy.settle(high, NOW) == 1
    assert task.state == "cancelled"
    assert advocacy.listing(high, EVERYBODYS).conversion.of == 1
    back = customers.unmerge(high, entry, by=EVERYBODYS, now=NOW + DAY)
    high.expire_all()
    assert (mine.stage, mine.closed_at, mine.customer_id) == ("identified", None, STEADY)
    assert (farther.stage, farther.customer_id) == ("asked", back)
    assert advocacy.settle(high, NOW) == 1
    assert task.state == "open"
    assert advocacy.settle(high, NOW) == 0
