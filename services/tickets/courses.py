"""Health so many days after a follow-up, beside that of tickets without one. Pure, on frames."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from services.figures import LIFT, Lift, lift_of
from services.tickets.history import MOMENT
from services.tickets.records import LEVEL_RANKS
from services.tickets.terms import DAYS_AFTER

CASE = {
    "id": pl.Int64, "customer_id": pl.Int64, "level": pl.String, "treated": pl.Boolean, "at": MOMENT,
}  # fmt: skip
"""A ticket; `at` is when its follow-up left, or, of those without one, when it would have."""
USUAL_DELAY = timedelta(hours=24)


def health_at(points: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """id, health Int64 of `points` (id, customer_id, at): that in force then. Of `changes` (CHANGES); null
    where nothing was known of the customer."""
    if points.is_empty():
        return pl.DataFrame(schema={"id": pl.Int64, "health": pl.Int64})
    ordered = changes.sort("at", maintain_order=True)
    then = points.sort("at").join_asof(
        ordered.select("customer_id", "at", "health"), on="at", by="customer_id",
        strategy="backward", check_sortedness=False,
    )  # fmt: skip
    first = ordered.group_by("customer_id", maintain_order=True).agg(first=pl.col("was").first())
    both = then.join(first, on="customer_id", how="left")
    return both.select("id", health=pl.coalesce("health", "first").cast(pl.Int64))


def anchors(tickets: pl.DataFrame) -> pl.DataFrame:
    """CASE of solved tickets: id, customer_id, level, solved_at, sent_at (null without a follow-up).

    A mail about one root cause speaks for all of its tickets; those without one are taken as if a mail had
    left after the usual time (the median of those that did).
    """
    sent = tickets.filter(pl.col("sent_at").is_not_null())
    delays = (sent["sent_at"] - sent["solved_at"]).drop_nulls()
    usual = delays.median() if len(delays) else USUAL_DELAY
    treated = pl.col("sent_at").is_not_null()
    return tickets.with_columns(
        treated=treated, at=pl.coalesce("sent_at", pl.col("solved_at") + pl.lit(usual))
    ).select(pl.col(name).cast(kind) for name, kind in CASE.items())


def lifts(
    cases: pl.DataFrame, changes: pl.DataFrame, now: datetime, *, draws: int = 500
) -> tuple[tuple[int, Lift], ...]:
    """For each of DAYS_AFTER how much more health rose from day 0 with a follow-up than without, within
    levels; only tickets that are that old by `now`. On day 0 itself how much higher it stood."""
    start = health_at(cases, changes).rename({"health": "before"})
    found: list[tuple[int, Lift]] = []
    for days in DAYS_AFTER:
        then = cases.with_columns(pl.col("at") + pl.duration(days=days)).filter(pl.col("at") <= now)
        after = health_at(then, changes).rename({"health": "after"})
        rows = then.join(start, on="id").join(after, on="id")
        frame = rows.select(
            customer="customer_id",
            stratum=pl.col("level").replace_strict(LEVEL_RANKS, return_dtype=pl.Int64),
            treated="treated",
            before=pl.col("before").cast(pl.Float64) * (1 if days else 0),
            after=pl.col("after").cast(pl.Float64),
        )
        found.append((days, lift_of(frame.cast(LIFT), draws=draws)))  # type: ignore[arg-type]
    return tuple(found)
