"""What a ticket has come to, from all that was ever told of it: the same in whatever order it was told."""

from __future__ import annotations

from typing import Any

import polars as pl

MOMENT = pl.Datetime("us", "UTC")
HISTORY: dict[str, Any] = {
    "ticket_id": pl.Int64,
    "key": pl.String,
    "what": pl.String,
    "before": pl.String,
    "value": pl.String,
    "at": MOMENT,
}
FOLDED: dict[str, Any] = {
    "ticket_id": pl.Int64,
    "state": pl.String,
    "severity": pl.String,
    "csat": pl.String,
    "csat_at": MOMENT,
    "escalated_to": pl.String,
    "escalated_at": MOMENT,
    "solved_at": MOMENT,
    "counted_reopens": pl.Int64,
}
OVER = ("solved", "closed")
_OF = ["ticket_id", "what"]


def in_order(history: pl.DataFrame) -> pl.DataFrame:
    """HISTORY as it went, each change with what was in force `was` before it (null at the first)."""
    ordered = history.sort(*_OF, "at", "key")
    return ordered.with_columns(was=pl.col("value").shift(1).over(_OF))


def changes_of(rows: pl.DataFrame) -> pl.DataFrame:
    """HISTORY that snapshots of tickets amount to.

    `rows`: ticket_id, state, severity, csat, escalated_to (texts or null), opened_at, solved_at and
    seen_at (moments, UTC; seen_at never null).
    """
    over = pl.col("state").is_in(OVER)
    pieces = [
        _said(rows.filter(pl.col("opened_at").is_not_null()), "state", pl.lit("new"), "opened_at"),
        _said(rows.filter(pl.col("solved_at").is_not_null() & over), "state", pl.lit("solved"), "solved_at"),
        # Once the desk says when it was solved, the time of the snapshot says nothing of that.
        _said(
            rows.filter(~((pl.col("state") == "solved") & pl.col("solved_at").is_not_null())),
            "state",
            pl.col("state"),
            "seen_at",
        ),
        _said(rows, "severity", pl.col("severity"), "seen_at"),
        _said(rows, "csat", pl.col("csat"), "seen_at"),
        _said(rows, "escalation", pl.col("escalated_to"), "seen_at"),
    ]  # fmt: skip
    return pl.concat(pieces).unique(["ticket_id", "key"], keep="first", maintain_order=True)


def _said(rows: pl.DataFrame, what: str, value: pl.Expr, at: str) -> pl.DataFrame:
    told = rows.select(
        "ticket_id", what=pl.lit(what), before=pl.lit(None, pl.String), value=value, at=pl.col(at)
    ).filter(pl.col("value").is_not_null())
    stamp = pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%S")
    keyed = told.with_columns(key=pl.format("{}={}@{}", "what", "value", stamp))
    return keyed.select(pl.col(name).cast(kind) for name, kind in HISTORY.items())


def came_back(rows: pl.DataFrame, known: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """HISTORY of what must have opened again between two snapshots: solved later than was `known`, and reopened
    more often, and nobody told when. It is put right before it was solved again.

    `rows` and `known`: id, state, solved_at, reopens. `told`: HISTORY that a vendor told of beside `rows`.
    """
    was = known.select("id", solved_before=pl.col("solved_at").cast(MOMENT), times="reopens")
    both = rows.join(was, on="id", how="inner").with_columns(pl.col("solved_at").cast(MOMENT))
    more = pl.col("reopens") > pl.col("times")
    later = pl.col("solved_at") > pl.col("solved_before")
    states = told.filter(pl.col("what") == "state").select(id="ticket_id")
    again = both.filter(pl.col("state").is_in(OVER), more, later).join(states, on="id", how="anti")
    stamp = pl.col("solved_at").dt.to_string("%Y-%m-%dT%H:%M:%S")
    found = again.select(
        key=pl.format("state=open@before-{}", stamp), ticket_id="id", what=pl.lit("state"),
        before=pl.lit("solved"), value=pl.lit("open"), at=pl.col("solved_at") - pl.duration(seconds=1),
    )  # fmt: skip
    return found.select(pl.col(name).cast(kind) for name, kind in HISTORY.items())


def news(known: pl.DataFrame, told: pl.DataFrame, snapshots: pl.DataFrame) -> pl.DataFrame:
    """HISTORY to add to what is `known`: all that vendors `told` as a change, and of `snapshots` what
    differs from what was in force."""
    told = told.unique(["ticket_id", "key"], keep="first", maintain_order=True)
    fresh = told.join(known, on=["ticket_id", "key"], how="anti")
    seen = snapshots.join(pl.concat([known, fresh]), on=["ticket_id", "key"], how="anti")
    marked = pl.concat(
        [
            known.with_columns(kept=pl.lit(value=False), sure=pl.lit(value=True)),
            fresh.with_columns(kept=pl.lit(value=True), sure=pl.lit(value=True)),
            seen.with_columns(kept=pl.lit(value=True), sure=pl.lit(value=False)),
        ]
    )
    ordered = in_order(marked)
    needed = pl.col("sure") | pl.col("value").ne_missing(pl.col("was"))
    return ordered.filter(pl.col("kept") & needed).select(*HISTORY)


def fold(history: pl.DataFrame) -> pl.DataFrame:
    """FOLDED of HISTORY, one row per ticket. `solved_at` is the start of the time it has been over for;
    null while it is open."""
    ordered = in_order(history)
    last = ordered.group_by(_OF).agg(pl.col("value", "at").last())
    first = ordered.group_by(_OF).agg(pl.col("at").first())
    states = ordered.filter(pl.col("what") == "state")
    reopened = pl.col("was").is_in(OVER) & ~pl.col("value").is_in((*OVER, "deleted"))
    began = pl.col("value").is_in(OVER) & ~pl.col("was").is_in(OVER).fill_null(value=False)
    course = states.group_by("ticket_id").agg(
        counted_reopens=reopened.fill_null(value=False).sum().cast(pl.Int64),
        began=pl.col("at").filter(began).last(),
        over=pl.col("value").last().is_in(OVER),
    )
    folded = ordered.select("ticket_id").unique()
    for what, value, at in (
        ("state", "state", None),
        ("severity", "severity", None),
        ("csat", "csat", "csat_at"),
        ("escalation", "escalated_to", None),
    ):
        named = last.filter(pl.col("what") == what).select(
            "ticket_id", pl.col("value").alias(value), *([pl.col("at").alias(at)] if at else [])
        )
        folded = folded.join(named, on="ticket_id", how="left")
    risen = first.filter(pl.col("what") == "escalation").select("ticket_id", escalated_at="at")
    folded = folded.join(risen, on="ticket_id", how="left").join(course, on="ticket_id", how="left")
    return folded.with_columns(
        solved_at=pl.when(pl.col("over")).then("began"),
        counted_reopens=pl.col("counted_reopens").fill_null(0),
    ).select(pl.col(name).cast(kind) for name, kind in FOLDED.items())
