"""What events change, on worlds whose truth is known and on rows on record."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Customer, Event, FollowUp
from data.tables.events import CANCELLED, REGISTERED
from services import figures
from services.attendance import analysis
from services.attendance.analysis import AnalysisFilters
from services.attendance.analysis import lifts as walk
from services.attendance.analysis.lifts import NO_SEGMENT, lifts, whole
from services.attendance.analysis.loading import CUSTOMERS, EVENTS, Known
from services.attendance.analysis.outcomes import around, strata
from services.attendance.analysis.worth import worth
from services.attendance.follow_up.run import follow_up as run
from tests.services.attendance.world import WEEK, event, seat, within
from tests.support.portfolio import Portfolio, portfolio

TODAY = date(2026, 11, 21)
EVENT, EVERY = 12, 15
"""The event whose effect is looked for, and days between events."""


def world(
    rng: np.random.Generator, customers: int = 120, effect: float = 0.0, cost: float | None = None
) -> Known:
    """Events each 15 days for 18 months; keen customers come more often to all of them. Who came to event
    EVENT comes `effect` more often to the later ones."""
    count = 36
    keen = rng.beta(2, 3, customers)
    came = rng.random((customers, count)) < keen[:, None]
    place = 24
    later = np.arange(count) > place
    more = rng.random((customers, count)) < effect
    came |= more & later[None, :] & came[:, [place]]
    days = [TODAY - timedelta(days=EVERY * (count - 1 - n) + 1) for n in range(count)]
    events = pl.DataFrame(
        {
            "event_id": range(1, count + 1),
            "name": [f"Event {n}" for n in range(count)],
            "type": ["webinar"] * count,
            "topic": ["Automation"] * count,
            "held_on": days,
            "segments": [None] * count,
            "regions": [None] * count,
            "only": [None] * count,
            "cost": [cost] * count,
            "everybody": came.sum(axis=0),
        },
        schema=EVENTS,
    )
    held_by = pl.DataFrame(
        {
            "customer_id": range(1, customers + 1),
            "customer": [f"Customer {n}" for n in range(customers)],
            "segment": ["SMB"] * customers,
            "region": ["EMEA"] * customers,
            "started_on": [date(2020, 1, 1)] * customers,
            "churned_on": [None] * customers,
            "arr": [1000.0] * customers,
            "currency": ["USD"] * customers,
        },
        schema=CUSTOMERS,
    )
    c, e = np.nonzero(came)
    seats = pl.DataFrame(
        {"customer_id": c + 1, "event_id": e + 1, "people": np.ones(len(c), int), "questions": 0},
        schema=dict.fromkeys(("customer_id", "event_id", "people", "questions"), pl.Int64),
    )
    return Known(events, held_by, seats)


PLACE = 25


def test_interval_covers_nothing_where_nothing_happened():
    rng = np.random.default_rng(20_264)
    found = [
        figures.lift_of(around(world(rng), [PLACE], TODAY), seed=n, draws=300) for n in range(200)
    ]
    covered = sum(one.low <= 0 <= one.high for one in found)  # type: ignore[operator]
    assert covered >= 0.92 * 200
    assert abs(np.mean([one.points for one in found])) < 0.01  # type: ignore[arg-type]


def test_lift_that_is_there_is_found():
    rng = np.random.default_rng(5)
    found = [
        figures.lift_of(around(world(rng, 300, 0.2), [PLACE], TODAY), draws=300) for _ in range(20)
    ]
    assert sum(one.low > 0 for one in found) >= 18  # type: ignore[operator]


def test_event_itself_is_left_out_of_its_outcome():
    known = world(np.random.default_rng(1))
    only = Known(known.events, known.customers, known.seats.filter(event_id=PLACE))
    rows = around(only, [PLACE], TODAY)
    assert rows["treated"].any()
    assert rows["before"].sum() == rows["after"].sum() == 0


def test_event_without_ninety_days_after_it_is_not_measured():
    known = world(np.random.default_rng(1))
    assert around(known, [36], TODAY).is_empty()
    assert around(known, [1], TODAY).is_empty()
    assert around(known, [PLACE], TODAY).height == 120


def test_customer_who_started_later_or_was_not_invited_is_no_comparison():
    known = world(np.random.default_rng(1))
    customers = known.customers.with_columns(
        started_on=pl.when(pl.col("customer_id") == 1)
        .then(date(2026, 3, 1))
        .otherwise("started_on"),
        segment=pl.when(pl.col("customer_id") == 2).then(pl.lit("Other")).otherwise("segment"),
    )
    events = known.events.with_columns(
        segments=pl.when(pl.col("event_id") == PLACE).then(pl.lit(["SMB"])).otherwise("segments")
    )
    rows = around(Known(events, customers, known.seats), [PLACE], TODAY)
    assert not set(rows["customer"].to_list()) & {1, 2}


def test_worth_has_no_figure_without_a_comparison_group():
    known = world(np.random.default_rng(1), customers=14, cost=500.0)
    (one,) = worth(known, [PLACE], lifts(known, [PLACE], TODAY).segments)
    assert one.low is one.middle is one.high is one.return_middle is None
    assert one.cost == pytest.approx(500.0)
    known = world(np.random.default_rng(1), customers=200, effect=0.3)
    (one,) = worth(known, [PLACE], lifts(known, [PLACE], TODAY).segments, share=0.5)
    assert one.middle == pytest.approx(one.arr * one.lift.relative * 0.5)  # type: ignore[operator]
    assert one.low < one.middle < one.high  # type: ignore[operator]
    assert one.return_middle is None


def test_who_enrolled_in_a_course_and_did_not_finish_counts_among_those_who_could(
    session: Session, known: Portfolio, now: datetime
):
    course = event(session, now - 3 * WEEK, "Admin 101", type="training", topic=None)
    seat(session, course, known.techcorp, known.maria, completed=True)
    seat(session, course, known.techcorp, known.tom, status=REGISTERED, completed=False)
    seat(session, course, known.datapro, known.ines, status=CANCELLED, completed=False)
    found = analysis.analysis(session, known.ada, now.date()).training
    assert (found.completed.hits, found.completed.of) == (2, 4), "two of them at the admin training"
    rows = analysis.rows_behind(
        session, known.ada, now.date(), filters=AnalysisFilters(), what="people"
    )
    told = rows["completed"].drop_nulls()
    assert (told.sum(), told.len()) == (2, 4)


def test_impact_of_an_event_waits_for_the_days_after_it(
    session: Session, known: Portfolio, now: datetime
):
    number = session.scalars(select(Event.id).where(Event.name == "Admin training")).one()
    held_on = session.get_one(Event, number).held_on
    found = analysis.impact(session, known.ada, number, now.date())
    assert (found.measured, found.measured_from) == (False, held_on + timedelta(days=91))
    assert [(one.cost, one.customers, one.middle) for one in found.worth] == [(300, 1, None)]
    for away in (-250, -130, -30, 30):
        event(session, now - 6 * WEEK + timedelta(days=away), f"Day {away}")
    for days, measured in ((90, False), (91, True)):
        at = held_on + timedelta(days=days)
        assert analysis.impact(session, known.ada, number, at).measured is measured
    with pytest.raises(NotFound):
        analysis.impact(session, known.ada, 999_999, now.date())


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    made = portfolio(session, now)
    first = event(session, now - WEEK)
    seat(session, first, made.techcorp, made.maria, questions=2)
    seat(session, first, made.techcorp, made.tom)
    seat(session, first, made.datapro, made.ines)
    second = event(
        session, now - 6 * WEEK, "Admin training", type="training", topic=None, cost=Decimal(300)
    )
    seat(session, second, made.techcorp, made.maria, completed=True, passed=True)
    seat(session, second, made.techcorp, made.tom, completed=False)
    return made


def test_drill_down_adds_up_to_the_figures(session: Session, known: Portfolio, now: datetime):
    found = analysis.analysis(session, known.ada, now.date())
    assert (found.events, found.seats, found.reach.hits, found.reach.of) == (2, 5, 2, 2)
    assert found.months["seats"].sum() == found.topics["seats"].sum() == found.seats
    assert found.months["events"].sum() == found.topics["events"].sum() == found.events
    assert dict(found.topics.select("topic", "questions").iter_rows()) == {
        "Automation": 2,
        "No topic": 0,
    }
    assert (found.training.completed.hits, found.training.completed.of) == (1, 2)
    assert (found.training.passed.hits, found.training.passed.of) == (1, 1)
    assert found.lift.points is None
    (one,) = (one for one in found.worth)
    assert one.cost == pytest.approx(300)
    alone = analysis.overview(session, known.ada, now.date())
    for figure in fields(alone):
        one, other = (getattr(each, figure.name) for each in (found, alone))
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other, figure.name


def test_rows_behind_each_figure_add_up_to_it(session: Session, known: Portfolio, now: datetime):
    event(session, now - 3 * WEEK, "Nobody came")
    wanted = AnalysisFilters(days=100)
    found = analysis.analysis(session, known.ada, now.date(), filters=wanted)
    seats, reach, people, again, arr = (
        analysis.rows_behind(session, known.ada, now.date(), filters=wanted, what=what)
        for what in ("seats", "reach", "people", "again", "worth")
    )
    by_month = seats.group_by(month=pl.col("held_on").dt.truncate("1mo")).agg(
        pl.col("event").n_unique(),
        pl.col("people").sum(),
        pl.col("customer").drop_nulls().n_unique(),
    )
    assert by_month.sort("month").rows() == found.months.rows()
    by_topic = seats.group_by("topic").agg(pl.col("people").sum(), pl.col("questions").sum())
    assert set(by_topic.rows()) == set(found.topics.select("topic", "seats", "questions").rows())
    assert (reach["reached"].sum(), reach.height) == (found.reach.hits, found.reach.of)
    assert again.height == found.training.customers
    assert people["completed"].drop_nulls().len() == found.training.completed.of
    assert people["completed"].sum() == found.training.completed.hits
    assert arr["arr"].sum() == sum(one.arr for one in found.worth)
    for what in (*analysis.ROWS_OF, "months", "topics", "by_segment"):
        if what != "follow_up":
            body = analysis.export(
                session, known.ada, now.date(), filters=wanted, what=what, form="xlsx"
            )
            assert body[:2] == b"PK", what


def test_amounts_in_several_currencies_are_never_added(
    session: Session, known: Portfolio, now: datetime
):
    session.execute(
        update(Customer).where(Customer.id == known.datapro).values(currency="EUR", arr=40_000)
    )
    shared = session.scalars(select(Event).where(Event.name == "API best practices")).one()
    shared.cost = Decimal(900)
    session.flush()
    lines = {one.currency: one for one in analysis.analysis(session, known.ada, now.date()).worth}
    assert {name: one.arr for name, one in lines.items()} == {"USD": 250_000, "EUR": 40_000}
    assert (lines["USD"].cost, lines["EUR"].cost) == (900, 300)
    assert {one.cost_currency for one in lines.values()} == {"EUR"}, "the first of equally many"
    (own,) = analysis.analysis(session, known.erik, now.date()).worth
    assert own.cost == 300, "the seats of others' customers have their part"


def test_rows_of_the_lift_are_those_it_was_made_of(
    session: Session, known: Portfolio, now: datetime
):
    wanted = AnalysisFilters(days=1000)
    rows = analysis.rows_behind(session, known.ada, now.date(), filters=wanted, what="lift")
    found = analysis.analysis(session, known.ada, now.date(), filters=wanted)
    assert rows.filter("came")["customer"].n_unique() == found.lift.treated
    with pytest.raises(BadInput):
        analysis.rows_behind(session, known.ada, now.date(), filters=wanted, what="passwords")


def test_csm_analyses_the_own_portfolio(session: Session, known: Portfolio, now: datetime):
    found = analysis.analysis(session, known.erik, now.date())
    assert (found.seats, found.reach.of) == (1, 1)
    assert analysis.choices(session, known.erik) == ([], ["training", "webinar"])


def test_filters_narrow_events_and_customers(session: Session, known: Portfolio, now: datetime):
    session.execute(update(Customer).where(Customer.id == known.datapro).values(segment="SMB"))
    one = analysis.analysis(
        session, known.ada, now.date(), filters=AnalysisFilters(type="training")
    )
    assert (one.events, one.seats) == (1, 2)
    two = analysis.analysis(session, known.ada, now.date(), filters=AnalysisFilters(segment="SMB"))
    assert (two.seats, two.reach.of) == (1, 1)
    assert (
        analysis.analysis(session, known.ada, now.date(), filters=AnalysisFilters(days=10)).events
        == 1
    )
    with pytest.raises(BadInput):
        analysis.analysis(session, known.ada, now.date(), filters=AnalysisFilters(days=0))


def test_rates_count_what_is_due_sent_and_answered(
    session: Session, known: Portfolio, now: datetime
):
    number = session.scalars(select(Event.id).where(Event.name == "API best practices")).one()
    run(within(session), [number], lambda: now)
    since = date(2026, 1, 1)
    assert analysis.rates(session, known.ada, now, since=since).customers.of == 0
    later = now + timedelta(days=4)
    first = analysis.rates(session, known.ada, later, since=since)
    assert (first.customers.hits, first.customers.of, first.events.of) == (0, 2, 1)
    session.execute(
        update(FollowUp)
        .where(FollowUp.customer_id == known.techcorp)
        .values(sent_at=now, replied_at=now)
    )
    soon = analysis.rates(session, known.ada, now + timedelta(hours=71), since=since)
    assert soon.customers.of == 0, "sent at once it waits for its 72 hours like the others"
    found = analysis.rates(session, known.ada, later, since=since)
    assert (found.events.hits, found.customers.hits, found.replies.hits) == (1, 1, 1)
    assert found.rows.height == 2
    assert analysis.rates(session, known.erik, later, since=since).customers.of == 1


def mixed(chance: np.random.Generator) -> Known:
    """Events of two types and for some segments only, customers of three segments and of none, who start
    and leave."""
    known = world(chance, 90)
    some = (
        ("SMB", date(2020, 1, 1)),
        ("Other", date(2020, 5, 1)),
        (None, None),
        ("Rare", date(2026, 1, 1)),
    )
    picked = [some[n] for n in chance.choice(4, 90, p=[0.5, 0.3, 0.15, 0.05])]
    customers = known.customers.with_columns(
        segment=pl.Series([one[0] for one in picked]), started_on=pl.Series([one[1] for one in picked]),
        churned_on=pl.when(pl.col("customer_id") % 9 == 0).then(date(2026, 8, 1)),
    )  # fmt: skip
    place = pl.col("event_id")
    events = known.events.with_columns(
        type=pl.when(place % 3 == 0).then(pl.lit("training")).otherwise(pl.lit("webinar")),
        segments=pl.when(place % 7 == 0).then(pl.lit(["SMB", "Rare"])),
    )
    return Known(events, customers, known.seats)


def test_lifts_added_up_event_by_event_are_those_of_all_rows(monkeypatch: pytest.MonkeyPatch):
    for module in (figures, walk):
        monkeypatch.setattr(module, "MANY", 0)
    known = mixed(np.random.default_rng(3))
    ids = known.events["event_id"].to_list()
    rows = around(known, ids, TODAY).with_columns(pl.col("segment").fill_null(NO_SEGMENT))
    kind = rows.join(known.events.select("event_id", "type"), on="event_id")
    found = lifts(known, ids, TODAY)
    assert found.measured == rows["event_id"].n_unique() > 10
    told = {
        "whole": (found.whole, rows), "training": (found.training, kind.filter(type="training")),
        **{name: (one, kind.filter(type=name)) for name, one in found.types.items()},
        **{name: (one, rows.filter(segment=name)) for name, one in found.segments.items()},
    }  # fmt: skip
    assert {"webinar", "SMB", "Other", "Rare", NO_SEGMENT} < set(told)
    for name, (one, some) in told.items():
        assert astuple(one) == pytest.approx(astuple(figures.lift_of(some))), name
    assert found.whole.low is not None
    assert found.segments[NO_SEGMENT].low is not None
    assert found.segments["Rare"].low is None, "too few"
    measured, alone = whole(known, ids, TODAY)
    assert (measured, astuple(alone)) == (found.measured, pytest.approx(astuple(found.whole)))
    monkeypatch.undo()
    few = lifts(known, ids, TODAY)
    assert whole(known, ids, TODAY) == (few.measured, few.whole)
    assert few.segments["SMB"].points == pytest.approx(found.segments["SMB"].points)
    assert few.types["training"] == few.training


def test_shares_around_an_event_are_those_that_one_counts_row_by_row():
    known = mixed(np.random.default_rng(9))
    seen = set(known.seats.select("customer_id", "event_id").iter_rows())
    rows = around(known, [PLACE], TODAY)
    day = known.events.row(PLACE - 1, named=True)["held_on"]
    by_hand = {
        who["customer_id"]: sides
        for who in known.customers.iter_rows(named=True)
        if (sides := _sides(known.events, who, day, seen)) is not None
    }
    found = {
        who: (was, then)
        for who, was, then in rows.select("customer", "before", "after").iter_rows()
    }
    assert found == {who: pytest.approx(sides) for who, sides in by_hand.items()}
    assert 40 < len(found) < 90
    came = {who for who, event_id in seen if event_id == PLACE}
    assert set(rows.filter("treated")["customer"]) == came & set(found)


def _sides(
    events: pl.DataFrame, who: dict[str, Any], day: date, seen: set[tuple[int, int]]
) -> tuple[float, float] | None:
    shares = []
    for first, last in ((-270, -181), (-180, -91), (-90, -1), (1, 90)):
        start, end = day + timedelta(days=first), day + timedelta(days=last)
        offered = [
            (who["customer_id"], one["event_id"])
            for one in events.iter_rows(named=True)
            if start <= one["held_on"] <= end
            and (not one["segments"] or who["segment"] in one["segments"])
        ]
        shares.append(sum(pair in seen for pair in offered) / len(offered) if offered else None)
    late = who["started_on"] and who["started_on"] > day - timedelta(days=270)
    left = who["churned_on"] and who["churned_on"] <= day + timedelta(days=90)
    if late or left or None in shares:
        return None
    return sum(shares[:3]) / 3, shares[3]


def test_strata_are_those_that_one_finds_row_by_row():
    chance = np.random.default_rng(4)
    group, came = chance.integers(0, 8, 40), chance.random(40) < 0.2
    sides: dict[int, set[bool]] = {}
    for one, side in zip(group, came, strict=True):
        sides.setdefault(int(one), set()).add(bool(side))
    by_hand = [int(one) if len(sides[int(one)]) == 2 else 8 for one in group]
    assert strata(group, came, 8).tolist() == by_hand
    assert 2 < len(set(by_hand)) < 9


def test_line_of_each_event_is_that_of_its_own_page(
    session: Session, known: Portfolio, now: datetime
):
    rows = analysis.worth_by_event(session, known.ada, now.date(), filters=AnalysisFilters())
    assert rows.height > 0
    for row in rows.iter_rows(named=True):
        own = analysis.impact(session, known.ada, row["event_id"], now.date())
        mine = [one for one in own.worth if one.currency == row["currency"]]
        assert sum(one.customers for one in mine) == row["customers"]
        assert sum(one.arr for one in mine) == pytest.approx(row["arr"])
        assert sum(one.cost or 0 for one in mine) == pytest.approx(row["cost"] or 0)
        assert own.lift.relative == row["relative"]
