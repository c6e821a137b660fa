"""Keeping every customer's health, and a row for each change of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import polars as pl
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_frame, update_frame
from data.tables import Customer, CustomerScore, HealthChange
from data.versions import FACTS, bump
from services.access import Viewer
from services.scoring.health import weights as settings
from services.scoring.health.mean import EARLIER, healths, with_causes
from services.scoring.health.weights import HealthWeights

_CUSTOMERS = {"customer_id": pl.Int64, "reported": pl.Int64, "before": pl.Int64}
SCORES = {
    "customer_id": pl.Int64,
    "score": pl.Int64,
    "attended": pl.Int64,
    "eligible": pl.Int64,
    "missed": pl.Int64,
}
_PART = pl.Struct({"value": pl.Int64, "weight": pl.Int64})
_PARTS = pl.Struct({"reported": _PART, "engagement": _PART})


def follow(session: Session, *, now: datetime, scores: pl.DataFrame, whole: bool = True) -> int:
    """Bring health in step with these scores (SCORES, or a frame of `score_customers`); how many changed.

    Part of the transaction that changed the scores, the CRM's figures or the weights. With `whole` the
    scores are those of everybody, and customers without any are looked at as well.
    """
    if "missed_in_row" in scores.columns:
        scores = scores.rename({"missed_in_row": "missed"})
    weights = settings.load(session)
    known = _known(session, scores.select(pl.col(n).cast(k) for n, k in SCORES.items()), whole)
    found = healths(known, weights)
    changed = found.filter(pl.col("health").ne_missing(pl.col("before")))
    if changed.is_empty():
        return 0
    told = with_causes(changed, _earlier(session), weights)
    table = cast("Table", Customer.__table__)
    fresh = told.select(id="customer_id", health_score="health").sort("id")
    update_frame(session, table, fresh, ["id"])
    insert_frame(session, cast("Table", HealthChange.__table__), _rows(told, weights, now))
    return changed.height


def set_weights(session: Session, weights: HealthWeights, *, by: Viewer, now: datetime) -> int:
    """Make these weights count at once; how many customers' health changed. Admins only."""
    if not settings.keep(session, weights, by=by, now=now):
        return 0
    session.flush()  # what follows reads them
    changed = follow(session, now=now, scores=stored(session))
    bump(session, FACTS)
    return changed


def stored(session: Session) -> pl.DataFrame:
    """SCORES of the stored board."""
    statement = select(
        CustomerScore.customer_id,
        CustomerScore.score,
        CustomerScore.attended,
        CustomerScore.eligible,
        CustomerScore.facts,
    )
    schema = {name: kind for name, kind in SCORES.items() if name != "missed"}
    rows = read_frame(session, statement, schema | {"facts": pl.Utf8})
    missed = rows["facts"].str.json_decode(pl.Struct({"missed_in_row": pl.Int64}))
    return rows.drop("facts").with_columns(missed=missed.struct.field("missed_in_row"))


def _known(session: Session, scores: pl.DataFrame, whole: bool) -> pl.DataFrame:  # noqa: FBT001
    rows = read_frame(
        session,
        select(Customer.id, Customer.reported_health, Customer.health_score),
        _CUSTOMERS,
    )
    return rows.join(
        scores, on="customer_id", how="left" if whole else "inner", maintain_order="left"
    )


def _earlier(session: Session) -> pl.DataFrame:
    newest = select(func.max(HealthChange.id)).group_by(HealthChange.customer_id)
    rows = session.execute(
        select(HealthChange.customer_id, HealthChange.parts).where(HealthChange.id.in_(newest))
    ).all()
    return pl.DataFrame(
        [tuple(row) for row in rows],
        schema={"customer_id": pl.Int64, "parts": _PARTS},
        orient="row",
    ).select(
        "customer_id",
        was_reported=_field("reported", "value"),
        was_engagement=_field("engagement", "value"),
        was_weight=_field("reported", "weight"),
    ).cast(cast("Any", EARLIER))  # fmt: skip


def _field(part: str, name: str) -> pl.Expr:
    return pl.col("parts").struct.field(part).struct.field(name)


def _rows(told: pl.DataFrame, weights: HealthWeights, now: datetime) -> pl.DataFrame:
    parts = pl.struct(
        reported=pl.struct(value="reported", weight=pl.lit(weights.reported, pl.Int64)),
        engagement=pl.struct(value="engagement", weight=pl.lit(weights.engagement, pl.Int64)),
    )
    return told.sort("customer_id").select(
        "customer_id",
        at=pl.lit(now.astimezone(UTC)).dt.convert_time_zone("UTC").dt.cast_time_unit("us"),
        before="before",
        health="health",
        parts=parts.struct.json_encode(),
        cause="cause",
    )
