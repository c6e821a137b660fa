"""Many rows to one attendance per participant and event, and one upload over another. Pure.

Contribution frames have the key columns `participant` (any integer) and `event`, and the columns of
VALUES; null means "this upload does not say".
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.tables.events import ATTENDED, CANCELLED, NO_SHOW, REGISTERED
from integrations.formats.records import TOLD

KEY = ["participant", "event"]
VALUES = [
    "status",
    "registered_at",
    "joined_at",
    "left_at",
    "minutes",
    "joins",
    "questions",
    "polls",
    "downloads",
    "feedback",
    "spoke",
    "completed",
    "passed",
    "sessions",
]
PRECEDENCE = {CANCELLED: 0, REGISTERED: 1, NO_SHOW: 2, ATTENDED: 3}
"""Within one file the strongest statement about a person wins: who came once, came."""
LATER = {REGISTERED: 0, CANCELLED: 1, NO_SHOW: 2, ATTENDED: 3}
"""What follows what: the order of things that are told one by one, in whatever order they arrive."""
ADDED = ("qa", "poll")
"""The kinds of files of which each row is one question or answer, not one join."""
_SEED = secrets.randbits(63)
_CODE = (pl.col("participant").cast(pl.Int64) * 2**24 + pl.col("event")).alias("code")
"""KEY as one number, which sorts and compares several times faster than two."""


def ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows sorted by KEY; rows of the same key stay in the order they have."""
    code = rows.select(_CODE).to_series()
    if code.is_sorted():
        return rows
    return rows.with_columns(code).sort("code", maintain_order=True).drop("code")


def fold_rows(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row per key, sorted by it, from the counted rows of one upload.

    `rows` has KEY and the staged facts.

    Minutes are the union of the joined intervals: two devices at once count once. A row without a
    leave time lasts as long as the platform's own minutes say; without any times minutes add up.
    """
    rows = rows.with_columns(
        _CODE,
        _end=pl.coalesce(
            pl.when(pl.col("left_at") >= pl.col("joined_at")).then(pl.col("left_at")),
            pl.col("joined_at")
            + pl.duration(seconds=(pl.col("minutes") * 60).round().cast(pl.Int64)),
        ),
        joins=_joins(kind),
    )
    order, firsts = _runs(rows["code"])
    alone = np.diff(firsts, append=rows.height) == 1
    repeated = np.ones(rows.height, bool)
    repeated[order[firsts[alone]]] = False
    several = _several(rows.filter(pl.Series(repeated)), added=kind in ADDED)
    single = rows.with_columns(
        minutes=pl.coalesce(_minutes(pl.col("_end") - pl.col("joined_at")), pl.col("minutes")),
        left_at=pl.coalesce("left_at", "_end"),
    )
    # Both kinds at once in their order: moving a million rows is what takes the time.
    pool = pl.concat([single.select(*KEY, *VALUES), several.select(*KEY, *VALUES)])
    return _taken(pool, np.where(alone, order[firsts], rows.height + np.cumsum(~alone) - 1))


def _runs(codes: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the rows in the order of their codes, and where in it each code begins."""
    order = np.argsort(codes.to_numpy())
    run = codes.to_numpy()[order]
    return order, np.flatnonzero(np.append(True, run[1:] != run[:-1])[: len(run)])


def _taken(frame: pl.DataFrame, places: np.ndarray) -> pl.DataFrame:
    """The rows of these numbers; columns that say nothing are not moved about."""
    said = [c.name for c in frame.iter_columns() if c.name in KEY or c.null_count() < frame.height]
    silent = [pl.lit(None, frame.schema[c]).alias(c) for c in frame.columns if c not in said]
    return frame.select(said)[places].with_columns(silent).select(frame.columns)


def _joins(kind: str) -> pl.Expr:
    """A question is no join, and who registered has not joined yet for all that a list knows."""
    if kind in ADDED:
        return pl.lit(None, pl.Int16)
    told = pl.col("status").is_in([ATTENDED, NO_SHOW])
    return pl.when(told).then((pl.col("status") == ATTENDED).cast(pl.Int16))


def _minutes(span: pl.Expr) -> pl.Expr:
    return (span.dt.total_seconds(fractional=True) / 60).cast(pl.Float32)


def _several(rows: pl.DataFrame, *, added: bool) -> pl.DataFrame:
    """Fold the rows of people who appear more than once at an event.

    `added`: each row is one question or answer, so counts add up; a platform that repeats its totals
    on every row of a person means the same total, so there the largest counts.
    """
    # By all that is added up, so that the order of the rows in the file never shows in a last digit.
    rows = rows.sort("code", "joined_at", "_end", "minutes", nulls_last=True)
    fresh = pl.max_horizontal("joined_at", "_reached")
    rows = rows.with_columns(_reached=_reached(rows)).with_columns(
        _new=pl.when(pl.col("_end") > fresh).then(_minutes(pl.col("_end") - fresh)),
        _strength=pl.col("status").replace_strict(PRECEDENCE, default=None, return_dtype=pl.Int8),
        _untimed=pl.when(pl.col("_end").is_null()).then(pl.col("minutes")),
    )
    counts = [
        _said(rows, c, pl.col(c).sum()) if added else pl.col(c).max()
        for c in ("questions", "polls", "downloads")
    ]
    timed, untimed = pl.col("_new"), pl.col("_untimed")
    return (
        rows.group_by("code", maintain_order=True)
        .agg(
            pl.col(KEY).first(),
            pl.col("status").sort_by("_strength", nulls_last=False).last(),
            pl.col("registered_at").min(),
            pl.col("joined_at").min(),
            pl.max_horizontal(pl.col("left_at").max(), pl.col("_end").max()).alias("left_at"),
            pl.when((pl.col("_end").count() + untimed.count()) > 0)
            .then(timed.sum() + untimed.sum())
            .cast(pl.Float32)
            .alias("minutes"),
            _said(rows, "joins", pl.col("joins").sum().cast(pl.Int16)),
            *counts,
            pl.col("feedback").max(),
            pl.col("spoke").any(),
            _said(rows, "completed", pl.col("completed").any()),
            _said(rows, "passed", pl.col("passed").any()),
            _sessions(rows),
        )
        .with_columns(pl.when(pl.col("sessions") != "").then(pl.col("sessions")).alias("sessions"))
    )


def _reached(rows: pl.DataFrame) -> pl.Series:
    """The latest `_end` of the rows before, of the same `code`; `rows` are sorted by it.

    A running maximum of ranks over all rows at once: whoever has the later code has the higher rank.
    A window over each of many thousand small groups took ten times longer.
    """
    by_end = rows.select(pl.arg_sort_by("code", "_end", nulls_last=False)).to_series().to_numpy()
    rank = np.empty(rows.height, np.int64)
    rank[by_end] = np.arange(rows.height)
    latest = rows["_end"].gather(by_end[np.maximum.accumulate(rank)]).shift(1)
    same = rows["code"] == rows["code"].shift(1)
    return latest.to_frame("end").select(pl.when(same).then("end")).to_series()


def _sessions(rows: pl.DataFrame) -> pl.Expr:
    if rows["sessions"].null_count() == rows.height:
        return pl.lit(None, pl.String).alias("sessions")
    return pl.col("sessions").drop_nulls().unique().sort().str.join("; ").alias("sessions")


def _said(rows: pl.DataFrame, name: str, made: pl.Expr) -> pl.Expr:
    """`made` of the column of a group; null where none of its rows says anything, whatever a sum of
    nothing is: a 0 would take back what other files tell."""
    silent = rows[name].null_count()
    if silent == rows.height:
        return pl.lit(None, rows.schema[name]).alias(name)
    return pl.when(pl.col(name).count() > 0).then(made).alias(name) if silent else made


def not_among(rows: pl.DataFrame, others: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows that none of `others` equals in all these columns.

    Told by numbers, a tenth of the work of comparing. The seed is secret, so nobody can write a file
    whose rows share one; by chance it happens to one pair of large files in millions.
    """
    if others.is_empty():
        return rows
    mine, theirs = (frame.select(columns).hash_rows(_SEED) for frame in (rows, others))
    return rows.filter(~mine.is_in(theirs.implode()))


def lay_over(before: pl.DataFrame, new: pl.DataFrame, kind: str) -> pl.DataFrame:
    """What is known after an upload of this kind: one row per key of `new`, with what `before` had.

    The newer upload wins wherever it says something. That somebody is registered, or no longer, says
    nothing about who came, so it never takes back an attendance or a no-show. What was told (TOLD) comes
    to the same in whatever order it is laid: see `_told_over`.
    """
    if before.is_empty():
        there = pl.coalesce("status", pl.lit(ATTENDED, pl.Int8))
        return new.with_columns(there.alias("status")).select(*KEY, *VALUES)
    both = new.join(before.select(*KEY, *VALUES), on=KEY, how="left", suffix="_before")
    if kind == TOLD:
        return _told_over(both)
    merged = [
        pl.coalesce(c, f"{c}_before").alias(c) for c in VALUES if c not in ("status", "spoke")
    ]
    known = pl.col("status_before").is_in([NO_SHOW, ATTENDED])
    silent = pl.lit(value=kind == "registration") | ~pl.col("status").is_in([NO_SHOW, ATTENDED])
    newest = pl.coalesce("status", "status_before", pl.lit(ATTENDED, pl.Int8))
    status = pl.when(known & silent).then("status_before").otherwise(newest)
    return both.select(
        *KEY,
        status.cast(pl.Int8).alias("status"),
        (pl.col("spoke") | pl.col("spoke_before").fill_null(value=False)).alias("spoke"),
        *merged,
    ).select(*KEY, *VALUES)


def _told_over(both: pl.DataFrame) -> pl.DataFrame:
    """One step on from what is known never leads back: an enrolment that arrives late does not undo the
    completion. Who attended joined when that began, whatever other times are told."""
    sides = [pl.col(f"status{side}").fill_null(ATTENDED) for side in ("", "_before")]
    sides[1] = pl.when(pl.col("status_before").is_not_null()).then(sides[1])
    step = [one.replace_strict(LATER, default=None, return_dtype=pl.Int8) for one in sides]
    came = [
        pl.when(one == ATTENDED).then(f"joined_at{side}")
        for one, side in zip(sides, ("", "_before"), strict=True)
    ]
    lowest = pl.min_horizontal("joined_at", "joined_at_before")
    status = pl.when(step[0] >= step[1].fill_null(-1)).then(sides[0]).otherwise(sides[1])
    found = {
        "status": status,
        "registered_at": pl.min_horizontal("registered_at", "registered_at_before"),
        "joined_at": pl.when(status == ATTENDED).then(pl.min_horizontal(*came)).otherwise(lowest),
        "spoke": pl.col("spoke") | pl.col("spoke_before").fill_null(value=False),
        "sessions": _both_sessions(),
    }
    most = {c: pl.max_horizontal(c, f"{c}_before") for c in VALUES if c not in found}
    kinds = {"status": pl.Int8}
    return both.select(
        *KEY, *((found | most)[c].cast(kinds.get(c, both.schema[c])).alias(c) for c in VALUES)
    )


def _both_sessions() -> pl.Expr:
    said = pl.concat_str("sessions", "sessions_before", separator="; ", ignore_nulls=True)
    whole = said.str.split("; ").list.unique().list.sort().list.join("; ")
    return pl.when(said != "").then(whole)


def differing(after: pl.DataFrame, before: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of `after` that `before` lacks, and those that it has with other values."""
    if before.is_empty():
        return after, after.clear()
    new = after.join(before, on=KEY, how="anti")
    both = after.join(before.select(*KEY, *VALUES), on=KEY, how="inner", suffix="_before")
    changed = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_before")) for c in VALUES)
    return new, both.filter(changed).select(*KEY, *VALUES)
