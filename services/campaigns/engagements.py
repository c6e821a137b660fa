"""What each person of a customer's did with each campaign, newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignRecipient,
    ledger,
)
from services.access import Viewer, require_customer
from services.campaigns.bulk import IS_BULK
from services.campaigns.counts import DELIVERED, IN_QUESTION
from services.campaigns.insight.mails import MOMENT

PAGE_ROWS, MOST_ROWS, MOST_LINKS = 100, 500, 20
LINES: dict[str, Any] = {
    "campaign_id": pl.Int64,
    "campaign": pl.String,
    "kind": pl.String,
    "sent_at": MOMENT,
    "recipient_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "email": pl.String,
    "delivered": pl.Boolean,
    "opens": pl.Int64,
    "opens_human": pl.Int64,
    "hidden": pl.Boolean,
    "opened_at": MOMENT,
    "clicks": pl.Int64,
    "clicks_human": pl.Int64,
    "replied_at": MOMENT,
    "forwarded_at": MOMENT,
    "left_at": MOMENT,
    "in_question": pl.Boolean,
    "bounce": pl.Int64,
    "complained_at": MOMENT,
    "open_sign": pl.String,
    "links": pl.List(pl.String),
}
"""One row per campaign and person, over all mails of that campaign to them. `opened_at` is of a person's open;
`hidden`: loaded by a privacy service; `bounce` as in CampaignMail. `links`: what a person followed, first
things first. `open_sign`, the strongest there is: person, privacy_hidden, totals (counts without times:
whose they are nobody knows), machine (or nothing that tells a person from one), none."""
_DERIVED = ("open_sign", "links")
_C, _E, _M, _R = Campaign, CampaignEvent, CampaignMail, CampaignRecipient
_OF = _M.campaign_id + 0
"""A sum, so that no database begins with everybody else who got these campaigns."""
_PAIR = ["campaign_id", "recipient_id"]
_SIGN = (
    pl.when(pl.col("opened_at").is_not_null())
    .then(pl.lit("person"))
    .when("hidden")
    .then(pl.lit("privacy_hidden"))
    .when("totals")
    .then(pl.lit("totals"))
    .when((pl.col("opens") > 0) | (pl.col("clicks") > 0))
    .then(pl.lit("machine"))
    .otherwise(pl.lit("none"))
)


@dataclass(frozen=True)
class EngagementPage:
    """`lines` are of LINES; `total` counts campaigns and people over all pages."""

    lines: pl.DataFrame
    total: int


def engagements(
    session: Session, by: Viewer, customer_id: int, *, offset: int = 0, limit: int = PAGE_ROWS
) -> EngagementPage:
    """Of all bulk mail to people of the customer's there ever was, at most 500 rows at a time. NotFound when the
    customer is not `by`'s to see."""
    require_customer(session, by, customer_id)
    counted = read_frame(
        session,
        _of(customer_id, select(_C.id, func.count(_R.id.distinct())))
        .group_by(_C.id)
        .order_by(_C.started_at.desc(), _C.id.desc()),
        {"campaign_id": pl.Int64, "people": pl.Int64},
    ).with_columns(until=pl.col("people").cum_sum())
    most = min(limit, MOST_ROWS)
    there = counted.filter(
        pl.col("until") > offset, pl.col("until") - pl.col("people") < offset + most
    )
    passed = int(there["until"][0] - there["people"][0]) if there.height else 0
    page = (
        _of(customer_id, select(*_columns()))
        .where(_OF.in_(there["campaign_id"].to_list()))
        .group_by(_C.id, _R.id)
        .order_by(_C.started_at.desc(), _C.id.desc(), _R.id)
        .offset(offset - passed)
        .limit(most)
    )
    schema = {name: kind for name, kind in LINES.items() if name not in _DERIVED}
    lines = read_frame(session, page, schema)
    unsure = lines.filter(
        pl.col("opened_at").is_null(), ~pl.col("hidden"), (pl.col("opens") + pl.col("clicks")) > 0
    )
    told = lines.join(_totals(session, unsure), on=_PAIR, how="left", maintain_order="left")
    told = told.join(_followed(session, lines), on=_PAIR, how="left", maintain_order="left")
    known = told.with_columns(
        pl.col("totals").fill_null(value=False), pl.col("links").fill_null([])
    )
    return EngagementPage(
        known.with_columns(open_sign=_SIGN).select(*LINES), int(counted["people"].sum())
    )


def _of(customer_id: int, asked: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        asked.select_from(_R)
        .join(_M, _M.recipient_id == _R.id)
        .join(_C, _C.id == _M.campaign_id)
        .where(_R.customer_id == customer_id, _R.band != "excluded", IS_BULK)
    )


def _columns() -> tuple[Any, ...]:
    def any_of(holds: ColumnElement[bool]) -> ColumnElement[bool]:
        return func.max(case((holds, 1), else_=0)) > 0

    return (
        _C.id, _C.name, _C.kind, func.min(_M.sent_at), _R.id, _R.stakeholder_id, _R.email,
        any_of(DELIVERED), func.sum(_M.opens), func.sum(_M.opens_human),
        any_of(_M.opens_hidden > 0), func.min(_M.human_open_at), func.sum(_M.clicks),
        func.sum(_M.clicks_human), func.min(_M.replied_at), func.min(_M.forwarded_at),
        func.min(_M.unsubscribed_at), any_of(IN_QUESTION), func.max(_M.bounce),
        func.min(_M.complained_at),
    )  # fmt: skip


def _totals(session: Session, unsure: pl.DataFrame) -> pl.DataFrame:
    """The pairs of `unsure` of which opens or clicks are told as totals without times."""
    asked = (
        select(_M.campaign_id, _M.recipient_id)
        .join(_E, _E.mail_id == _M.id)
        .where(*_among(unsure), _E.kind.in_((ledger.OPEN, ledger.CLICK)), _E.timed.is_(False))
        .distinct()
    )
    schema = dict.fromkeys(_PAIR, pl.Int64)
    return read_frame(session, asked, schema).with_columns(totals=pl.lit(value=True))


def _followed(session: Session, lines: pl.DataFrame) -> pl.DataFrame:
    """The `links` that people followed, of these pairs."""
    k = CampaignLink
    asked = (
        select(_M.campaign_id, _M.recipient_id, k.url, func.min(_E.at))
        .join(_E, _E.mail_id == _M.id)
        .join(k, (k.campaign_id == _M.campaign_id) & (k.key == _E.link))
        .where(*_among(lines.filter(pl.col("clicks_human") > 0)), _M.clicks_human > 0)
        .where(_E.kind == ledger.CLICK, _E.verdict == ledger.HUMAN)
        .group_by(_M.campaign_id, _M.recipient_id, k.url)
    )
    schema = dict.fromkeys(_PAIR, pl.Int64) | {"url": pl.String, "at": MOMENT}
    found = read_frame(session, asked, schema).sort("at", "url")
    return found.group_by(_PAIR, maintain_order=True).agg(links=pl.col("url").head(MOST_LINKS))


def _among(lines: pl.DataFrame) -> tuple[ColumnElement[bool], ...]:
    """No more than a page: few campaigns to many people, or many to few."""
    return (
        _OF.in_(lines["campaign_id"].unique().to_list()),
        _M.recipient_id.in_(lines["recipient_id"].unique().to_list()),
    )
