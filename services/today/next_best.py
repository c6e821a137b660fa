"""The next best five of a desk: its customers, what speaks for a word with each, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import polars as pl
from sqlalchemy import Double, Select, bindparam, case, cast, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.pieces import pieces
from data.tables import Customer, Draft, RiskSignal, Task
from data.types import UtcDateTime
from services.access import Viewer
from services.access.day import today, zone_of
from services.scoring.risk import OPEN_STATES
from services.tasks import awake, day_of
from services.today.best import (
    DRAFT,
    MOMENT,
    OCCASIONS,
    SIGNAL,
    STAKES,
    TASK,
    Pick,
    Reason,
    best,
)
from services.today.foremost import (
    DRAFT_STRENGTH,
    DRAFT_WITHIN,
    MAY_GO,
    foremost,
    on_desk,
    usual_arr,
)
from services.touches import spoken

SIGNAL_STRENGTH = {"alert": 0.8, "watch": 0.5}
TASK_STRENGTH = 0.5
ANSWER_WITHIN = timedelta(days=14)
"""A risk signal wants a word within it, or before the renewal if that is sooner."""
TASKS_AHEAD = timedelta(days=7)
UNTOLD = "a mail waits for your approval"
_NOW = bindparam("now", type_=UtcDateTime)
_THEIRS = bindparam("customers", expanding=True)
_STAKES = select(Customer.id, Customer.name, cast(Customer.arr, Double), Customer.currency).where(
    Customer.id.in_(_THEIRS)
)
_MAILS = select(
    Draft.customer_id, Draft.id, case(DRAFT_STRENGTH, value=Draft.severity), Draft.created_at,
    Draft.expires_at,
).where(Draft.customer_id.in_(_THEIRS), *MAY_GO)  # fmt: skip
_SUBJECTS = select(Draft.id, Draft.subject).where(Draft.id.in_(bindparam("drafts", expanding=True)))


@lru_cache(maxsize=256)
def _unanswered(by: Viewer) -> Select[*tuple[Any, ...]]:
    s, c = RiskSignal, Customer
    return (
        select(s.customer_id, s.id, s.level, s.opened_at, c.renews_on)
        .join(c, c.id == s.customer_id)
        .where(*on_desk(by), s.state.in_(OPEN_STATES))
        .where(~spoken(s.customer_id, s.opened_at, _NOW))
    )


@lru_cache(maxsize=256)
def _due(by: Viewer) -> Select[*tuple[Any, ...]]:
    t = Task
    return (
        select(t.customer_id, t.id, t.due_at, t.whole_day, t.title)
        .join(Customer, Customer.id == t.customer_id)
        .where(*on_desk(by), t.owner_id.in_(by.desks), t.state == "open")
        .where(t.due_at <= bindparam("ahead"))
        .where(awake(_NOW))
    )


def next_best(session: Session, by: Viewer, now: datetime) -> tuple[Pick, ...]:
    """Of the customers on the desk of `by`: one's own and those of people one stands in for."""
    others = pl.concat([_signals(session, by, now), _tasks(session, by, now)])
    asked = {*others["customer_id"], *foremost(session, by, now)}
    if not asked:
        return ()
    stakes = pl.concat([_stakes(session, some) for some in pieces(asked)])
    drafts = [_drafts(session, some, now) for some in pieces(asked)]
    found = best(stakes, usual_arr(session, by), pl.concat([others, *drafts]), now)
    return _with_subjects(session, found)


def _stakes(session: Session, customers: Sequence[int]) -> pl.DataFrame:
    return read_frame(session, _STAKES, STAKES, customers=customers)


def _signals(session: Session, by: Viewer, now: datetime) -> pl.DataFrame:
    """Open ones since which nobody has spoken with the customer; days to a renewal are those of `by`."""
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "number": pl.Int64, "level": pl.String, "opened_at": MOMENT,
        "renews_on": pl.Date,
    }  # fmt: skip
    found = read_frame(session, _unanswered(by), schema, now=now)
    if found.is_empty():  # most desks have none, and working on columns takes as long without rows
        return pl.DataFrame(schema=OCCASIONS)
    today_there = today(session, by, now)
    renewal = pl.col("renews_on").cast(MOMENT)
    ahead = pl.when(pl.col("renews_on") >= today_there).then(renewal)
    days = (ahead.dt.date() - pl.lit(today_there)).dt.total_days()
    since = (pl.lit(now, MOMENT) - pl.col("opened_at")).dt.total_days()
    lasting = (
        pl.when(since < 1).then(pl.lit("since today")).otherwise(pl.format("for {}", _days(since)))
    )
    said = pl.format("at risk ({}) {}, and nobody has spoken with them", "level", lasting)
    renews = (
        pl.when(days < 1)
        .then(pl.lit("the renewal is today"))
        .otherwise(pl.format("{} to the renewal", _days(days)))
    )
    return _typed(
        found.with_columns(
            kind=pl.lit(SIGNAL),
            strength=pl.col("level").replace_strict(SIGNAL_STRENGTH, return_dtype=pl.Float64),
            due_at=pl.min_horizontal(pl.col("opened_at") + ANSWER_WITHIN, ahead),
            words=pl.when(days.is_not_null())
            .then(pl.format("{}; {}", said, renews))
            .otherwise(said),
        )
    )


def _days(count: pl.Expr) -> pl.Expr:
    """`12 days`, `1 day`."""
    return pl.when(count == 1).then(pl.lit("1 day")).otherwise(pl.format("{} days", count))


def _drafts(session: Session, customers: Sequence[int], now: datetime) -> pl.DataFrame:
    """These customers' mails that wait for approval and may go now, without their words: a few are named."""
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "number": pl.Int64, "strength": pl.Float64, "created_at": MOMENT,
        "expires_at": MOMENT,
    }  # fmt: skip
    return _typed(
        read_frame(session, _MAILS, schema, customers=customers, now=now).with_columns(
            kind=pl.lit(DRAFT),
            due_at=pl.min_horizontal(pl.col("created_at") + DRAFT_WITHIN, "expires_at"),
            words=pl.lit(UNTOLD),
        )
    )


def _with_subjects(session: Session, picks: Sequence[Pick]) -> tuple[Pick, ...]:
    """What the mails among the reasons are about."""
    asked = [one.number for pick in picks for one in pick.reasons if one.kind == DRAFT]
    rows = session.execute(_SUBJECTS, {"drafts": asked}) if asked else ()
    about = {number: f"{UNTOLD}: “{subject}”" for number, subject in rows}
    return tuple(
        replace(pick, reasons=tuple(_told(one, about) for one in pick.reasons)) for pick in picks
    )


def _told(one: Reason, about: Mapping[int, str]) -> Reason:
    return replace(one, words=about.get(one.number, UNTOLD)) if one.kind == DRAFT else one


def _tasks(session: Session, by: Viewer, now: datetime) -> pl.DataFrame:
    """Those on the desk due within a week, but what is snoozed."""
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "number": pl.Int64, "due_at": MOMENT, "whole_day": pl.Boolean,
        "title": pl.String,
    }  # fmt: skip
    found = read_frame(session, _due(by), schema, now=now, ahead=now + TASKS_AHEAD)
    if found.is_empty():
        return pl.DataFrame(schema=OCCASIONS)
    zone = zone_of(session, by.person_id)
    dues = found.select("due_at", "whole_day").iter_rows()
    days = [day_of(at, zone, whole_day=whole) for at, whole in dues]
    return _typed(
        found.with_columns(
            kind=pl.lit(TASK),
            strength=pl.lit(TASK_STRENGTH),
            words=pl.format("to do by {}: {}", pl.Series(days).dt.strftime("%-d %b"), "title"),
        )
    )


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(kind) for name, kind in OCCASIONS.items())
