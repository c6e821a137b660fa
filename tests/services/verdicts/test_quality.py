"""How well people and programs are told apart, on logs that the rules were not tuned on."""

from __future__ import annotations

import polars as pl

from services.verdicts import judge
from tests.services.verdicts.simulated_log import Log, simulated_log

SEEDS = (201, 202, 203, 204, 205)
"""Not those that thresholds were tried on."""


def _by_message(log: Log, kind: str) -> pl.DataFrame:
    """`said` and `true`: whether a person did it, for each mail to each recipient with an event."""
    told = judge(log.events, log.deliveries).join(log.truth, on="id")
    told = told.join(log.events.select("id", "message", "kind"), on="id")
    return (
        told.filter(pl.col("kind") == kind)
        .group_by("message")
        .agg(said=(pl.col("verdict") == "human").any(), true=pl.col("human").any())
    )


def test_human_clicks_are_found_and_machines_left_out_on_fresh_logs():
    found = pl.concat([_by_message(simulated_log(seed), "click") for seed in SEEDS])
    right = found.filter("said", "true").height
    raw = found["true"].mean()
    assert isinstance(raw, float)
    assert raw < 0.2  # taken as they come, four of five clicked mails are a scanner's
    assert right / found["said"].sum() >= 0.93
    assert right / found["true"].sum() >= 0.97


def test_opens_lose_hardly_a_reader():
    found = _by_message(simulated_log(SEEDS[0]), "open")
    right = found.filter("said", "true").height
    assert right / found["said"].sum() >= 0.85
    assert right / found["true"].sum() >= 0.98


def test_tenfold_opens_by_privacy_services_change_no_verdict_of_a_person():
    log = simulated_log(SEEDS[1], recipients=2_000, companies=100)
    hidden = log.events.filter(pl.col("user_agent") == "Mozilla/5.0")
    inflated = pl.concat(
        [log.events, *(hidden.with_columns(pl.col("id") + n * 10_000_000) for n in range(1, 10))]
    )
    before = judge(log.events, log.deliveries)
    after = judge(inflated, log.deliveries)
    assert after.filter(pl.col("id") < 10_000_000).equals(before)
    assert set(after.filter(pl.col("id") >= 10_000_000)["verdict"]) == {"unknown"}
