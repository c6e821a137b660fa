"""Who joined and left, put together to stretches of presence. Pure, and blind to the order of arrival."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from integrations.formats.records import MOMENT

_WHO = ["participant", "user"]


def segments(seen: pl.DataFrame, ended: datetime | None) -> pl.DataFrame:
    """One row per stretch: event_ref, name, email, status, joined_at, left_at, note.

    `seen` has participant, user, name, email String, kind `join` or `left`, and `at`; the same may be
    in it many times. `user` changes with each join, so it tells the devices of one person apart. A join
    that nobody left lasts until the event `ended` (open while that is None); a leave without a join
    says that the person was there, but not how long.
    """
    sights = seen.unique([*_WHO, "kind", "at"]).sort(*_WHO, "kind", "at")
    joins = sights.filter(pl.col("kind") == "join").select(*_WHO, joined_at="at")
    lefts = sights.filter(pl.col("kind") == "left").select(*_WHO, left_at="at")
    paired, joins, lefts = _pair(joins, lefts, _WHO)
    again, joins, lefts = _pair(joins, lefts, ["participant"])
    end = pl.lit(ended, MOMENT)
    open_ends = joins.with_columns(left_at=pl.when(end >= pl.col("joined_at")).then(end))
    lost = lefts.select("participant", joined_at=pl.lit(None, MOMENT), left_at="left_at").join(
        pl.concat([paired, again, open_ends.select(paired.columns)]), on="participant", how="anti"
    )
    rows = pl.concat([paired, again, open_ends.select(paired.columns), lost])
    return (
        rows.join(_people(seen), on="participant")
        .sort("participant", "joined_at", "left_at", nulls_last=True)
        .select(
            event_ref=pl.lit(0, pl.UInt32),
            name="name",
            email="email",
            status=pl.lit("attended"),
            joined_at="joined_at",
            left_at="left_at",
            note=pl.when(pl.col("joined_at").is_null()).then(pl.lit("no time of joining")),
        )
    )


def _pair(
    joins: pl.DataFrame, lefts: pl.DataFrame, by: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Each join with the next leave of its own; then the joins and leaves that found none."""
    met = joins.sort("joined_at").join_asof(
        lefts.select(*by, "left_at").unique().sort("left_at"),
        left_on="joined_at",
        right_on="left_at",
        by=by,
        strategy="forward",
        check_sortedness=False,
    )
    paired = met.filter(pl.col("left_at").is_not_null())
    used = paired.select(*by, "left_at")
    return (
        paired.select("participant", "joined_at", "left_at"),
        met.filter(pl.col("left_at").is_null()).select(*_WHO, "joined_at"),
        lefts.join(used, on=[*by, "left_at"], how="anti"),
    )


def _people(seen: pl.DataFrame) -> pl.DataFrame:
    """The name and address of each participant: some deliveries carry neither."""
    return seen.group_by("participant").agg(
        pl.col("name").drop_nulls().min(), pl.col("email").drop_nulls().str.to_lowercase().min()
    )
