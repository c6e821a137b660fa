"""Features, weights, lists, caps and reasons, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fit.world import simulate
from services.invitations.catalogue import SessionPlan
from services.invitations.fit.caps import APART, INVITED, TOO_MANY, TOO_SOON, capped
from services.invitations.fit.dismissals import DISMISSED, marks
from services.invitations.fit.ground import CUSTOMERS, EVENTS, Ground
from services.invitations.fit.history import NAMES, History
from services.invitations.fit.learning import Offers, refit, walk
from services.invitations.fit.listing import BY_LOT, HOLDOUT, RECOMMENDED, choose, held_out, lots
from services.invitations.fit.model import HAND, Model, fitted
from services.invitations.fit.reasons import Reasoner
from services.invitations.fit.record import Record
from services.invitations.inviting.picks import picks
from services.invitations.inviting.records import House

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AUSTIN, BERLIN = (30.27, -97.74), (52.52, 13.40)


def _customers(*rows: Mapping[str, object]) -> pl.DataFrame:
    empty = {"interests": [], "challenges": [], "goals": []}
    found = [empty | {"customer_id": n} | dict(row) for n, row in enumerate(rows, 1)]
    return pl.DataFrame(found, schema=CUSTOMERS)


def _events(*rows: Mapping[str, object]) -> pl.DataFrame:
    usual = {"type": "webinar", "topics": [], "themes": [], "in_person": False, "virtual": True}
    found = [
        usual
        | {"event_id": n, "starts_at": NOON + timedelta(days=n), "held_on": NOON.date()}
        | dict(row)
        for n, row in enumerate(rows, 1)
    ]
    return pl.DataFrame(found, schema=EVENTS)


def _world() -> tuple[Ground, History]:
    """Two customers alike but for the second's place; one past event on Analytics that both came to."""
    same = {"industry": "Software", "interests": ["Analytics"]}
    customers = _customers(
        same | {"latitude": AUSTIN[0], "longitude": AUSTIN[1], "city": "Austin"},
        same | {"latitude": BERLIN[0], "longitude": BERLIN[1], "city": "Berlin"},
    )
    here = {"latitude": AUSTIN[0], "longitude": AUSTIN[1], "city": "Austin"}
    about = {"topics": ["Analytics"], "themes": ["Analytics"]}
    events = _events(
        about,
        about | here | {"in_person": True, "virtual": False},
        about | here | {"virtual": True},
    )
    ground = Ground(customers, events)
    history = History(ground)
    history.add(0, np.array([True, True]), np.array([True, True]))
    return ground, history


def _seen(name: str, features: np.ndarray) -> np.ndarray:
    return features[:, NAMES.index(name)]


def test_an_event_far_away_is_never_above_an_equal_virtual_one() -> None:
    _, history = _world()
    there, virtual = history.features(1), history.features(2)
    assert _seen("distance", there)[0] > _seen("distance", there)[1] == -1
    assert (_seen("distance", virtual) == 0).all()
    for model in (Model(), fitted(np.abs(there), np.array([False, True]))):
        assert model.scores(there)[1] <= model.scores(virtual)[1]
    assert Model().scores(there)[1] < Model().scores(virtual)[1]


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_no_weight_is_ever_below_zero(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 2, (rows, len(NAMES)))
    made = fitted(features, rng.random(rows) < 0.4)
    assert min(made.weights) >= 0
    assert made.intercept is not None
    assert np.isfinite(made.intercept)
    assert np.isfinite(np.array(made.covariance)).all()


def test_weights_stay_near_the_prior_without_data_and_follow_the_data_with_much() -> None:
    rng = np.random.default_rng(3)
    little = fitted(rng.normal(0, 0.3, (5, 10)), np.array([True, False, False, True, False]))
    assert np.allclose(little.weights, 0.6 * np.array(HAND), atol=0.15)
    features = rng.normal(size=(20_000, 10))
    truth = np.array([0.2, 1.4, 0.0, 0.3, 0.9, 0.1, 0.5, 0.2, 0.8, 0.0])
    came = rng.random(20_000) < 1 / (1 + np.exp(-(features @ truth - 1)))
    assert np.allclose(fitted(features, came).weights, truth, atol=0.08)


def test_a_fit_that_foretells_the_last_event_worse_is_not_kept() -> None:
    rng = np.random.default_rng(1)
    truth = Model(weights=(2.0,) * 10, intercept=-1.0)

    def offers(event: int, *, upside_down: bool = False) -> Offers:
        features = rng.normal(size=(400, 10))
        chance = truth.chances(truth.scores(features), 0.3)
        came = rng.random(400) < (1 - chance if upside_down else chance)
        return Offers(event, features, came, 0.3)

    misleading = [*(offers(n, upside_down=True) for n in range(5)), offers(5)]
    found = refit(misleading, truth)
    assert not found.kept
    assert found.why
    assert found.loss_after is not None
    assert found.loss_before is not None
    assert found.loss_after > found.loss_before
    honest = refit([offers(n) for n in range(6)], Model())
    assert honest.kept
    assert sum(one.rows for one in honest.calibration) == 400 * 5
    few = refit([offers(0)], Model())
    assert (few.kept, few.events) == (False, 1)
    assert (few.why or "").startswith("Too little to learn from: 400 offers of 1 event")


def test_what_was_seen_before_an_event_never_holds_the_event_itself() -> None:
    world = simulate(9, customers=60, events_a_year=6)
    ground = Ground(world.customers, world.events)
    came = [(c + 1, e + 1) for e in range(12) for c in np.flatnonzero(world.would[e])]
    pairs = pl.DataFrame(came, schema=["customer_id", "event_id"], orient="row")
    without = pairs.filter(pl.col("event_id") < 7)
    empty = pairs.clear()
    whole, _ = walk(ground, Record(ground, pairs, empty), range(7))
    cut, _ = walk(ground, Record(ground, without, empty), range(7))
    assert (whole[-1].features == cut[-1].features).all()


def test_five_dismissals_lower_the_topic_for_that_customer_and_leave_the_others() -> None:
    world = simulate(4, customers=120)
    ground = Ground(world.customers, world.events)
    history = History(ground)
    for event in range(18):
        history.add(event, ground.eligible(event), world.would[event])
    topic = world.events["topics"][20][0]
    on = [e for e in range(18, 36) if topic in world.events["topics"][e].to_list()]
    off = [e for e in range(18, 36) if e not in on]
    before = {e: Model().scores(history.features(e)) for e in (*on, *off)}
    last = before
    for times in range(1, 6):
        rows = pl.DataFrame([(7, topic.upper())] * times, schema=DISMISSED, orient="row")
        after = {e: before[e] - marks(ground, e, rows) for e in before}
        assert all(after[e][6] < last[e][6] for e in on)
        assert all((after[e] == before[e]).all() for e in off)
        others = np.arange(120) != 6
        assert all((after[e][others] == before[e][others]).all() for e in before)
        last = after


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(5, 80), st.integers(60, 200))
def test_a_list_keeps_its_shares(seed: int, size: int, customers: int) -> None:
    rng = np.random.default_rng(seed)
    ids = np.arange(1, customers + 1)
    industry = pl.Series(rng.choice(["A", "B", "C"], customers, p=(0.8, 0.1, 0.1)))
    free, held = rng.random(customers) < 0.9, held_out(ids)
    scores = rng.normal(size=customers)
    found = choose(scores, free, held, industry, lots(ids, seed), size)
    on = np.isin(found.arm, (RECOMMENDED, BY_LOT))
    assert on.sum() <= min(size, (free & ~held).sum())
    assert not (on & (held | ~free)).any()
    most = max(1, int(0.4 * min(size, (free & ~held).sum())))
    assert max(industry.filter(pl.Series(on)).value_counts()["count"].to_list()) <= most
    assert (found.arm == BY_LOT).sum() <= round(0.1 * size)
    assert (found.propensity[found.arm == RECOMMENDED] == 1).all()
    assert (found.propensity[found.arm == BY_LOT] > 0).all()
    assert not (~held & (found.arm == HOLDOUT)).any()
    again = choose(scores, free, held, industry, lots(ids, seed), size)
    assert (again.arm == found.arm).all()


def test_about_one_in_ten_customers_is_held_out_for_good() -> None:
    ids = np.arange(1, 20_001)
    held = held_out(ids)
    assert 0.09 < held.mean() < 0.11
    assert (held_out(ids[::-1])[::-1] == held).all()
    assert held_out(ids[:5]).tolist() == held[:5].tolist()


@settings(max_examples=120)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(-400, 400)), max_size=6),
    st.integers(0, 9),
    st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo"]),
)
def test_nobody_is_invited_more_often_than_the_caps_allow(
    earlier: list[tuple[int, int]], event: int, zone: str
) -> None:
    order = list(range(100, 110))
    # 29 March: the night in which European clocks change, just before midnight of one zone or another
    at = datetime(2026, 3, 28, 23, 59, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    rows = [(1, order[e], at + timedelta(hours=h)) for e, h in dict(earlier).items() if e != event]
    invited = pl.DataFrame(rows, schema=INVITED, orient="row")
    found = capped(invited, order, order[event], at)
    places = {e for e, _ in earlier if e != event} | {event}
    too_many = any(
        event in range(first, first + 4) and len(places & set(range(first, first + 4))) > 2
        for first in range(-3, 10)
    )
    too_soon = any(abs(when - at) < timedelta(days=7) for _, _, when in rows)
    assert (found.height == 1) == (too_many or too_soon)
    if found.height:
        assert found["code"][0] == (TOO_SOON if too_soon else TOO_MANY)


def test_seven_days_to_the_second_are_enough() -> None:
    rows = [(1, 100, NOON), (2, 100, NOON + timedelta(seconds=1))]
    invited = pl.DataFrame(rows, schema=INVITED, orient="row")
    assert capped(invited, [100, 101], 101, NOON + APART)["stakeholder_id"].to_list() == [2]


def test_reasons_name_what_lifts_a_customer_and_nothing_that_is_not_so() -> None:
    about = {"topics": ["Analytics"], "themes": ["Analytics", "Scaling success with agents"]}
    customers = _customers(
        {"interests": ["Analytics"], "goals": ["Scaling operations"], "industry": "Software"},
        {"interests": ["Security"], "industry": "Retail"},
        {},
    )
    events = _events(about, about, {"topics": ["Security"]}, about | {"industries": ["software"]})
    ground = Ground(customers, events)
    history = History(ground)
    everybody = np.ones(3, np.bool_)
    for event, came in ((0, [1, 0, 0]), (1, [1, 1, 0]), (2, [0, 1, 0])):
        history.add(event, everybody, np.array(came, np.bool_))
    features = history.features(3)
    reasoner = Reasoner(ground, history, Model(), 3)
    first, second, third = (reasoner.reasons(n, features, features.mean(axis=0)) for n in range(3))
    assert {one.feature: one.sentence for one in first} == {
        "topic": "Came to 2 of 2 events on Analytics",
        "interest": "Interested in Analytics",
        "rate": "Came to 2 of 3 events they could have come to",
    }
    assert [one.lift for one in first] == sorted((one.lift for one in first), reverse=True)
    assert not {"interest", "challenge", "industry"} & {one.feature for one in second}
    assert third == ()


@pytest.mark.parametrize(
    ("invited", "offered"),
    [([1], [True, True, True]), ([1, 2], [True, True, False]), ([], [True, True, True])],
)
def test_an_event_was_offered_to_those_invited_where_that_explains_who_came(
    invited: list[int], offered: list[bool]
) -> None:
    ground = Ground(_customers({}, {}, {}), _events({}))
    came = pl.DataFrame({"customer_id": [1, 2, 2], "event_id": [1, 1, 1]})
    if len(invited) == 1:
        came = pl.DataFrame({"customer_id": [2, 3, 99], "event_id": [1, 1, 1]})
    asked = pl.DataFrame(
        {"customer_id": invited, "event_id": [1] * len(invited)}, schema=came.schema
    )
    found, seen = Record(ground, came, asked).of(0)
    assert found.tolist() == offered
    assert seen.sum() == 2


@pytest.mark.parametrize(
    ("said", "session", "why"),
    [
        ({"goals": ("Train every team lead",)}, SessionPlan("Customer Success Leaders"), ""),
        ({"goals": ("Train every team lead",)}, SessionPlan("AI", description="Leading teams"), ""),
        (
            {"goals": ("Automate renewal reminders",)},
            SessionPlan("AI", description="Automating"),
            "",
        ),
        (
            {"goals": ("Automate renewal reminders",)},
            SessionPlan("AI", description="Reminders before renewals"),
            "fits your goal “Automate renewal reminders”",
        ),
        (
            {"goals": ("Report from one dashboard",)},
            SessionPlan("Opening", topics=("Dashboards",)),
            "fits your goal “Report from one dashboard”",
        ),
        ({"interests": ("Revenue forecasting",)}, SessionPlan("Revenue at risk"), ""),
        ({"interests": ("Analytics",)}, SessionPlan("AI", description="No analytics"), ""),
        (
            {"interests": ("AI adoption",)},
            SessionPlan("Opening", topics=("AI",)),
            "is about AI adoption, a topic of yours",
        ),
        ({"industry": "Financial services"}, SessionPlan("Services at scale"), ""),
    ],
)
def test_a_session_is_said_to_fit_only_where_more_than_a_word_speaks_for_it(
    said: dict[str, Any], session: SessionPlan, why: str
):
    house = House(1, "TechCorp", None, said.get("industry"), None, None,
                  **{name: words for name, words in said.items() if name != "industry"})  # fmt: skip
    picked = picks([session], house)[0]
    assert picked.why == why
    assert picked.reason == why.replace("your goal", "their goal").replace("yours", "theirs")


def test_an_interest_counts_when_it_is_taken_up_whole_and_a_topic_that_it_names():
    customers = _customers(
        {"interests": ["Revenue forecasting"]}, {"interests": ["AI adoption"]},
        {"interests": ["Forecasting"]}, {"interests": ["Revenue"], "goals": ["Train every team lead"]},
    )  # fmt: skip
    events = _events({"topics": ["AI", "Sales forecasting"], "themes": ["AI", "Sales forecasting"]})
    ground = Ground(customers, events)
    assert ground.interested(0).tolist() == [False, True, True, False]
    assert not ground.working_on(0).any()
