"""What bulk mail says about people: against slow readings, and against worlds whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaigns.insight.best_time import best_times
from services.campaigns.insight.likelihood import likelihood
from services.campaigns.insight.mails import MAILS
from services.campaigns.insight.pattern import patterns

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SIGNS = ("delivered", "opened", "hidden", "clicked", "replied", "left", "hard")


def mails(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """MAILS, a day apart; what a row leaves out is a delivered newsletter without any sign."""
    usual = {"campaign_id": 1, "recipient_id": 1, "customer_id": 1, "stakeholder_id": None}
    filled = [
        {
            **usual,
            **dict.fromkeys(SIGNS, False),
            "mail_id": number,
            "kind": "newsletter",
            "delivered": True,
            "sent_at": START + timedelta(days=number),
            "left_at": START + timedelta(days=number + row.get("left_after", 0))
            if row.get("left")
            else None,
            **{name: value for name, value in row.items() if name != "left_after"},
        }
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=MAILS)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "recipient_id": st.integers(1, 4),
            "kind": st.sampled_from(["newsletter", "announcement"]),
            "delivered": st.booleans(),
            "clicked": st.booleans(),
            "hidden": st.booleans(),
        }
    ).map(lambda row: {**row, "customer_id": row["recipient_id"] % 2}),
    max_size=25,
)


def slow_chance(rows: list[dict[str, Any]], recipient: int, kind: str) -> float:
    got = [row for row in rows if row["delivered"]]
    whole = (sum(row["clicked"] for row in got) + 0.5) / (len(got) + 1)
    house = [row for row in got if row["customer_id"] == recipient % 2]
    own = [row for row in got if row["recipient_id"] == recipient]
    of_kind = [row for row in got if row["kind"] == kind]
    home = (sum(row["clicked"] for row in house) + 15 * whole) / (len(house) + 15)
    p = (sum(row["clicked"] for row in own) + 8 * home) / (len(own) + 8)
    k = (sum(row["clicked"] for row in of_kind) + 2 * whole) / (len(of_kind) + 2)
    odds = p / (1 - p) * (k / (1 - k)) / (whole / (1 - whole))
    return odds / (1 + odds)


@given(ROWS)
def test_chance_is_the_one_worked_out_slowly(rows: list[dict[str, Any]]):
    found = likelihood(mails(rows), "newsletter")
    for one in found.iter_rows(named=True):
        slow = slow_chance(rows, one["recipient_id"], "newsletter")
        assert one["chance"] == pytest.approx(slow)
        assert 0 < one["chance"] < 1
    got = {row["recipient_id"] for row in rows if row["delivered"]}
    assert set(found["recipient_id"]) == got


@given(ROWS)
def test_opens_of_privacy_services_change_nothing_that_is_concluded(rows: list[dict[str, Any]]):
    without = [{**row, "hidden": False} for row in rows]
    inflated = [{**row, "hidden": True} for row in rows]
    assert likelihood(mails(without)).equals(likelihood(mails(inflated)))
    zones: dict[int, str] = {}
    times = [best_times(mails(some), zones, "UTC") for some in (without, inflated)]
    assert times[0].equals(times[1])
    engaged = [
        set(patterns(mails(some)).filter(pl.col("pattern").is_in(["engaged", "clicked"]))["recipient_id"])
        for some in (without, inflated)
    ]  # fmt: skip
    assert engaged[0] == engaged[1]


@pytest.mark.parametrize(
    ("sent", "others", "said"), [(2, 0, False), (3, 0, True), (1, 9, True), (1, 8, False)]
)
def test_level_is_told_only_with_enough_mails(sent: int, others: int, said: bool):
    rows = [{"recipient_id": 1}] * sent + [{"recipient_id": 2}] * others
    level = likelihood(mails(rows)).row(0, named=True)["level"]
    assert (level is not None) is said


@pytest.mark.parametrize(
    ("signs", "pattern"),
    [
        (["left", "clicked", "clicked", "clicked"], "engaged"),
        (["clicked", "clicked", "left"], "lost"),
        (["left", "", ""], "lost"),
        (["left", "opened", "left"], "lost"),
    ],
)
def test_who_left_is_lost_until_they_show_a_sign_in_later_mail(signs: list[str], pattern: str):
    rows = [{sign: True} if sign else {} for sign in signs]
    assert patterns(mails(rows))["pattern"].to_list() == [pattern]


def test_who_left_through_an_old_mail_is_lost_whatever_they_clicked_before():
    rows = [{"left": True, "left_after": 20}, {"clicked": True}, {"clicked": True}]
    assert patterns(mails(rows))["pattern"].to_list() == ["lost"]


def test_chance_comes_nearer_to_the_truth_than_the_raw_share():
    rng = np.random.default_rng(4)
    house = rng.beta(2, 14, 300)
    people = [(who, who % 300, np.clip(house[who % 300] * rng.uniform(0.3, 2), 0, 0.95)) for who in range(900)]  # fmt: skip
    rows = [
        {"recipient_id": who, "customer_id": customer, "clicked": bool(rng.random() < p)}
        for who, customer, p in people
        for _ in range(int(rng.integers(1, 9)))
    ]
    table = mails(rows)
    truth = pl.DataFrame(
        {"recipient_id": [p[0] for p in people], "truth": [p[2] for p in people]},
        schema={"recipient_id": pl.Int64, "truth": pl.Float64},
    )
    compared = likelihood(table).join(truth, on="recipient_id")
    raw = compared["responses"] / compared["sent"]
    truly = compared["truth"].to_numpy()
    error = np.sum((compared["chance"].to_numpy() - truly) ** 2)
    assert error < 0.5 * np.sum((raw.to_numpy() - truly) ** 2)


def test_best_time_of_known_readers_beats_the_raw_record_and_the_common_slot():
    rng = np.random.default_rng(7)
    usual = np.array([1, 1, 1, 2, 6, 8, 6, 5, 4, 2, 1, 1]) / 8
    truth, rows = {}, []
    for who in range(400):
        mine = np.clip(0.4 * usual * rng.lognormal(0, 0.6, 12), 0, 0.95)
        truth[who] = mine
        for number, slot in enumerate(rng.integers(0, 12, 25)):
            sent = START.replace(hour=0) + timedelta(days=number, hours=int(slot) * 2)
            rows.append(
                {"recipient_id": who, "sent_at": sent, "opened": bool(rng.random() < mine[slot])}
            )
    table = mails(rows)
    best = best_times(table, {}, "UTC")
    assert best["own"].all()
    ours = np.mean([truth[r["recipient_id"]][r["from_hour"] // 2] for r in best.to_dicts()])
    common = np.mean([mine[int(usual.argmax())] for mine in truth.values()])
    counted = table.with_columns(slot=pl.col("sent_at").dt.hour() // 2)
    raw = counted.group_by("recipient_id", "slot").agg(pl.col("opened").mean())
    raw = raw.sort("opened", "slot").unique("recipient_id", keep="last", maintain_order=True)
    raw_best = np.mean([truth[r["recipient_id"]][r["slot"]] for r in raw.to_dicts()])
    assert ours > common
    assert ours > raw_best
    inside = (best["low"] <= best["chance"]) & (best["chance"] <= best["high"])
    assert inside.all()


def test_hours_are_those_of_the_reader_and_few_mails_show_everybodys():
    rows = [{"recipient_id": who, "opened": True} for who in (1, 2) for _ in range(3)]
    found = best_times(mails(rows), {2: "America/Chicago"}, "UTC")
    assert found["own"].to_list() == [False, False]
    lone = best_times(mails([{"opened": True}] * 3), {1: "America/Chicago"}, "UTC")
    assert lone.row(0, named=True)["from_hour"] == 2  # nine in UTC is three in Chicago


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"left": True, "clicked": True}], "lost"),
        ([{"hard": True, "delivered": False}], "lost"),
        ([{"replied": True}], "engaged"),
        ([{}, {"clicked": True}, {}, {"clicked": True}], "engaged"),
        ([{"clicked": True}, {"clicked": True}, {}, {}], "clicked"),
        ([{"opened": True}, {}, {}, {}], "opened"),
        ([{"hidden": True}, {}, {}, {}], "hidden"),
        ([{}, {}, {}], "quiet"),
        ([{}, {}], "new"),
        ([{"delivered": False}] * 5, "new"),
    ],
)
def test_pattern_is_the_first_that_holds(rows: list[dict[str, Any]], said: str):
    assert patterns(mails(rows)).row(0, named=True)["pattern"] == said
