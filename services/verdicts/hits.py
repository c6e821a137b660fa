"""What hits tell by their company: bursts, pre-checks, traps, and addresses that turn up everywhere."""

from __future__ import annotations

import polars as pl

SOON = 15 * 60.0
"""Seconds after delivery in which scanners do their work."""
PEOPLE, COMPANIES = 5, 3
"""From how many recipients of how many companies on an address is a shared one."""
EAGER = 0.5
"""Of a scanner's hits at least this share comes SOON; colleagues behind one gateway click all day."""
TRAP = "10m"
_LOOK_AHEAD = 3


def shared_addresses(table: pl.DataFrame) -> pl.DataFrame:
    """With `from_shared_ip`: hits come SOON from it, at many recipients, and seldom later."""
    soon = pl.col("age") < SOON
    shared = (
        table.lazy()
        .filter(pl.col("ip").is_not_null())
        .group_by("ip")
        .agg(
            people=pl.col("recipient").filter(soon).n_unique(),
            companies=pl.col("company").filter(soon).n_unique(),
            eager=soon.mean(),
        )
        .filter(
            (pl.col("people") >= PEOPLE)
            & (pl.col("companies") >= COMPANIES)
            & (pl.col("eager") >= EAGER)
        )
        .select("ip", from_shared_ip=True)
        .collect()
    )
    joined = table.join(shared, on="ip", how="left", maintain_order="left")
    return joined.with_columns(pl.col("from_shared_ip").fill_null(value=False))


def many_links(clicks: pl.DataFrame, name: str, *, seconds: int, links: int) -> pl.DataFrame:
    """With the flag `name`: part of `links` distinct links, or of leaving and another, within `seconds`."""
    clicks = clicks.sort("message", "at", "row")
    # Only messages with several hits can have a burst, and they are few.
    busy = clicks.filter(pl.col("link").n_unique().over("message") >= 2)
    ends = (
        busy.rolling("at", period=f"{seconds}s", closed="both", group_by="message")
        .agg(distinct=pl.col("link").n_unique(), leaving=(pl.col("link") == -1).any())
        .filter((pl.col("distinct") >= links) | (pl.col("leaving") & (pl.col("distinct") >= 2)))
        .select("message", "at", end=pl.col("at"))
        .unique(["message", "at"])
        .sort("message", "at")
    )
    found = clicks.join_asof(
        ends, on="at", by="message", strategy="forward", tolerance=f"{seconds}s",
        check_sortedness=False,
    )  # fmt: skip
    return found.with_columns(pl.col("end").is_not_null().alias(name)).drop("end")


def pre_checks(clicks: pl.DataFrame) -> pl.DataFrame:
    """With `is_pre_check`: the same link follows from another address within 3 seconds."""
    clicks = clicks.sort("message", "link", "at", "row")
    whose = ["message", "link"]
    later = [
        (
            (pl.col("ip").shift(-step).over(whose) != pl.col("ip"))
            & (pl.col("at").shift(-step).over(whose) - pl.col("at") <= pl.duration(seconds=3))
        ).fill_null(value=False)
        for step in range(1, _LOOK_AHEAD + 1)
    ]
    return clicks.with_columns(is_pre_check=pl.any_horizontal(later))


def trapped(clicks: pl.DataFrame) -> pl.DataFrame:
    """With `trapped`: the same address followed a hidden link within 10 minutes, before or after."""
    traps = (
        clicks.filter(pl.col("hidden") & pl.col("ip").is_not_null())
        .select("ip", "at", trap=pl.col("at"))
        .sort("ip", "at")
    )
    clicks = clicks.sort("ip", "at")
    for side in ("backward", "forward"):
        clicks = clicks.join_asof(
            traps, on="at", by="ip", strategy=side, tolerance=TRAP, check_sortedness=False
        ).rename({"trap": side})
    found = pl.col("backward").is_not_null() | pl.col("forward").is_not_null()
    return clicks.with_columns(trapped=found).drop("backward", "forward")
