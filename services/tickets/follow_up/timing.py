"""How long after solving a mail is best written: what was learned, and what is taken until enough is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import AppSetting, Rating, Ticket, TicketFollowUp
from services.figures import Share, share_of
from services.tickets.history import MOMENT
from services.tickets.terms import HOLD_OFF

LEARNED = "ticket_timing"
ENOUGH = 30
"""Mails in each of two spans before one of them may be called better."""
SPANS = ((0, 24), (24, 48), (48, 96), (96, 24 * 365))
"""Hours from solving to sending."""
SPAN_WORDS = ("within a day", "on the second day", "on the third or fourth day", "later")
GOOD = 4
"""Scores from which a rating is good."""
SENT = {
    "level": pl.String, "solved_at": MOMENT, "sent_at": MOMENT, "replied_at": MOMENT, "score": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """What mails came to that left so long after solving. `answered`: those with a reply or a rating;
    `good` ratings of those given."""

    words: str
    hours_from: int
    hours_to: int
    answered: Share
    good: Share


@dataclass(frozen=True)
class Timing:
    """`best` is the span that is answered most, once that is sure; `sentence` says so, or what is missing."""

    spans: tuple[Span, ...]
    best: Span | None
    sentence: str


def timing(sent: pl.DataFrame) -> Timing:
    """Of mails that were sent (SENT), long enough ago to have been answered. Pure."""
    hours = (pl.col("sent_at") - pl.col("solved_at")).dt.total_minutes() / 60
    rows = sent.with_columns(hours=hours).filter(pl.col("hours") >= 0)
    spans = tuple(
        _span(rows.filter(pl.col("hours") >= low, pl.col("hours") < high), words, low, high)
        for words, (low, high) in zip(SPAN_WORDS, SPANS, strict=True)
    )
    return Timing(spans, *_best(spans))


def _span(rows: pl.DataFrame, words: str, low: int, high: int) -> Span:
    answered = rows.filter(pl.col("replied_at").is_not_null() | pl.col("score").is_not_null())
    rated = rows.filter(pl.col("score").is_not_null())
    return Span(
        words, low, high, share_of(answered.height, rows.height),
        share_of(rated.filter(pl.col("score") >= GOOD).height, rated.height),
    )  # fmt: skip


def _best(spans: Sequence[Span]) -> tuple[Span | None, str]:
    known = [one for one in spans if one.answered.of >= ENOUGH]
    if len(known) < 2:
        least = ", ".join(f"{one.answered.of} {one.words}" for one in spans)
        return (
            None,
            f"Not enough data yet: it takes {ENOUGH} mails each in two spans, and there are {least}.",
        )
    ordered = sorted(known, key=lambda one: one.answered.share or 0, reverse=True)
    first, second = ordered[0], ordered[1]
    assert first.answered.low is not None, "it has mails"
    assert second.answered.high is not None, "it has mails"
    if first.answered.low <= second.answered.high and first.answered.low <= (
        second.answered.share or 0
    ):
        return None, "No span is answered clearly more than the others so far."
    return first, (
        f"Mails that leave {first.words} after solving are answered most: "
        f"{first.answered.hits} of {first.answered.of}."
    )


def sent_mails(session: Session) -> pl.DataFrame:
    """SENT of all mails that left; one that spoke of several root causes counts once."""
    f = TicketFollowUp
    rows = (
        select(f.level, Ticket.solved_at, f.sent_at, f.replied_at, Rating.score)
        .join(Ticket, Ticket.id == f.ticket_id)
        .outerjoin(Rating, Rating.follow_up_id == f.id)
        .where(f.sent_at.is_not(None), f.carrier_id.is_(None), Ticket.solved_at.is_not(None))
    )
    return read_frame(session, rows, SENT)


def hold_offs(session: Session) -> dict[str, timedelta]:
    """By level; what was learned may lengthen the time, never shorten it."""
    kept = session.get(AppSetting, LEARNED)
    learned = timedelta(hours=int(kept.value["hours"])) if kept else timedelta()
    return {level: max(usual, learned) for level, usual in HOLD_OFF.items()}
