"""One row per ticket out of many that tell of it, and out of what is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import polars as pl

from integrations.ticket_records import Told
from services.tickets.history import MOMENT
from services.tickets.source import Source
from services.tickets.stored import TICKET

_MOMENTS = ("opened_at", "solved_at", "updated_at", "at")
_PLAIN = (
    "url", "subject", "kind", "channel", "area", "tags", "requester_id", "agent", "team",
    "first_reply_minutes", "replies", "csat_comment", "resolution",
)  # fmt: skip
"""What the newest who says anything of it says."""
NO_SUBJECT = "(no subject)"


def without_zone(told: Told) -> Told:
    """Its times as moments in UTC, and tags as one text."""
    tickets, changes, messages = (
        frame.with_columns(
            pl.col(c).dt.replace_time_zone("UTC") for c in _MOMENTS if c in frame.columns
        )
        for frame in (told.tickets, told.changes, told.messages)
    )
    tags = pl.col("tags").list.join("\n", ignore_nulls=True)
    return replace(told, tickets=tickets.with_columns(tags), changes=changes, messages=messages)


def number_key(number: pl.Expr) -> pl.Expr:
    """Numbers as they are compared: `#TF-2024-0847 ` is `tf-2024-0847`."""
    return number.str.replace_all(r"[\s#]+", "").str.to_lowercase()


def snapshots(tickets: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """One row per number_key: of each column what was said last. `seen_at` is when the ticket was so."""
    ordered = tickets.with_columns(number_key=number_key(pl.col("number")))
    ordered = ordered.sort("updated_at", maintain_order=True)
    others = [c for c in ordered.columns if c != "number_key"]
    folded = ordered.group_by("number_key", maintain_order=True).agg(
        pl.col(c).drop_nulls().last() for c in others
    )
    seen = pl.coalesce("updated_at", "solved_at", "opened_at", pl.lit(now))
    return folded.filter(pl.col("number_key") != "").with_columns(seen_at=seen)


def merged(
    rows: pl.DataFrame, known: pl.DataFrame, course: pl.DataFrame, source: Source
) -> pl.DataFrame:
    """TICKET of `rows`: of what is plain, the newer of both says it; the rest is what its history came to.

    An older telling that comes late only fills in what was open.
    """
    both = rows.join(known, on="id", how="left", suffix="_was").join(
        course, left_on="id", right_on="ticket_id", how="left", suffix="_now"
    )
    newer = pl.col("updated_at_was").is_null() | (pl.col("seen_at") >= pl.col("updated_at_was"))
    plain = {
        name: pl.when(newer)
        .then(pl.coalesce(name, f"{name}_was"))
        .otherwise(pl.coalesce(f"{name}_was", name))
        for name in _PLAIN
    }
    # They go with the requester that was chosen.
    same = pl.col("requester_id").is_null() | (~newer & pl.col("requester_id_was").is_not_null())
    whose = {
        name: pl.when(same).then(f"{name}_was").otherwise(name)
        for name in ("customer_id", "stakeholder_id")
    }
    folded = {
        name: pl.col(f"{name}_now")
        for name in (
            "state", "severity", "csat", "csat_at", "solved_at", "escalated_to", "escalated_at",
        )
    }  # fmt: skip
    made = both.with_columns(
        **plain,
        **whose,
        **folded,
        desk=pl.lit(source.desk),
        number=pl.coalesce("number_was", "number"),
        people=pl.col("people"),
        sentiment=pl.col("sentiment"),
        opened_at=pl.min_horizontal("opened_at", "opened_at_was"),
        updated_at=pl.max_horizontal("seen_at", "updated_at_was"),
        reopens=pl.max_horizontal("reopens", "reopens_was", "counted_reopens"),
    )
    return made.with_columns(
        subject=pl.col("subject").fill_null(NO_SUBJECT),
        state=pl.col("state").fill_null("open"),
        opened_at=pl.coalesce("opened_at", "solved_at", "updated_at").cast(MOMENT),
        reopens=pl.col("reopens").fill_null(0),
    ).select(pl.col(name).cast(kind) for name, kind in TICKET.items())
