"""What the list itself brings about, told from outcomes: simulated with an effect that is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from statistics import mean

import numpy as np
import polars as pl
import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from data.tables import Customer, Event, Recommendation
from services.figures import FEWEST
from services.invitations.fit.learning import Offers, calibration, foretold, refit
from services.invitations.fit.listing import held_out
from services.invitations.fit.model import HAND, Model, sigmoid
from services.invitations.learning import ListLift, learning, lift_of_list
from tests.services.attendance.world import event as past_event
from tests.services.attendance.world import seat
from tests.support.portfolio import portfolio


def outcomes(seed: int, customers: int, events: int, base: float, lift: float) -> pl.DataFrame:
    """Customers who differ in how keen they are, at events with a pull of their own. Being on the list
    multiplies the chance by 1 + `lift`; who is held out follows from the number alone."""
    dice = np.random.default_rng(seed)
    ids = np.arange(1, customers + 1) + 1_000_000 * (seed % 900)
    treated = np.repeat(~held_out(ids), events)
    keen = np.repeat(dice.beta(4, 4, customers) * 2, events)
    pull = np.tile(dice.uniform(0.7, 1.3, events), customers)
    chance = np.clip(base * keen * pull * np.where(treated, 1 + lift, 1.0), 0, 1)
    return pl.DataFrame(
        {
            "customer_id": np.repeat(ids, events),
            "treated": treated,
            "came": dice.random(len(treated)) < chance,
        }
    )


@lru_cache
def many(lift: float, worlds: int = 60, customers: int = 1_500, events: int = 4) -> list[ListLift]:
    return [
        lift_of_list(outcomes(seed, customers, events, 0.3, lift)) for seed in range(1, worlds + 1)
    ]


@pytest.mark.parametrize("lift", [0.0, 0.3])
def test_interval_holds_the_effect_that_there_is(lift: float):
    """Said to be 95 %; of 60 worlds fewer than 51 would happen once in a thousand times."""
    found = many(lift)
    held = sum(
        one.low <= lift <= one.high for one in found if one.low is not None and one.high is not None
    )
    assert held >= 51
    middle = mean(one.relative or 0.0 for one in found)
    assert abs(middle - lift) < 0.04  # an estimate that leans to neither side


def test_lift_that_is_said_to_be_detectable_is_seen_four_times_in_five():
    """The power that is stated is the power that there is, with customers who come in clusters."""
    (sized,) = many(0.0, worlds=1)
    assert sized.detectable is not None
    assert 0.1 < sized.detectable < 0.4
    seen = [one.low > 0 for one in many(sized.detectable) if one.low is not None]
    assert 0.6 <= np.mean(seen) <= 0.95


def test_no_lift_is_seldom_taken_for_one():
    seen = [one.low > 0 or one.high < 0 for one in many(0.0) if one.low is not None and one.high]
    assert np.mean(seen) <= 0.15


@pytest.mark.parametrize("customers", [0, 20, 60])
def test_too_few_to_compare_with_say_so_and_keep_the_counts(customers: int):
    rows = outcomes(3, customers, 4, 0.3, 0.5)
    rows = pl.concat(  # whatever the draw: one short of enough on the side that is left out
        [
            rows.filter("treated"),
            rows.filter(~pl.col("treated"))
            .filter(pl.col("customer_id").rank("dense") < FEWEST),
        ]
    )  # fmt: skip
    found = lift_of_list(rows)
    assert (found.relative, found.low, found.high, found.detectable) == (None,) * 4
    assert found.recommended.of + found.held_out.of == rows.height


def test_nobody_of_the_held_out_came_is_no_number_either():
    rows = outcomes(5, 1_000, 2, 0.3, 0.2)
    none = rows.with_columns(came=pl.col("came") & pl.col("treated"))
    assert lift_of_list(none).relative is None


def test_chances_said_are_the_shares_that_come():
    """A world that is as the model has it: every tenth with enough offers is where it says, and the
    weights that made it are found again."""
    dice = np.random.default_rng(8)
    true = np.array(HAND) * 0.8
    offers = []
    for number in range(12):
        features = dice.normal(0, 0.6, (600, len(HAND)))
        came = dice.random(600) < sigmoid(features @ true - 0.8)
        offers.append(Offers(number, features, came, 0.3))
    found = refit(offers, Model())
    assert found.kept
    assert np.corrcoef(found.model.weights, true)[0, 1] > 0.95
    bins = [one for one in calibration(foretold(offers)) if one.rows >= 50]
    assert len(bins) >= 6
    for one in bins:
        sure = 3 * np.sqrt(one.said * (1 - one.said) / one.rows)
        assert abs(one.came - one.said) <= sure + 0.02
    assert [one.said for one in bins] == sorted(one.said for one in bins)


def test_only_lists_of_events_that_were_held_count_and_each_pair_once(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    held = past_event(session, now - timedelta(days=30), "Held", status="held")
    off = past_event(session, now - timedelta(days=20), "Off", status="cancelled")
    seat(session, held, known.techcorp, known.maria)
    row = {"rank": 1, "propensity": 1.0, "chance": 0.5, "model_version": 1}
    session.execute(
        insert(Recommendation),
        [
            row | {"event_id": event, "customer_id": customer, "arm": arm, "made_at": at}
            for event, customer, arm, at in (
                (held, known.techcorp, "recommended", now - timedelta(days=40)),
                (held, known.techcorp, "recommended", now - timedelta(days=39)),
                (held, known.datapro, "holdout", now - timedelta(days=40)),
                (off, known.techcorp, "recommended", now - timedelta(days=40)),
            )
        ],
    )  # fmt: skip
    assert session.get_one(Event, off).status == "cancelled"
    found = learning(session, known.ada, now).lift
    assert (found.recommended.hits, found.recommended.of) == (1, 1)
    assert (found.held_out.hits, found.held_out.of, found.relative) == (0, 1, None)
    assert session.query(Customer).count() == 2
    assert learning(session, known.dana, now).lift.held_out.of == 0  # a colleague's customer
