"""What invitations came to: who accepted, by reason and chance, over time; and whether the list did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Event, Invitation, Recommendation
from services.access import Viewer, visible
from services.figures import DRAWS, FEWEST, Z95, Share, share_of
from services.invitations.ranking.models import FEATURE_WORDS
from services.invitations.reaching import reached
from services.seats import load_attended

ACCEPTED = ("registered", "attended", "missed")
LOOKED_BACK = timedelta(days=365)
BANDS = ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01))
POWER_Z = 0.8416
"""For a power of 80%."""
OUTCOMES: dict[str, Any] = {"customer_id": pl.Int64, "treated": pl.Boolean, "came": pl.Boolean}
ANSWERS: dict[str, Any] = {
    "created_at": pl.Datetime("us", "UTC"),
    "event": pl.String,
    "customer": pl.String,
    "segment": pl.String,
    "state": pl.String,
    "accepted": pl.Boolean,
}
"""One row per invitation that reached its person."""


@dataclass(frozen=True)
class ListLift:
    """Customers recommended against those left out for comparison: shares of (customer, event) pairs where
    somebody came. `relative` 0.2 is a fifth more, with a 95% interval; None: not enough data. `detectable`:
    the smallest relative lift that as many pairs would show four times in five."""

    recommended: Share
    held_out: Share
    relative: float | None = None
    low: float | None = None
    high: float | None = None
    detectable: float | None = None


@dataclass(frozen=True)
class Line:
    """A reason, band of chances, or month, with how many of the invitations were accepted."""

    name: str
    share: Share


@dataclass(frozen=True)
class Learning:
    """Of the invitations that reached people in the last year, to customers that one sees."""

    overall: Share
    reasons: tuple[Line, ...]
    bands: tuple[Line, ...]
    months: tuple[Line, ...]
    lift: ListLift
    since: datetime


def learning(session: Session, by: Viewer, now: datetime) -> Learning:
    since = now - LOOKED_BACK
    rows = _invitations(session, by, since)
    return Learning(
        accepted(answers(session, by, since)), _by_reason(rows), _by_band(rows), _by_month(rows),
        lift_of_list(outcomes(session, by)), since,
    )  # fmt: skip


def answers(session: Session, by: Viewer, since: datetime) -> pl.DataFrame:
    """ANSWERS of the invitations made since then, the newest first."""
    i = Invitation
    query = (
        select(
            i.created_at,
            Event.name,
            Customer.name,
            Customer.segment,
            i.state,
            i.state.in_(ACCEPTED),
        )
        .join(Event, Event.id == i.event_id)
        .join(Customer, Customer.id == i.customer_id)
        .where(reached(), i.created_at >= since, visible(by))
        .order_by(i.created_at.desc(), i.id.desc())
    )
    return read_frame(session, query, ANSWERS)


def accepted(rows: pl.DataFrame) -> Share:
    """Of ANSWERS, how many registered or came."""
    return share_of(int(rows["accepted"].sum()), rows.height)


_Row = tuple[str, float | None, datetime, list[dict[str, Any]]]


def _invitations(session: Session, by: Viewer, since: datetime) -> list[_Row]:
    i = Invitation
    rows = session.execute(
        select(i.state, i.chance, i.created_at, i.reasons)
        .join(Customer, Customer.id == i.customer_id)
        .where(reached(), i.created_at >= since, visible(by))
        .order_by(i.id.desc())
        .limit(100_000)
    )
    return [(state, chance, at, reasons) for state, chance, at, reasons in rows]


def _by_reason(rows: list[_Row]) -> tuple[Line, ...]:
    """An invitation with three reasons counts for each of them."""
    found = []
    for feature, words in FEATURE_WORDS.items():
        mine = [row for row in rows if any(r.get("feature") == feature for r in row[3])]
        if mine:
            found.append(Line(words, _accepted(mine)))
    return tuple(sorted(found, key=lambda one: -one.share.of))


def _by_band(rows: list[_Row]) -> tuple[Line, ...]:
    """By the chance that was said."""
    found = []
    for low, high in BANDS:
        mine = [row for row in rows if row[1] is not None and low <= row[1] < high]
        if mine:
            found.append(Line(f"{low:.0%} – {min(high, 1):.0%}", _accepted(mine)))
    return tuple(found)


def _by_month(rows: list[_Row]) -> tuple[Line, ...]:
    months = sorted({row[2].strftime("%Y-%m") for row in rows})
    return tuple(
        Line(month, _accepted([row for row in rows if row[2].strftime("%Y-%m") == month]))
        for month in months
    )


def _accepted(rows: list[_Row]) -> Share:
    return share_of(sum(row[0] in ACCEPTED for row in rows), len(rows))


def outcomes(session: Session, by: Viewer) -> pl.DataFrame:
    """As OUTCOMES, with held_on, event, customer and segment: who stood on a list or was left out of one for comparison, of events
    that were held, and whether somebody came."""
    r = Recommendation
    rows = read_frame(
        session,
        select(
            r.customer_id,
            r.event_id,
            r.arm,
            Event.held_on,
            Event.name,
            Customer.name,
            Customer.segment,
        )
        .join(Event, Event.id == r.event_id)
        .join(Customer, Customer.id == r.customer_id)
        .where(Event.status == "held", r.arm.in_(("recommended", "holdout")), visible(by)),
        {"customer_id": pl.Int64, "event_id": pl.Int64, "arm": pl.String, **_NAMED},
    ).unique(["customer_id", "event_id"], keep="first", maintain_order=True)
    if rows.is_empty():
        return pl.DataFrame(schema=OUTCOMES | _NAMED)
    kept = load_attended(session)
    came = kept.rows.select("participant_id", "event_id").join(kept.people, on="participant_id")
    pairs = came.select("customer_id", "event_id").unique().with_columns(came=pl.lit(value=True))
    return rows.join(pairs, on=["customer_id", "event_id"], how="left").select(
        "customer_id",
        treated=pl.col("arm") == "recommended",
        came=pl.col("came").fill_null(value=False),
        **{name: pl.col(name) for name in _NAMED},
    )


_NAMED = {
    "held_on": pl.Date, "event": pl.String, "customer": pl.String, "segment": pl.String,
}  # fmt: skip


def lift_of_list(outcomes: pl.DataFrame, *, seed: int = 1) -> ListLift:
    """Recommended against held out (OUTCOMES), customers resampled with all their events.

    Who is held out follows from the customer's number alone, and both would have been on the list, so the
    difference is the list's doing.
    """
    treated, others = outcomes.filter("treated"), outcomes.filter(~pl.col("treated"))
    shares = (
        share_of(int(treated["came"].sum()), treated.height),
        share_of(int(others["came"].sum()), others.height),
    )
    sides = (treated["customer_id"].n_unique(), others["customer_id"].n_unique())
    mean = shares[0].share, shares[1].share
    if min(sides) < FEWEST or not mean[1] or mean[0] is None:
        return ListLift(*shares)
    drawn = (
        _drawn(treated, seed) / np.where((base := _drawn(others, seed + 1)) > 0, base, np.nan) - 1
    )
    low, high = (float(one) for one in np.nanpercentile(drawn, [2.5, 97.5]))
    spread = sqrt(mean[1] * (1 - mean[1]) * (1 / treated.height + 1 / others.height))
    return ListLift(
        *shares, relative=mean[0] / mean[1] - 1, low=low, high=high,
        detectable=(Z95 + POWER_Z) * spread / mean[1],
    )  # fmt: skip


def _drawn(rows: pl.DataFrame, seed: int) -> Any:
    """Shares that came, in DRAWS samples of the customers."""
    each = (
        rows.group_by("customer_id").agg(n=pl.len(), came=pl.col("came").sum()).sort("customer_id")
    )
    n, came = each["n"].to_numpy().astype(float), each["came"].to_numpy().astype(float)
    picked = np.random.default_rng(seed).integers(0, len(n), (DRAWS, len(n)))
    return came[picked].sum(axis=1) / n[picked].sum(axis=1)
