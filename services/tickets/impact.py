"""What a ticket did to its customer: health before, during and after it. Pure, on frames, and the reading."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import HealthChange
from services.tickets.history import MOMENT
from services.tickets.records import HealthCourse

COURSE = {"id": pl.Int64, "before": pl.Int64, "lowest": pl.Int64, "after": pl.Int64}
CHANGES = {"customer_id": pl.Int64, "at": MOMENT, "was": pl.Int64, "health": pl.Int64}
_PIECE = 5_000


def courses(tickets: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """COURSE per ticket.

    `tickets`: id, customer_id, opened_at, solved_at (null while open). `changes`: CHANGES. `before` is the
    health in force when it was opened (what it was before the first change, where that came later),
    `lowest` the least from then until it was solved, `after` the last known.
    """
    ordered = changes.sort("customer_id", "at", maintain_order=True)
    opened = tickets.filter(pl.col("customer_id").is_not_null()).sort("opened_at")
    then = opened.join_asof(
        ordered.select("customer_id", "at", held="health").sort("at", maintain_order=True),
        left_on="opened_at", right_on="at", by="customer_id", strategy="backward",
        check_sortedness=False,
    )  # fmt: skip
    first = ordered.group_by("customer_id").agg(
        first=pl.col("was").first(), after=pl.col("health").last()
    )
    known = then.join(first, on="customer_id", how="left").with_columns(
        before=pl.coalesce("held", "first")
    )
    during = (
        known.select("id", "customer_id", "opened_at", "solved_at")
        .join(ordered, on="customer_id", how="inner")
        .filter(
            pl.col("at") > pl.col("opened_at"),
            pl.col("solved_at").is_null() | (pl.col("at") <= pl.col("solved_at")),
        )
        .group_by("id")
        .agg(pl.col("health").min().alias("least"))
    )
    both = known.join(during, on="id", how="left")
    return both.select(
        "id", "before", lowest=pl.min_horizontal("before", "least"), after="after"
    ).cast(COURSE)  # type: ignore[arg-type]


def health_changes(session: Session, customer_ids: Collection[int]) -> pl.DataFrame:
    """CHANGES of these customers, oldest first."""
    h = HealthChange
    ids = sorted(set(customer_ids))
    found = [pl.DataFrame(schema=CHANGES)]
    for start in range(0, len(ids), _PIECE):
        some = (
            select(h.customer_id, h.at, h.before, h.health)
            .where(h.customer_id.in_(ids[start : start + _PIECE]))
            .order_by(h.customer_id, h.at, h.id)
        )
        found.append(read_frame(session, some, CHANGES))
    return pl.concat(found)


def course_of(
    session: Session, ticket: pl.DataFrame, customer_id: int | None, current: int | None
) -> HealthCourse:
    """Of one ticket (a row as `courses` takes it); `current` is the health today."""
    if customer_id is None:
        return HealthCourse(None, None, None)
    found = courses(ticket, health_changes(session, [customer_id])).to_dicts()
    one = found[0] if found else {"before": None, "lowest": None, "after": None}
    return HealthCourse(one["before"], one["lowest"], one["after"] if current is None else current)
