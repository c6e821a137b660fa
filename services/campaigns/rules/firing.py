"""Rules that are on, looked at now: each firing once, with what it does, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.once import add_once
from data.tables import CampaignRule, RiskSignal, RuleFiring
from services.campaigns.judging import has_news, judge_again
from services.campaigns.rules.acting import SIGNAL, act
from services.campaigns.rules.closing import close_recovered, not_withdrawn, withdraw_scanned
from services.campaigns.rules.conditions import HOLDING, condition_of, holding
from services.campaigns.rules.material import material
from services.matching.turn import take_turn

WEEK = timedelta(days=7)
LONGEST = timedelta(days=365)


def fire_all(session: Session, *, now: datetime) -> int:
    """How many fired. Run twice, or by two workers at once, it comes to the same. What was heard lately is
    judged first: nobody is bothered on a first verdict. What rests on a scanner's click all the same is
    withdrawn, and signals that do not stand any more are closed, also those of rules that are off by now."""
    rules = session.scalars(
        select(CampaignRule).where(CampaignRule.state == "on").order_by(CampaignRule.id)
    ).all()
    standing = select(exists().where(RiskSignal.kind == SIGNAL, RiskSignal.state != "closed"))
    if not rules and not session.scalar(standing):
        return 0
    take_turn(session)
    if has_news(session):
        judge_again(session, now=now)
    mails = material(session, since=now - LONGEST)
    close_recovered(session, mails, now)
    withdraw_scanned(session, now)
    return sum(fire(session, rule, mails, now) for rule in rules)


def fire(session: Session, rule: CampaignRule, mails: pl.DataFrame, now: datetime) -> int:
    """One rule on `mails` (MAIL), the newest signs first; how many firings it came to."""
    rows = holding(mails, condition_of(rule.condition), rule.window_days, now)
    room = rule.cap - _this_week(session, rule.id, now)
    waiting = rows.join(_left_in_peace(session, rule, rows, now), on="customer_id", how="anti")
    done = 0
    ordered = waiting.sort("at", "customer_id", descending=True)
    for row in ordered.iter_rows(named=True):
        if done >= room:
            break
        done += _once(session, rule, row, now)
    return done


def _once(session: Session, rule: CampaignRule, row: Mapping[str, Any], now: datetime) -> bool:
    number = add_once(
        session,
        RuleFiring,
        rule_id=rule.id,
        customer_id=row["customer_id"],
        stakeholder_id=row["stakeholder_id"],
        campaign_id=row["campaign_id"],
        occasion=row["occasion"],
        evidence=[],
        fired_at=now,
    )
    if number is None:
        return False
    act(session, rule, session.get_one(RuleFiring, number), row, now)
    return True


def _this_week(session: Session, rule_id: int, now: datetime) -> int:
    asked = select(func.count()).where(
        RuleFiring.rule_id == rule_id, RuleFiring.fired_at > now - WEEK, not_withdrawn()
    )
    return session.scalar(asked) or 0


def _left_in_peace(
    session: Session, rule: CampaignRule, rows: pl.DataFrame, now: datetime
) -> pl.DataFrame:
    """Customers of `rows` (HOLDING) for whom this rule has fired within its window, or in the same silence:
    however long that lasts, and whatever of it is still looked at, it is one."""
    asked = (
        select(RuleFiring.customer_id, func.max(RuleFiring.fired_at))
        .where(RuleFiring.rule_id == rule.id, not_withdrawn())
        .group_by(RuleFiring.customer_id)
    )
    fired = read_frame(session, asked, {"customer_id": pl.Int64, "fired_at": HOLDING["since"]})
    lately = pl.col("fired_at") > now - timedelta(days=rule.window_days)
    silent = pl.lit(condition_of(rule.condition).sign == "quiet")
    same = silent & (pl.col("since") <= pl.col("fired_at")).fill_null(value=True)
    return rows.join(fired, on="customer_id").filter(lately | same).select("customer_id")
