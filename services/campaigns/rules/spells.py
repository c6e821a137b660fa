"""From when to when a rule holds for each customer: what `conditions.holding` says at every look, worked out at
once for all of them. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from services.campaigns.rules.conditions import MOMENT, Condition, about
from services.campaigns.rules.engaged_pieces import engaged
from services.campaigns.rules.looks import Looks
from services.campaigns.rules.silences import silences

SPELL: dict[str, Any] = {
    "customer_id": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "at": MOMENT,
    "since": pl.Int64,
    "occasion": pl.Int64,
}
"""It holds at the looks from `start` on and before `end`, with this `at`. `occasion`: a number that stands for
what makes it once; `since`: the first look after the last sign before a silence, -1 without any, null
where it is none."""


def spells(mails: pl.DataFrame, wanted: Condition, window: timedelta, looks: Looks) -> pl.DataFrame:
    """SPELL by customer and time, of `mails` (MAIL)."""
    mails = about(mails, wanted)
    if wanted.sign == "quiet":
        found = silences(mails, wanted.least, window, looks)
    elif wanted.sign == "engaged":
        found = _counted(engaged(mails, wanted.least, window, looks), 1)
    else:
        found = _counted(_shown(mails, wanted.sign, window, looks), wanted.least)
    return found.select(pl.col(name).cast(kind) for name, kind in SPELL.items())


def _shown(mails: pl.DataFrame, sign: str, window: timedelta, looks: Looks) -> pl.DataFrame:
    """When each sign counts: `customer_id`, `start`, `end`, `at`, `mail_id`, `occasion`."""
    lost = pl.when(pl.col("role").is_in(["champion", "executive_sponsor"])).then(pl.col("gone_at"))
    at, makes_once = {
        "clicked": (pl.col("human_click_at"), "campaign_id"),
        "replied": (pl.col("replied_at"), "mail_id"),
        "left": (pl.min_horizontal("unsubscribed_at", "complained_at", lost), "mail_id"),
    }[sign]
    return (
        mails.with_columns(at=at, occasion=makes_once)
        .with_columns(
            start=looks.first_from(pl.max_horizontal("at", "sent_at")),
            end=looks.first_from(pl.col("at") + window),
        )
        .filter(pl.col("at").is_not_null(), pl.col("start") < pl.col("end"))
    )


def _counted(pieces: pl.DataFrame, least: int) -> pl.DataFrame:
    """SPELL where at least so many pieces lie over each other; the one with the last sign says whose."""
    pieces = pieces.sort("at", "mail_id")
    steps = pl.concat(
        pieces.select("customer_id", look=name, more=pl.lit(sign, pl.Int64))
        for name, sign in (("start", 1), ("end", -1))
    )
    edges = (
        steps.group_by("customer_id", "look")
        .agg(pl.col("more").sum())
        .sort("customer_id", "look")
        .with_columns(
            count=pl.col("more").cum_sum().over("customer_id"),
            end=pl.col("look").shift(-1).over("customer_id"),
        )
        .with_row_index("place")
    )
    where = edges.select("customer_id", "look", "place")
    left, right = (
        pieces.join(where.rename({"look": name}), on=["customer_id", name], maintain_order="left")
        ["place"].to_numpy().astype(np.int64)
        for name in ("start", "end")
    )  # fmt: skip
    held = edges.with_columns(piece=_topmost(left, right, edges.height)).filter(
        pl.col("count") >= least
    )
    last = pieces.select("at", "occasion")[held["piece"]]
    alone = held.select("customer_id", start="look", end="end")
    return pl.concat([alone, last], how="horizontal").with_columns(since=pl.lit(None, pl.Int64))


def _topmost(left: np.ndarray, right: np.ndarray, length: int) -> np.ndarray:
    """Of spans from `left` to before `right`, the last one that lies over each of so many places; -1 without.

    Each span is said of two runs of 2^k places that cover it, and the runs then of their halves, down to
    single places: a few passes, however long the spans are.
    """
    best = np.full(length, -1, np.int64)
    if not left.size:
        return best
    level = np.log2(right - left).astype(np.int64)
    for k in range(int(level.max()), -1, -1):
        own = np.flatnonzero(level == k)
        np.maximum.at(best, left[own], own)
        np.maximum.at(best, right[own] - (1 << k), own)
        if k:
            half = 1 << (k - 1)
            below = best.copy()
            np.maximum(below[half:], best[:-half], out=below[half:])
            best = below
    return best
