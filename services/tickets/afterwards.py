"""What follow-ups came to: replies, ratings, and health against tickets that nobody followed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Rating, Ticket, TicketFollowUp
from services.access import Viewer
from services.figures import Lift, Share, share_of
from services.tickets.assessing import BACK, NOT_BACK
from services.tickets.courses import anchors, lifts
from services.tickets.follow_up.timing import GOOD, Timing, sent_mails, timing
from services.tickets.history import MOMENT
from services.tickets.impact import health_changes
from services.tickets.listing import seen_by
from services.tickets.records import LEVEL_WORDS, OVER
from services.tickets.terms import POOR

LOOKED_BACK = timedelta(days=365)
MOST = 20_000
"""Tickets that are looked at, the newest."""
_SENT = {
    "sent_at": MOMENT, "ticket": pl.String, "customer": pl.String, "segment": pl.String,
    "level": pl.String, "replied": pl.Boolean, "score": pl.Int64, "why": pl.String,
}  # fmt: skip
SENT = (*(name for name in _SENT if name != "why"), "confident")
"""`confident`: whether confidence was back after two weeks; empty until it was assessed."""
_TICKET = {
    "id": pl.Int64, "customer_id": pl.Int64, "level": pl.String, "solved_at": MOMENT,
    "cluster_id": pl.Int64, "sent_at": MOMENT,
}  # fmt: skip


@dataclass(frozen=True)
class LevelOutcome:
    """Of one level: how many mails left, how many were replied to, the ratings, and of those that were
    assessed after two weeks how often confidence was `back`."""

    level: str
    sent: int
    replied: Share
    rated: Share
    good: Share
    poor: int
    back: Share


@dataclass(frozen=True)
class AfterwardsReport:
    """`health`: per days after (0, 7, 14, 30) the rise in health with a follow-up less that without (on
    day 0 the level), with an interval; `points` None where there is not enough data. `followed` and `others` count tickets."""

    as_of: datetime
    levels: tuple[LevelOutcome, ...]
    health: tuple[tuple[int, Lift], ...]
    followed: int
    others: int
    timing: Timing


def report(session: Session, by: Viewer, now: datetime) -> AfterwardsReport:
    """Of the last year, of the customers that one sees; timing is learned from everybody's."""
    cases = anchors(_tickets(session, by, now))
    changes = health_changes(session, cases["customer_id"].drop_nulls().unique().to_list())
    treated = int(cases["treated"].sum())
    return AfterwardsReport(
        as_of=now,
        levels=_levels(sent(session, by, now - LOOKED_BACK)),
        health=lifts(cases, changes, now),
        followed=treated,
        others=cases.height - treated,
        timing=timing(sent_mails(session)),
    )


def _tickets(session: Session, by: Viewer, now: datetime) -> pl.DataFrame:
    f, t = TicketFollowUp, Ticket
    spoken = (
        select(func.min(f.sent_at))
        .where(f.cluster_id == t.cluster_id, f.sent_at >= t.solved_at)
        .scalar_subquery()
    )
    rows = (
        select(t.id, t.customer_id, t.level, t.solved_at, t.cluster_id, spoken)
        .where(t.solved_at > now - LOOKED_BACK, t.state.in_(OVER), t.level.is_not(None))
        .where(t.customer_id.is_not(None), seen_by(by))
        .order_by(t.solved_at.desc(), t.id)
        .limit(MOST)
    )
    return read_frame(session, rows, _TICKET)


def sent(session: Session, by: Viewer, since: datetime) -> pl.DataFrame:
    """Follow-ups that left since then, SENT, the newest first; one that went in another's mail is not counted."""
    f = TicketFollowUp
    rows = (
        select(
            f.sent_at, Ticket.number, Customer.name, Customer.segment, f.level,
            f.replied_at.is_not(None), Rating.score, f.why,
        )
        .join(Ticket, Ticket.id == f.ticket_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Rating, Rating.follow_up_id == f.id)
        .where(f.sent_at > since, f.carrier_id.is_(None), seen_by(by))
        .order_by(f.sent_at.desc(), f.id)
    )  # fmt: skip
    return read_frame(session, rows, _SENT).select(
        pl.exclude("why"),
        confident=pl.when(pl.col("why").str.starts_with(BACK))
        .then(pl.lit(value=True))
        .when(pl.col("why").str.starts_with(NOT_BACK))
        .then(pl.lit(value=False)),
    )


def replied(rows: pl.DataFrame) -> Share:
    """Of the mails (SENT), how many were answered."""
    return share_of(int(rows["replied"].sum()), rows.height)


def confident(rows: pl.DataFrame) -> Share:
    """Of the mails (SENT) that were assessed, how many customers had their confidence back."""
    known = rows["confident"].drop_nulls()
    return share_of(int(known.sum()), len(known))


def _levels(rows: pl.DataFrame) -> tuple[LevelOutcome, ...]:
    return tuple(_outcome(level, rows.filter(pl.col("level") == level)) for level in LEVEL_WORDS)


def _outcome(level: str, rows: pl.DataFrame) -> LevelOutcome:
    scores = rows["score"].drop_nulls()
    return LevelOutcome(
        level,
        rows.height,
        replied(rows),
        share_of(len(scores), rows.height),
        share_of(int((scores >= GOOD).sum()), len(scores)),
        int((scores <= POOR).sum()),
        confident(rows),
    )
