"""Verdicts on what came in over our own mail, worked out again as more is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, update_frame
from data.tables import MailEvent, MailLink, OutboxMail
from services.verdicts import DELIVERIES, EVENTS, judge

MEMORY = timedelta(days=60)
"""How far back addresses and domains are learned from, and verdicts may still change."""
_STORED = {"verdict_before": pl.String, "reason_before": pl.String}


def judge_recent(session: Session, now: datetime) -> int:
    """Bring the verdicts of the last MEMORY up to date; how many changed.

    A verdict may change for hours: the click that follows a pre-check, the fifth customer that one
    address turns up at. What a person did with a button, or wrote, is never judged anew.
    """
    since = now - MEMORY
    events = _events(session, since)
    if events.is_empty():
        return 0
    told = judge(events, _deliveries(session, since)).join(
        events.select("id", *_STORED), on="id", how="left"
    )
    changed = told.filter(
        (pl.col("verdict") != pl.col("verdict_before"))
        | pl.col("reason").ne_missing(pl.col("reason_before"))
    ).select("id", "verdict", "reason")
    if not changed.is_empty():
        update_frame(session, MailEvent.__table__, changed, keys=["id"])  # pyright: ignore[reportArgumentType]
    return changed.height


def waiting(session: Session) -> bool:
    """Whether anything has come in that was never judged."""
    last = session.scalar(select(func.max(MailEvent.id)))
    if last is None:
        return False
    return session.scalar(select(MailEvent.reason).where(MailEvent.id == last)) is None


def _events(session: Session, since: datetime) -> pl.DataFrame:
    e = MailEvent
    query = (
        select(
            e.id, e.outbox_id, e.kind, e.at, e.link_id, MailLink.hidden, e.method, e.ip, e.user_agent,
            e.verdict, e.reason,
        )
        .outerjoin(MailLink, MailLink.id == e.link_id)
        .where(e.at >= since, e.source == "own")
        .order_by(e.id)
    )  # fmt: skip
    schema = {name: kind for name, kind in EVENTS.items() if name != "flagged"} | _STORED
    frame = read_frame(session, query, schema).with_columns(flagged=pl.lit(None, pl.Boolean))
    inside = [ip for ip in frame["ip"].drop_nulls().unique() if not _tells(ip)]
    # Behind a proxy that hides its visitors all of them have its address.
    return frame.with_columns(
        ip=pl.when(pl.col("ip").is_in(inside)).then(None).otherwise(pl.col("ip"))
    )


def _tells(ip: str) -> bool:
    try:
        return not (ip_address(ip).is_private or ip_address(ip).is_loopback)
    except ValueError:
        return False


def _deliveries(session: Session, since: datetime) -> pl.DataFrame:
    o = OutboxMail
    query = select(o.id, o.stakeholder_id, o.customer_id, o.recipient, o.sent_at).where(
        o.sent_at >= since
    )
    frame = read_frame(session, query, DELIVERIES)
    return frame.with_columns(pl.col("domain").str.replace(r"^.*@", "").str.to_lowercase())
