"""The next best five of a desk: its customers, what speaks for a word with each, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Customer, Draft, RiskSignal, Task
from services.access import Viewer, visible
from services.scoring.risk import OPEN_STATES
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
from services.touches import spoken

DRAFT_STRENGTH = {"critical": 0.9, "high": 0.7, "normal": 0.4, "low": 0.2}
SIGNAL_STRENGTH = {"alert": 0.8, "watch": 0.5}
TASK_STRENGTH = 0.5
ANSWER_WITHIN = timedelta(days=14)
"""A risk signal wants a word within it, or before the renewal if that is sooner."""
DRAFT_WITHIN = timedelta(hours=72)
"""What is promised of a follow-up; a mail that says itself when it comes too late has that instead."""
TASKS_AHEAD = timedelta(days=7)
UNTOLD = "a mail waits for your approval"


def next_best(session: Session, by: Viewer, now: datetime) -> tuple[Pick, ...]:
    """Of the customers on the desk of `by`: one's own and those of people one stands in for."""
    mine = [visible(by), Customer.csm_id.in_(by.desks), Customer.churned_on.is_(None)]
    occasions = pl.concat(
        [_signals(session, mine, now), _drafts(session, mine, now), _tasks(session, mine, by, now)]
    )
    if occasions.is_empty():
        return ()
    c = Customer
    query = select(c.id, c.name, c.arr, c.currency).where(*mine)
    return _with_subjects(session, best(read_large(session, query, STAKES), occasions, now))


_Where = Iterable[ColumnElement[bool]]


def _signals(session: Session, mine: _Where, now: datetime) -> pl.DataFrame:
    """Open ones since which nobody has spoken with the customer."""
    s, c = RiskSignal, Customer
    query = (
        select(s.customer_id, s.id, s.level, s.opened_at, c.renews_on)
        .join(c, c.id == s.customer_id)
        .where(*mine, s.state.in_(OPEN_STATES), ~spoken(s.customer_id, s.opened_at, now))
    )
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "number": pl.Int64, "level": pl.String, "opened_at": MOMENT,
        "renews_on": pl.Date,
    }  # fmt: skip
    renewal = pl.col("renews_on").cast(MOMENT)
    ahead = pl.when(pl.col("renews_on") >= now.date()).then(renewal)
    days = (ahead.dt.date() - pl.lit(now.date())).dt.total_days()
    since = (pl.lit(now, MOMENT) - pl.col("opened_at")).dt.total_days()
    said = pl.format(
        "at risk ({}) since {}, and nobody has spoken with them", "level", _days(since)
    )
    return _typed(
        read_frame(session, query, schema).with_columns(
            kind=pl.lit(SIGNAL),
            strength=pl.col("level").replace_strict(SIGNAL_STRENGTH, return_dtype=pl.Float64),
            due_at=pl.min_horizontal(pl.col("opened_at") + ANSWER_WITHIN, ahead),
            words=pl.when(days.is_not_null())
            .then(pl.format("{}; {} to the renewal", said, _days(days)))
            .otherwise(said),
        )
    )


def _days(count: pl.Expr) -> pl.Expr:
    """`12 days`, `1 day`, `today`."""
    some = pl.when(count == 1).then(pl.lit("1 day")).otherwise(pl.format("{} days", count))
    return pl.when(count < 1).then(pl.lit("today")).otherwise(some)


def _drafts(session: Session, mine: _Where, now: datetime) -> pl.DataFrame:
    """Mails that wait for approval and may go now, without their words: thousands wait after a conference, and a few
    are named."""
    d = Draft
    strength = case(DRAFT_STRENGTH, value=d.severity)
    query = (
        select(d.customer_id, d.id, strength, d.created_at, d.expires_at)
        .join(Customer, Customer.id == d.customer_id)
        .where(*mine, d.state == "pending", or_(d.not_before.is_(None), d.not_before <= now))
    )
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "number": pl.Int64, "strength": pl.Float64, "created_at": MOMENT,
        "expires_at": MOMENT,
    }  # fmt: skip
    return _typed(
        read_large(session, query, schema).with_columns(
            kind=pl.lit(DRAFT),
            due_at=pl.min_horizontal(pl.col("created_at") + DRAFT_WITHIN, "expires_at"),
            words=pl.lit(UNTOLD),
        )
    )


def _with_subjects(session: Session, picks: Sequence[Pick]) -> tuple[Pick, ...]:
    """What the mails among the reasons are about."""
    asked = [one.number for pick in picks for one in pick.reasons if one.kind == DRAFT]
    rows = (
        session.execute(select(Draft.id, Draft.subject).where(Draft.id.in_(asked))) if asked else ()
    )
    about = {number: f"{UNTOLD}: “{subject}”" for number, subject in rows}
    return tuple(
        replace(pick, reasons=tuple(_told(one, about) for one in pick.reasons)) for pick in picks
    )


def _told(one: Reason, about: Mapping[int, str]) -> Reason:
    return replace(one, words=about.get(one.number, UNTOLD)) if one.kind == DRAFT else one


def _tasks(session: Session, mine: _Where, by: Viewer, now: datetime) -> pl.DataFrame:
    """Those on the desk due within a week, but what is snoozed."""
    t = Task
    query = (
        select(t.customer_id, t.id, t.due_at, t.title)
        .join(Customer, Customer.id == t.customer_id)
        .where(
            *mine,
            t.owner_id.in_(by.desks),
            t.state == "open",
            t.due_at <= now + TASKS_AHEAD,
            or_(t.snoozed_until.is_(None), t.snoozed_until <= now),
        )
    )
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "number": pl.Int64, "due_at": MOMENT, "title": pl.String,
    }  # fmt: skip
    day = pl.col("due_at").dt.strftime("%-d %b")
    return _typed(
        read_frame(session, query, schema).with_columns(
            kind=pl.lit(TASK),
            strength=pl.lit(TASK_STRENGTH),
            words=pl.format("to do by {}: {}", day, "title"),
        )
    )


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(kind) for name, kind in OCCASIONS.items())
