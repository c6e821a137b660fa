"""Support tickets before and after trainings: by hand, in a world where nothing happens, and on rows on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sqlalchemy.orm import Session

from data.tables import Customer, EventSession, Ticket, TicketRequester
from services.attendance import analysis
from services.attendance.analysis import AnalysisFilters
from services.attendance.analysis.loading import CUSTOMERS, EVENTS, Known
from services.attendance.analysis.ticket_change import (
    TicketChange,
    change_of,
    drawn,
    from_draws,
    from_spread,
    total,
)
from services.attendance.analysis.tickets import around_trainings, effect_of, tallies
from services.attendance.analysis.trained import (
    ON_TOPIC,
    TICKETS,
    Desk,
    key_of,
    on_topic,
    topics_in,
)
from tests.services.attendance.world import event, seat
from tests.support.portfolio import Portfolio, portfolio

TODAY = date(2026, 11, 21)
DAY = TODAY - timedelta(days=120)
KEY = key_of(["API"])


def world(came: dict[int, list[date]], customers: int) -> Known:
    """Trainings on the API on the days that anybody came."""
    days = sorted({day for one in came.values() for day in one})
    events = pl.DataFrame(
        [
            {"event_id": n + 1, "name": f"Training {n}", "type": "training", "topic": "API", "held_on": day}
            for n, day in enumerate(days)
        ]
    ).with_columns(pl.lit(None).cast(kind).alias(name) for name, kind in EVENTS.items() if name not in
        ("event_id", "name", "type", "topic", "held_on"))  # fmt: skip
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
    seats = [(who, days.index(day) + 1, 1, 0) for who, all_of in came.items() for day in all_of]
    names = ("customer_id", "event_id", "people", "questions")
    return Known(
        events.select(pl.col(name).cast(kind) for name, kind in EVENTS.items()),
        held_by,
        pl.DataFrame(seats, schema=dict.fromkeys(names, pl.Int64), orient="row"),
    )


def support(tickets: Sequence[tuple[int, date]]) -> Desk:
    rows = [(n, who, str(n), "API", None, None, day, KEY) for n, (who, day) in enumerate(tickets)]
    found = pl.DataFrame(rows, schema=ON_TOPIC, orient="row")
    return Desk(found, TODAY - timedelta(days=900), TODAY)


def asked(known: Known) -> pl.DataFrame:
    return known.events.select(
        "event_id", "held_on", "topic", event="name", key=pl.lit(KEY), asked=pl.lit(value=True)
    )


def rows_of(known: Known, desk: Desk) -> pl.DataFrame:
    return around_trainings(known, asked(known), desk, TODAY)


def found_in(known: Known, desk: Desk, *, seed: int = 1, draws: int = 200) -> TicketChange:
    topics = tallies(known, asked(known), desk, TODAY)
    whole = total((tally for _, tally in topics), known.customers.height)
    return change_of("API", whole, seed=seed, draws=draws)


def before(days: int) -> date:
    return DAY - timedelta(days=days)


def test_expected_is_the_change_of_those_who_did_not_come():
    """Ten came: 2 tickets each before, 1 after. Ten did not: 1 before, 2 after, twice as many. So 4 each were to
    be expected: 3 fewer, three quarters. Those of the day itself and of 91 days away do not count."""
    came = {who: [DAY] for who in range(1, 11)}
    tickets = [(who, before(days)) for who in came for days in (90, 1, -90, 0, 91, -91)]
    tickets += [(who, before(days)) for who in range(11, 21) for days in (40, -1, -50)]
    found = found_in(world(came, 20), support(tickets))
    assert (found.trainings, found.tickets, found.came, found.others) == (1, 60, 10, 10)
    assert (found.came_before, found.came_after) == (2, 1)
    assert (found.others_before, found.others_after) == (1, 2)
    assert (found.points, found.relative) == (-3, -0.75)
    assert found.relative_low == found.relative_high == -0.75, "all of a side are alike"


def test_those_who_did_not_come_weigh_as_many_as_came_in_their_segment():
    """Of SMB 8 came and 2 did not, of others 2 and 8. The SMB that stayed away had their tickets halved, the others
    theirs doubled: weighed 8 to 2, 20 before become 8 x 1 + 2 x 4 = 16."""
    came = {who: [DAY] for who in (*range(1, 9), 11, 12)}
    known = world(came, 20)
    segment = pl.when(pl.col("customer_id") <= 10).then(pl.lit("SMB")).otherwise(pl.lit("Other"))
    known = Known(known.events, known.customers.with_columns(segment=segment), known.seats)
    tickets = [(who, before(days)) for who in came for days in (1, 2, -1, -2)]
    tickets += [(who, before(days)) for who in (9, 10) for days in (1, 2, -1)]
    tickets += [(who, before(days)) for who in range(13, 21) for days in (1, 2, -1, -2, -3, -4)]
    found = found_in(known, support(tickets))
    assert (found.others_before, found.others_after) == (2, 1.6)
    assert found.relative == pytest.approx(2 / 1.6 - 1)


def test_figure_needs_customers_and_tickets_on_both_sides():
    tickets = [(who, before(away)) for who in range(1, 21) for away in (10, -10)]
    for coming, some in ((7, tickets), (10, tickets[:34]), (10, tickets[6:]), (13, tickets)):
        known = world({who: [DAY] for who in range(1, coming + 1)}, 20)
        assert found_in(known, support(some)).points is None
    known = world({who: [DAY] for who in range(1, 11)}, 20)
    assert found_in(known, support(tickets[4:36])).points == 0
    none_after = [one for one in tickets if one[1] < DAY or one[0] <= 10]
    assert found_in(known, support(none_after)).points is None


def test_who_was_trained_in_it_before_or_soon_after_is_no_comparison():
    """Customer 1 came to both: counts for the first. Customer 2 came to the second alone: is no comparison for
    the first, and with customer 1 left out of the second counts there."""
    later = DAY + timedelta(days=20)
    known = world({1: [DAY, later], 2: [later], 3: [DAY]}, 6)
    rows = rows_of(known, support([]))
    sides = {
        number: {
            came: set(rows.filter(event_id=number, treated=came)["customer"].to_list())
            for came in (True, False)
        }
        for number in (1, 2)
    }
    assert sides == {
        1: {True: {1, 3}, False: {4, 5, 6}},
        2: {True: {2}, False: {4, 5, 6}},
    }


def test_training_is_measured_only_where_tickets_are_on_record_all_the_time():
    known = world({1: [DAY]}, 4)
    desk = support([])
    for first, last in (
        (before(90), before(-90)), (before(89), TODAY), (before(400), before(-89)), (None, None),
    ):  # fmt: skip
        rows = rows_of(known, Desk(desk.tickets, first, last))
        assert rows.height == (4 if (first, last) == (before(90), before(-90)) else 0)
    late = world({1: [TODAY - timedelta(days=90)]}, 4)
    assert rows_of(late, desk).is_empty()


def test_interval_covers_nothing_where_trainings_do_nothing():
    """Customers who ask more come more often, and tickets become more for everybody."""
    rng, covered, found = np.random.default_rng(20_264), 0, []
    for n in range(80):
        known, desk = _nothing_happens(rng)
        one = found_in(known, desk, seed=n)
        covered += one.low <= 0 <= one.high  # type: ignore[operator]
        found.append(one.points)
    assert covered >= 0.9 * 80
    assert abs(np.mean(found)) < 0.15, "tickets per customer, of about 2.5"


def test_spread_between_customers_gives_the_interval_that_drawing_them_does():
    known, desk = _nothing_happens(np.random.default_rng(8), 900)
    sums = _sums(rows_of(known, desk))
    by_draws = from_draws(drawn(sums, np.random.default_rng(1), 2_000))
    assert from_spread(sums) == pytest.approx(by_draws, abs=0.1 * (by_draws[3] - by_draws[2]))


def _sums(rows: pl.DataFrame) -> np.ndarray:
    """As a Tally has them, from the rows."""
    came, stayed = pl.col("treated"), pl.col("weight") * (~pl.col("treated")).cast(pl.Float64)
    return (
        rows.group_by("customer", maintain_order=True)
        .agg(
            seats=came.sum().cast(pl.Float64),
            before=pl.col("before").filter(came).sum().cast(pl.Float64),
            after=pl.col("after").filter(came).sum().cast(pl.Float64),
            others_before=(pl.col("before") * stayed).sum(),
            others_after=(pl.col("after") * stayed).sum(),
        )
        .sort("customer")
        .drop("customer")
        .to_numpy()
    )


def _busy(rng: np.random.Generator) -> tuple[Known, pl.DataFrame, Desk]:
    """Trainings on two topics a fortnight apart, for some segments only, of customers that start and leave;
    tickets on either."""
    many = 60
    came = {
        who: [before(14 * n - 90) for n in np.flatnonzero(rng.random(12) < 0.25).tolist()]
        for who in range(1, many + 1)
    }
    known = world(came, many)
    segment = pl.Series([("SMB", "Other", None)[n] for n in rng.integers(0, 3, many)])
    customers = known.customers.with_columns(
        segment=segment,
        started_on=pl.when(pl.col("customer_id") % 3 == 0).then(date(2020, 5, 1)).otherwise("started_on"),
        churned_on=pl.when(pl.col("customer_id") % 11 == 0).then(DAY),
    )  # fmt: skip
    odd = pl.col("event_id") % 2 == 1
    events = known.events.with_columns(
        segments=pl.when(pl.col("event_id") % 5 == 0).then(pl.lit(["SMB"]))
    )
    known = Known(events, customers, known.seats)
    keys = (KEY, key_of(["API", "Security"]), key_of(["Billing"]))
    key = pl.when(odd).then(pl.lit(keys[0])).when(pl.col("event_id") % 4 == 0).then(pl.lit(keys[1]))
    trainings = asked(known).with_columns(
        key=key.otherwise(pl.lit(keys[2])), asked=pl.col("event_id") != 3
    )
    rows = [
        (
            n,
            int(rng.integers(1, many + 1)),
            str(n),
            "",
            None,
            None,
            before(int(rng.integers(-200, 200))),
            keys[n % 3],
        )
        for n in range(900)
    ]
    return (
        known,
        trainings,
        Desk(pl.DataFrame(rows, schema=ON_TOPIC, orient="row"), TODAY - timedelta(days=900), TODAY),
    )


def _compared(
    known: Known, trainings: pl.DataFrame, desk: Desk
) -> dict[tuple[int, int], tuple[bool, int, int, float]]:
    """By event and customer, one at a time: whether it came, its tickets before and after, its weight."""
    seen = set(known.seats.select("event_id", "customer_id").iter_rows())
    window, found = timedelta(days=90), {}
    about = {one["event_id"]: one for one in trainings.iter_rows(named=True)}
    for event_id, one in about.items():
        day, audience = one["held_on"], known.events.row(event_id - 1, named=True)["segments"]
        if not one["asked"] or day + window >= TODAY:
            continue
        alike = [
            other["event_id"]
            for other in about.values()
            if other["event_id"] != event_id
            and abs(other["held_on"] - day) <= window
            and topics_in(other["key"]) & topics_in(one["key"])
        ]
        strata: dict[object, list[tuple[int, bool, int, int]]] = {}
        for who in known.customers.iter_rows(named=True):
            number, came = who["customer_id"], (event_id, who["customer_id"]) in seen
            others = [other for other in alike if (other, number) in seen]
            if (
                (audience and who["segment"] not in audience)
                or (who["churned_on"] and who["churned_on"] <= day + window)
                or any(about[other]["held_on"] < day for other in others)
                or (others and not came)
            ):
                continue
            days = [
                (opened - day).days
                for whose, opened, key in desk.tickets.select(
                    "customer_id", "opened_on", "key"
                ).iter_rows()
                if whose == number and key == one["key"]
            ]
            side = (number, came, sum(-90 <= n < 0 for n in days), sum(0 < n <= 90 for n in days))
            strata.setdefault((who["segment"], who["started_on"]), []).append(side)
        alone = [name for name, sides in strata.items() if len({side[1] for side in sides}) == 1]
        rest = [side for name in alone for side in strata.pop(name)]
        for sides in [*strata.values(), rest]:
            come = sum(side[1] for side in sides)
            if 0 < come < len(sides):
                for number, came, early, late in sides:
                    weight = 1.0 if came else come / (len(sides) - come)
                    found[event_id, number] = (came, early, late, weight)
    return found


def test_rows_and_sums_are_those_that_one_finds_customer_by_customer():
    known, trainings, desk = _busy(np.random.default_rng(6))
    rows = around_trainings(known, trainings, desk, TODAY)
    by_hand = _compared(known, trainings, desk)
    told = rows.select("event_id", "customer", "treated", "before", "after", "weight").iter_rows()
    assert {row[:2]: row[2:] for row in told} == {
        pair: pytest.approx(one) for pair, one in by_hand.items()
    }
    assert rows["event_id"].n_unique() > 4
    assert rows["weight"].n_unique() > 3
    effect = effect_of(known, trainings, desk, TODAY)
    assert effect.trainings == trainings["asked"].sum()
    whole, sums = effect.whole, _sums(rows).sum(axis=0)
    assert (whole.came_before, whole.came_after) == pytest.approx(tuple(sums[1:3] / sums[0]))
    assert (whole.others_before, whole.others_after) == pytest.approx(tuple(sums[3:] / sums[0]))
    assert whole.tickets == int(rows["before"].sum()) + int(rows["after"].sum())
    sides = [rows.filter(treated=side)["customer"].n_unique() for side in (True, False)]
    assert [whole.came, whole.others] == sides
    assert whole.trainings == rows["event_id"].n_unique()
    assert sum(one.trainings for one in effect.topics) == effect.whole.trainings
    assert [one.trainings for one in effect.topics] == sorted(
        rows.group_by("key").agg(pl.col("event_id").n_unique())["event_id"], reverse=True
    )


def _nothing_happens(rng: np.random.Generator, many: int = 120) -> tuple[Known, Desk]:
    rate = rng.gamma(2, 0.8, many)
    keen = rng.random(many) < rate / (rate + 2)
    when = rng.integers(0, 90, (2, 10 * many))
    asked = [rng.poisson(rate), rng.poisson(rate * 1.2)]
    tickets = [
        (int(who) + 1, before(90 - int(when[side, n])) if side == 0 else before(-1 - int(when[side, n])))
        for side in (0, 1)
        for n, who in enumerate(np.repeat(np.arange(many), asked[side]))
    ]  # fmt: skip
    known = world({int(who) + 1: [DAY] for who in np.flatnonzero(keen)}, many)
    return known, support(tickets)


def test_fewer_tickets_after_a_training_are_found():
    rng, found = np.random.default_rng(3), 0
    for _ in range(10):
        known, desk = _nothing_happens(rng)
        trained = known.seats["customer_id"].implode()
        spared = pl.col("customer_id").is_in(trained) & (pl.col("opened_on") > DAY)
        some = pl.Series(rng.random(desk.tickets.height) < 0.6)
        kept = Desk(desk.tickets.filter(~(spared & some)), desk.first, desk.last)
        found += found_in(known, kept).relative_high < 0  # type: ignore[operator]
    assert found >= 9


@pytest.mark.parametrize(
    ("subject", "area", "tags", "is_it"),
    [
        ("Automation of a workflow fails", None, None, True),
        ("Workflows do not run", None, None, False),
        ("It does not run", "Workflow Automations", None, True),
        ("It does not run", "Automation", None, True),
        ("It does not run", "Automation Billing", None, False),
        ("It does not run", "", "urgent\nworkflow_automation", True),
        ("Where is my invoice?", "Billing", "money", False),
    ],
)
def test_ticket_is_on_a_topic_when_its_words_say_it_whole(
    subject: str, area: str | None, tags: str | None, is_it: bool
):
    row = (1, 1, "1", subject, area, tags, DAY)
    found = on_topic(
        pl.DataFrame([row], schema=TICKETS, orient="row"), [key_of(["Workflow automation"]), ""]
    )
    assert found.height == is_it


def test_topics_are_the_same_however_they_are_written():
    assert key_of(["APIs, Security"]) == key_of(["security", "APIs"]) != key_of(["APIs"])
    assert topics_in(key_of(["Training of the team"])) == set()


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    """A training on the API 120 days ago: TechCorp came and had 7 tickets before and 2 after, DataPro did
    not and had 2 and 3; besides, what does not count."""
    made = portfolio(session, now)
    held = now - timedelta(days=120)
    number = event(session, held, "API training", type="training", topic="API")
    session.add(EventSession(event_id=number, title="Webhooks", topics=["Webhooks"], position=1))
    seat(session, number, made.techcorp, made.maria, completed=True)
    unsure = TicketRequester(
        person_key="x", customer_id=made.datapro, band="review", confidence=0.5, evidence="name"
    )
    session.add(unsure)
    session.flush()
    counts = ((made.techcorp, 7, 2), (made.datapro, 2, 3))
    days = [
        (who, side * (n + 1) * 10)
        for who, early, late in counts
        for side, many in ((-1, early), (1, late))
        for n in range(many)
    ]
    for n, (who, away) in enumerate(days):
        about = ("API", None) if n % 2 else (None, "Webhooks fail")
        _ticket(session, str(n), who, held + timedelta(days=away), *about)
    _ticket(session, "first", None, held - timedelta(days=200))
    _ticket(session, "last", made.datapro, now - timedelta(days=1), "API")
    _ticket(session, "other", made.datapro, held + timedelta(days=3), "Billing")
    _ticket(session, "gone", made.datapro, held + timedelta(days=3), "API", state="deleted")
    _ticket(session, "unsure", made.datapro, held, "API", requester_id=unsure.id)
    _ticket(session, "same day", made.datapro, held, "API")
    return made


def _ticket(
    session: Session,
    number: str,
    customer_id: int | None,
    at: datetime,
    area: str | None = None,
    subject: str | None = None,
    **more: object,
) -> None:
    session.add(
        Ticket(
            desk="test", number=number, number_key=number, subject=subject or "Help",
            area=area, customer_id=customer_id, opened_at=at, updated_at=at, created_at=at,
            source="file", **{"state": "solved", **more},
        )
    )  # fmt: skip
    session.flush()


def test_rows_and_tickets_behind_the_figure_add_up_to_it(
    session: Session, known: Portfolio, now: datetime
):
    wanted, today = AnalysisFilters(), now.date()
    found = analysis.with_tickets(session, known.ada, today, filters=wanted)[1]
    assert (found.trainings, found.whole.trainings, found.whole.tickets) == (1, 1, 14)
    whole = found.whole
    assert (whole.came_before, whole.came_after) == (7, 2)
    assert (whole.others_before, whole.others_after, whole.points) == (2, 3, None)
    assert [(one.topic, one.tickets) for one in found.topics] == [("API", 14)]
    rows, tickets = (
        analysis.rows_behind(session, known.ada, today, filters=wanted, what=what)
        for what in ("support", "tickets")
    )
    assert set(rows.select("customer", "came", "before", "after").rows()) == {
        ("TechCorp", True, 7, 2),
        ("DataPro", False, 2, 3),
    }
    counted = tickets.group_by("customer", "came", "period").len()
    assert set(counted.rows()) == {
        ("TechCorp", True, "before", 7),
        ("TechCorp", True, "after", 2),
        ("DataPro", False, "before", 2),
        ("DataPro", False, "after", 3),
    }


def test_csm_has_no_ticket_of_others_customers(session: Session, known: Portfolio, now: datetime):
    wanted, today = AnalysisFilters(), now.date()
    own = analysis.with_tickets(session, known.dana, today, filters=wanted)[1]
    assert (own.trainings, own.whole.trainings, own.whole.tickets) == (1, 0, 0)
    rows = analysis.rows_behind(session, known.dana, today, filters=wanted, what="tickets")
    assert rows.is_empty(), "nobody to compare with"
    session.get_one(Customer, known.datapro).csm_id = known.dana.person_id
    session.flush()
    both = analysis.with_tickets(session, known.dana, today, filters=wanted)[1]
    assert both.whole.tickets == 14
