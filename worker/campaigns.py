"""Bulk mail: what vendors posted is taken in, our own is added, and what it says of further mail is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.campaigns import judging, own, rules, settling
from services.campaigns.insight import kept
from services.campaigns.receiving import take_in_mail
from services.hooks.receiving import TAKE_IN_MAIL
from worker.jobs import Kind, Payload

SETTLE, OWN, JUDGE = "campaigns.settle", "campaigns.own", "campaigns.judge"
INSIGHT, RULES = "campaigns.insight", "campaigns.rules"


def _settle(session: Session, _payload: Payload, now: datetime) -> None:
    settling.settle(session, now=now)


def _own(session: Session, _payload: Payload, now: datetime) -> None:
    own.take_in_own(session, now=now)


def _judge(session: Session, _payload: Payload, now: datetime) -> None:
    if judging.has_news(session):
        judging.judge_again(session, now=now)


def _keep_insight(session: Session, _payload: Payload, now: datetime) -> None:
    kept.keep_insight(session, now=now)


def _fire_rules(session: Session, _payload: Payload, now: datetime) -> None:
    rules.ensure_built_in(session, now=now)
    rules.fire_all(session, now=now)


KINDS = {
    TAKE_IN_MAIL: Kind(take_in_mail, apart=True),
    SETTLE: Kind(_settle),
    OWN: Kind(_own),
    JUDGE: Kind(_judge),
    INSIGHT: Kind(_keep_insight),
    RULES: Kind(_fire_rules),
}
EVERY = {
    TAKE_IN_MAIL: timedelta(minutes=1),
    SETTLE: timedelta(minutes=2),
    OWN: timedelta(minutes=5),
    JUDGE: timedelta(minutes=15),
    INSIGHT: timedelta(minutes=5),
    RULES: timedelta(minutes=15),
}
