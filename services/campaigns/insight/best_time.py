"""When in their day somebody reads mail: twelve slots of two hours, drawn towards everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from scipy.stats import beta

SLOTS = 12
HOURS = 24 // SLOTS
WEIGHT = 10.0
"""Mails that what is usual in a slot weighs."""
FEWEST_SENT, FEWEST_SLOTS = 5, 2
BEST: dict[str, Any] = {
    "recipient_id": pl.Int64,
    "from_hour": pl.Int8,
    "until_hour": pl.Int8,
    "sent": pl.UInt32,
    "slots": pl.UInt32,
    "own": pl.Boolean,
    "chance": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
"""Local hours; `sent` and `slots`: mails to them and slots these fell in; `own`: from their own record, not
everybody's; `chance` of a human open or click there, 0..1, with its 95 % credible interval."""


def best_times(mails: pl.DataFrame, zones: Mapping[int, str], default_zone: str) -> pl.DataFrame:
    """BEST of each recipient of `mails` (MAILS); `zones`: IANA zone by recipient id.

    Chance in a slot = (seen + 10 prior) / (sent + 10), prior = the recipient's rate times how the slot
    does against all slots in the portfolio. Below five mails in two slots the portfolio's best slot
    stands, as measured over everybody.
    """
    got = _slotted(mails.filter("delivered"), zones, default_zone)
    if got.is_empty():
        return pl.DataFrame(schema=BEST)
    everybody = _everybody(got)
    rate = got.filter("seen").height / got.height
    counted = got.group_by("recipient_id", "slot").agg(n=pl.len(), seen=pl.col("seen").sum())
    grid = got.select("recipient_id").unique().join(everybody, how="cross")
    grid = grid.join(counted, on=["recipient_id", "slot"], how="left").with_columns(
        pl.col("n", "seen").fill_null(0)
    )
    sent = pl.col("n").sum().over("recipient_id")
    own_rate = (pl.col("seen").sum().over("recipient_id") + WEIGHT * rate) / (sent + WEIGHT)
    prior = (own_rate * pl.col("shape")).clip(0.001, 0.999)
    grid = grid.with_columns(
        sent=sent,
        slots=(pl.col("n") > 0).sum().over("recipient_id"),
        _hits=pl.col("seen") + WEIGHT * prior,
        _of=pl.col("n") + WEIGHT,
    )
    grid = grid.with_columns(
        own=(pl.col("sent") >= FEWEST_SENT) & (pl.col("slots") >= FEWEST_SLOTS)
    )
    grid = grid.with_columns(
        _hits=pl.when("own").then("_hits").otherwise("all_hits"),
        _of=pl.when("own").then("_of").otherwise("all_of"),
    ).with_columns(chance=pl.col("_hits") / pl.col("_of"))
    best = grid.sort("chance", "_of", "slot", descending=[True, True, False]).unique(
        "recipient_id", keep="first", maintain_order=True
    )
    return (
        _with_interval(best)
        .sort("recipient_id")
        .select(pl.col(name).cast(form) for name, form in BEST.items())
    )


def _slotted(mails: pl.DataFrame, zones: Mapping[int, str], default_zone: str) -> pl.DataFrame:
    """`recipient_id`, `slot` 0..11 of the recipient's own day, `seen`."""
    theirs = pl.DataFrame(
        {"recipient_id": list(zones), "zone": list(zones.values())},
        schema={"recipient_id": pl.Int64, "zone": pl.Utf8},
    )
    placed = mails.join(theirs, on="recipient_id", how="left").with_columns(
        pl.col("zone").fill_null(default_zone)
    )
    pieces = [
        some.select(
            "recipient_id",
            slot=(pl.col("sent_at").dt.convert_time_zone(zone).dt.hour() // HOURS).cast(pl.Int8),
            seen=pl.col("opened") | pl.col("clicked"),
        )
        for (zone,), some in placed.group_by("zone")
        if isinstance(zone, str)
    ]
    shape: dict[str, Any] = {"recipient_id": pl.Int64, "slot": pl.Int8, "seen": pl.Boolean}
    return pl.concat([pl.DataFrame(schema=shape), *pieces])


def _everybody(got: pl.DataFrame) -> pl.DataFrame:
    """`slot`, `shape` (its rate against all), and its own hits and trials, drawn towards the whole."""
    rate = got.filter("seen").height / got.height
    slots = pl.DataFrame({"slot": range(SLOTS)}, schema={"slot": pl.Int8})
    counted = got.group_by("slot").agg(n=pl.len(), hits=pl.col("seen").sum())
    drawn = slots.join(counted, on="slot", how="left").with_columns(
        pl.col("n", "hits").fill_null(0)
    )
    drawn = drawn.select(
        "slot", all_hits=pl.col("hits") + WEIGHT * rate, all_of=pl.col("n") + WEIGHT
    )
    usual = max(rate, 1e-9)
    return drawn.with_columns(shape=pl.col("all_hits") / pl.col("all_of") / usual)


def _with_interval(best: pl.DataFrame) -> pl.DataFrame:
    hits, of = best["_hits"].to_numpy(), best["_of"].to_numpy()
    # A Beta needs a little on either side; a twentieth of a mail does not move the figures.
    low, high = beta.ppf([[0.025], [0.975]], hits + 0.05, of - hits + 0.05)
    return best.with_columns(
        low=pl.Series(low),
        high=pl.Series(high),
        from_hour=pl.col("slot") * HOURS,
        until_hour=(pl.col("slot") + 1) * HOURS,
    )
