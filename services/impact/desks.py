"""Who carries how much, and how the promises to customers are kept, per CSM."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Person, RiskSignal
from services import today
from services.access import Viewer, visible
from services.attendance.follow_up.breaches import PROMISES, judged, rows_of
from services.impact.wanted import Wanted, lens_of
from services.scoring.risk import OPEN_STATES

NOBODY = "Nobody"
KEPT: dict[str, Any] = {
    name: pl.Int64 for promise in PROMISES for name in (promise, f"{promise}_of")
}
DESKS: dict[str, Any] = {
    "csm": pl.String, "customers": pl.Int64, "arr": pl.String, "at_risk": pl.Int64,
    "drafts": pl.Int64, "oldest_draft": pl.Datetime("us", "UTC"), "tasks": pl.Int64,
    "stuck": pl.Int64, **KEPT,
}  # fmt: skip
"""One row per CSM with customers. `arr` in words, per currency; `at_risk`: customers with an open signal; what
waits (`drafts`, `tasks` due, `stuck` mails) is of the whole desk, as on Today; of each promise of the last 60 days
how often it was kept, of how many whose time is over."""
_PEOPLE: dict[str, Any] = {"csm_id": pl.Int64, "csm": pl.String}


def desks(session: Session, by: Viewer, *, at: datetime, wanted: Wanted) -> pl.DataFrame:
    """DESKS, the most customers first; NotAllowed for who leads nobody."""
    lens = lens_of(by, wanted)
    held = _held(session, lens)
    waits = [
        (one.person_id, one.drafts, one.oldest, one.tasks, one.stuck)
        for one in today.desks(session, by, at)
    ]
    waiting = pl.DataFrame(waits, schema=_WAITS, orient="row")
    promised = kept(judged(rows_of(session, lens, at), at))
    counts = [name for name in DESKS if DESKS[name] == pl.Int64]
    return (
        held.join(waiting, on="csm_id", how="left")
        .join(promised, on="csm_id", how="left", nulls_equal=True)
        .with_columns(pl.col(counts).fill_null(0))
        .select(*DESKS)
        .sort("customers", "csm", descending=[True, False])
    )


_WAITS: dict[str, Any] = {
    "csm_id": pl.Int64,
    **{name: DESKS[name] for name in ("drafts", "oldest_draft", "tasks", "stuck")},
}


def kept(rows: pl.DataFrame) -> pl.DataFrame:
    """Per csm_id KEPT: of `judged` follow-ups, how many promises were kept of those whose time is over. Pure."""
    over = ("kept", "late", "overdue")
    return rows.group_by("csm_id").agg(
        *((pl.col(name) == "kept").sum().cast(pl.Int64) for name in PROMISES),
        *(pl.col(name).is_in(over).sum().cast(pl.Int64).alias(f"{name}_of") for name in PROMISES),
    )


def _held(session: Session, lens: Viewer) -> pl.DataFrame:
    """csm_id, csm, customers, arr, at_risk."""
    c = Customer
    per_currency = read_frame(
        session,
        select(c.csm_id, Person.name, c.currency, func.count(), func.sum(c.arr))
        .outerjoin(Person, Person.id == c.csm_id)
        .where(visible(lens), c.churned_on.is_(None))
        .group_by(c.csm_id, Person.name, c.currency),
        {**_PEOPLE, "currency": pl.String, "customers": pl.Int64, "arr": pl.Float64},
    )
    signals = read_frame(
        session,
        select(c.csm_id, func.count(c.id.distinct()))
        .join(RiskSignal, RiskSignal.customer_id == c.id)
        .where(visible(lens), c.churned_on.is_(None), RiskSignal.state.in_(OPEN_STATES))
        .group_by(c.csm_id),
        {"csm_id": pl.Int64, "at_risk": pl.Int64},
    )
    per_currency = per_currency.sort("customers", "currency", descending=[True, False])
    amounts = pl.Series(map("{:,.0f}".format, per_currency["arr"].fill_null(0.0)), dtype=pl.String)
    return (
        per_currency.with_columns(
            csm=pl.col("csm").fill_null(NOBODY),
            arr=pl.when(pl.col("arr") > 0).then(pl.format("{} {}", "currency", amounts)),
        )
        .group_by("csm_id", "csm", maintain_order=True)
        .agg(pl.col("customers").sum(), pl.col("arr").drop_nulls().str.join(" + "))
        .join(signals, on="csm_id", how="left", nulls_equal=True)
    )
