"""Looking for customers who fade: opens signals once, escalates them, closes them on recovery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from data.bulk import is_sqlite
from data.once import add_once
from data.tables import Customer, RiskSignal
from services.access import Viewer
from services.scoring.board import default_as_of
from services.scoring.courses import for_everybody
from services.scoring.load import load_facts
from services.scoring.risk import answers
from services.scoring.risk.alarm import RECOVERY_DAYS, judged
from services.scoring.risk.mail import mail_channel
from services.scoring.risk.moves import quiet_since, record
from services.scoring.risk.records import KIND, WITHDRAWN
from services.scoring.risk.sentence import facts_of, sentence_of
from services.scoring.risk.shortfall import shortfalls
from services.scoring.risk.tell import Opened, tell_csms

Row = Mapping[str, Any]
_LOCK = 7_340_136
"""Postgres advisory lock: one look at a time."""


@dataclass(frozen=True)
class Detected:
    """What one look came to. `held_back`: they fade, but had a signal not long ago."""

    as_of: date
    opened: int = 0
    escalated: int = 0
    closed: int = 0
    still: int = 0
    held_back: int = 0
    judged: int = 0
    """Customers with enough history to be judged."""


def judge_all(session: Session, as_of: date, mail: pl.DataFrame | None = None) -> pl.DataFrame:
    """Every customer that has not left by then, as `judged` has it."""
    facts = load_facts(session, as_of=as_of)
    gone = session.scalars(select(Customer.id).where(Customer.churned_on <= as_of)).all()
    staying = facts.customers.filter(~pl.col("customer_id").is_in(list(gone)))
    return judged(
        shortfalls(facts.attendances, for_everybody(facts.events), staying, as_of=as_of), mail
    )


def detect(
    session: Session,
    *,
    now: datetime,
    mail: pl.DataFrame | None = None,
    by: Viewer | None = None,
) -> Detected:
    """Look at every customer as of the board's day and bring the signals up to date.

    A signal opens once and keeps its level or rises from watch to alert. It closes when it has not held
    for RECOVERY_DAYS, or when the customer has left. Afterwards the customer is quiet: see `_quiet`.
    mail: the other channel, columns MAIL of `alarm`; read from the campaigns when not given. `by`: who asked for the look, if somebody did.
    """
    _take_turn(session)
    as_of = default_as_of(session, now.date())
    rows = judge_all(session, as_of, mail_channel(session, as_of) if mail is None else mail)
    standing = _standing(session)
    flagged = rows.filter(pl.col("level").is_not_null())
    of_interest = rows.filter(
        pl.col("level").is_not_null() | pl.col("customer_id").is_in(list(standing))
    )
    by_customer = {row["customer_id"]: row for row in of_interest.iter_rows(named=True)}
    counts: dict[str, int] = defaultdict(int)
    risen: list[RiskSignal] = []
    for signal in standing.values():
        move = _look(session, signal, by_customer.get(signal.customer_id), as_of, now)
        counts[move] += 1
        if move == "escalated":
            risen.append(signal)
    fresh = [r for r in flagged.iter_rows(named=True) if r["customer_id"] not in standing]
    opened = _open(session, fresh, as_of, now, by)
    tell_csms(session, [*opened.signals, *risen], now)
    session.flush()
    answers.settle(session, now)
    return Detected(
        as_of=as_of,
        opened=len(opened.signals),
        escalated=counts["escalated"],
        closed=counts["closed"],
        still=counts["still"] + counts["escalated"],
        held_back=opened.held_back,
        judged=rows.filter("enough").height,
    )


def _take_turn(session: Session) -> None:
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _standing(session: Session) -> dict[int, RiskSignal]:
    """Signals that are not closed, by customer."""
    found = session.scalars(
        select(RiskSignal).where(RiskSignal.kind == KIND, RiskSignal.state != "closed")
    )
    return {signal.customer_id: signal for signal in found}


def _look(session: Session, signal: RiskSignal, row: Row | None, as_of: date, now: datetime) -> str:
    """Bring a standing signal up to date; gives what happened: still, escalated, waning or closed."""
    if row is None:
        return _closed(session, signal, "The customer has left.", now)
    facts = facts_of(row, as_of)
    signal.facts, signal.sentence, signal.as_of = facts, sentence_of(facts), as_of
    if row["level"] is None:
        if now - signal.seen_at < timedelta(days=RECOVERY_DAYS):
            return "waning"
        return _closed(session, signal, f"Recovered: not seen for {RECOVERY_DAYS} days.", now)
    signal.seen_at = now
    if row["level"] == "alert" and signal.level == "watch":
        signal.level, signal.state = "alert", "open"
        record(session, signal, "escalated", now)
        return "escalated"
    return "still"


def _closed(session: Session, signal: RiskSignal, why: str, now: datetime) -> str:
    signal.state, signal.closed_at, signal.closed_why = "closed", now, why
    record(session, signal, "closed", now, why=why)
    answers.end(session, signal, why, now)
    return "closed"


def _open(
    session: Session, rows: list[dict[str, Any]], as_of: date, now: datetime, by: Viewer | None
) -> Opened:
    earlier = _quiet_ones(session, now)
    held_back = 0
    signals: list[RiskSignal] = []
    for row in rows:
        if any(_quiet(old, row["level"], now) for old in earlier.get(row["customer_id"], ())):
            held_back += 1
            continue
        facts = facts_of(row, as_of)
        number = add_once(
            session,
            RiskSignal,
            customer_id=row["customer_id"],
            kind=KIND,
            level=row["level"],
            state="open",
            sentence=sentence_of(facts),
            facts=facts,
            as_of=as_of,
            opened_at=now,
            seen_at=now,
        )
        if number is not None:
            signal = session.get_one(RiskSignal, number)
            record(session, signal, "opened", now, by=by)
            signals.append(signal)
    return Opened(signals, held_back)


def _quiet_ones(session: Session, now: datetime) -> dict[int, list[RiskSignal]]:
    since = quiet_since(now)
    found = session.scalars(
        select(RiskSignal).where(
            RiskSignal.kind == KIND,
            RiskSignal.state == "closed",
            or_(RiskSignal.opened_at > since, RiskSignal.closed_at > since),
            RiskSignal.closed_why.is_distinct_from(WITHDRAWN),
        )
    )
    by_customer: dict[int, list[RiskSignal]] = defaultdict(list)
    for signal in found:
        by_customer[signal.customer_id].append(signal)
    return by_customer


def _quiet(old: RiskSignal, level: str, now: datetime) -> bool:
    """Whether an earlier signal keeps this customer from a new one.

    One closed by hand does for the whole time from its closing: a person has judged. Otherwise the time
    runs from its opening, and a watch does not stand in the way of an alert.
    """
    since = quiet_since(now)
    if old.closed_by is not None and old.closed_at is not None and old.closed_at > since:
        return True
    worse = level == "alert" and old.level == "watch"
    return old.opened_at > since and not worse
