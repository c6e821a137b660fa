"""The last word on who was behind an event, worked out over a stretch of history, and what follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from data.bulk import insert_frame, read_large, update_frame
from data.tables import (
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignOrigin,
    CampaignRecipient,
    DomainHabit,
    ledger,
)
from data.versions import CAMPAIGNS, bump
from services.campaigns.counts import recount
from services.campaigns.fold import EVENT, FOLDED, fold
from services.campaigns.settling import reopen
from services.campaigns.verdicts import DELIVERY, JUDGED, judged, told_delivered
from services.matching.turn import take_turn

MEMORY = timedelta(days=60)
"""How far back addresses and domains are learned from, and verdicts may still change."""
_MANY = 10_000
LEAST, FAST_SHARE = 6, 0.25
"""Deliveries of a domain, and the share of them with a click within two minutes, from which it scans."""


def has_news(session: Session) -> bool:
    """Whether anything was heard of since domains were last learned."""
    learned = session.scalar(select(func.max(DomainHabit.learned_at)))
    heard = session.scalar(select(func.max(CampaignEvent.received_at)))
    return heard is not None and (learned is None or heard >= learned)


def judge_again(session: Session, *, now: datetime, since: datetime | None = None) -> int:
    """Judge all events since then (MEMORY, if not said) anew; how many verdicts changed.

    Mails and campaigns are folded again where they did, and what was learned of domains is kept. Give
    an early `since` to run over all of history, after a rule has changed.
    """
    take_turn(session)
    events, deliveries = _material(session, since or now - MEMORY)
    if events.is_empty():
        return 0
    found = judged(events, deliveries)
    was = events.select("mail_id", "key", was="verdict", why="reason")
    changed = found.join(was, on=["mail_id", "key"]).filter(
        pl.col("verdict").ne_missing(pl.col("was")) | pl.col("reason").ne_missing(pl.col("why"))
    )
    _learn(session, found, deliveries, now)
    if changed.is_empty():
        return 0
    rows = changed.select("mail_id", "key", "verdict", "reason").sort("mail_id", "key")
    update_frame(session, CampaignEvent.__table__, rows, ["mail_id", "key"])  # type: ignore[arg-type]
    refold(session, changed["mail_id"].unique())
    reopen(session, changed.with_columns(new=pl.lit(value=False)))
    bump(session, CAMPAIGNS)
    return changed.height


def refold(session: Session, mail_ids: pl.Series) -> None:
    """Fold these mails again from their events, and count their campaigns. Mails without events stay."""
    columns = [CampaignEvent.__table__.c[name] for name in EVENT]
    campaigns: set[int] = set()
    for part in mail_ids.sort().to_frame("mail_id").iter_slices(_MANY):
        low, high = part["mail_id"][0], part["mail_id"][-1]
        between = select(*columns).where(CampaignEvent.mail_id.between(low, high))
        events = read_large(session, between, EVENT).join(part, on="mail_id", how="semi")
        folded = fold(events).rename({"mail_id": "id"}).select("id", *FOLDED)
        update_frame(session, CampaignMail.__table__, folded, ["id"])  # type: ignore[arg-type]
        of = select(CampaignMail.id, CampaignMail.campaign_id)
        of = of.where(CampaignMail.id.between(low, high))
        mails = read_large(session, of, {"mail_id": pl.Int64, "campaign_id": pl.Int64})
        campaigns.update(
            mails.join(part, on="mail_id", how="semi")["campaign_id"].unique().to_list()
        )
    recount(session, sorted(campaigns))


def _material(session: Session, since: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events with SAID, and DELIVERY of all mails of that time: also of those nobody touched."""
    e = CampaignEvent
    kinds = sorted(JUDGED)
    events = read_large(
        session,
        select(*(e.__table__.c[name] for name in EVENT)).where(e.at >= since, e.kind.in_(kinds)),
        EVENT,
    ).sort("mail_id", "key")
    origin: dict[str, Any] = {"origin": pl.Int64, "ip": pl.String, "agent": pl.String}
    o = CampaignOrigin
    origins = read_large(session, select(o.key, o.ip, o.agent), origin)
    hidden = read_large(
        session,
        select(CampaignLink.key, CampaignLink.hidden).where(CampaignLink.hidden).distinct(),
        {"link": pl.Int64, "hidden": pl.Boolean},
    )
    said = events.join(origins, on="origin", how="left", maintain_order="left").join(
        hidden.unique("link"), on="link", how="left", maintain_order="left"
    )
    said = said.with_columns(pl.col("hidden").fill_null(value=False))
    m, r = CampaignMail, CampaignRecipient
    deliveries = read_large(
        session,
        select(m.id, m.recipient_id, r.customer_id, r.domain)
        .join(r, r.id == m.recipient_id)
        .where(m.last_at >= since),
        {name: kind for name, kind in DELIVERY.items() if name != "delivered_at"},
    )
    told = told_delivered(_arrivals(session, since))
    return said, deliveries.join(told, on="mail_id", how="left")


def _arrivals(session: Session, since: datetime) -> pl.DataFrame:
    """When mails were sent and delivered, of those that somebody did something with."""
    e, other = CampaignEvent, aliased(CampaignEvent)
    asked = select(other.mail_id).where(other.at >= since, other.kind.in_(sorted(JUDGED)))
    arrived = (ledger.SENT, ledger.DELIVERED)
    schema = {name: EVENT[name] for name in ("mail_id", "kind", "at", "timed")}
    statement = select(e.mail_id, e.kind, e.at, e.timed).where(
        e.kind.in_(arrived), e.mail_id.in_(asked)
    )
    return read_large(session, statement, schema)


def _learn(session: Session, events: pl.DataFrame, deliveries: pl.DataFrame, now: datetime) -> None:
    """What the domains do, as of now; what was known of those that are silent stays."""
    pressed = pl.col("kind").is_in([ledger.CLICK, ledger.UNSUBSCRIBE])
    clicks = events.filter(pressed & pl.col("timed"))
    clicks = clicks.join(deliveries.select("mail_id", "domain", "delivered_at"), on="mail_id")
    fast = (pl.col("at") - pl.col("delivered_at")).dt.total_seconds() < 120
    mail = pl.col("mail_id")
    by_domain = clicks.group_by("domain").agg(
        clicked=mail.n_unique(),
        fast=mail.filter(fast.fill_null(value=False)).n_unique(),
        machine=mail.filter(pl.col("verdict") == ledger.MACHINE).n_unique(),
    )
    opens = events.filter(
        (pl.col("kind") == ledger.OPEN) & (pl.col("verdict") == ledger.UNKNOWN)
    ).join(deliveries.select("mail_id", "domain"), on="mail_id")
    hidden = opens.group_by("domain").agg(hidden_opens=mail.n_unique())
    habits = (
        deliveries.group_by("domain")
        .agg(deliveries=pl.len())
        .join(by_domain, on="domain", how="left")
        .join(hidden, on="domain", how="left")
        .with_columns(pl.col("clicked", "fast", "machine", "hidden_opens").fill_null(0))
        .filter(pl.col("domain").is_not_null())
        .with_columns(
            scans=(pl.col("deliveries") >= LEAST)
            & (pl.col("fast") / pl.col("deliveries") >= FAST_SHARE),
            learned_at=pl.lit(now),
        )
        .sort("domain")
    )
    known = read_large(session, select(DomainHabit.domain), {"domain": pl.String})
    table: Any = DomainHabit.__table__
    update_frame(session, table, habits.join(known, on="domain", how="semi"), ["domain"])
    insert_frame(session, table, habits.join(known, on="domain", how="anti"))
