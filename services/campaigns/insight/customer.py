"""How a customer's people take our mail: for the customer's page and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignRecipient,
    Stakeholder,
    ledger,
)
from services.access import Viewer, require_customer
from services.campaigns.bulk import IS_BULK
from services.campaigns.insight.kept import DAY, PEOPLE, YEAR, load_insight
from services.campaigns.insight.mails import MOMENT, mails
from services.campaigns.insight.pattern import PATTERN, PATTERNS, patterns
from services.figures import Share, share_of

RECENT = 20
MOST_PEOPLE = 200
MOST_TOPICS = 10
FEWEST_MAILS = 3
"""Mails of a kind from which on its share is worth a figure."""
SHOWN: dict[str, Any] = {**PEOPLE, "name": pl.String, "email": pl.String}
CAMPAIGNS: dict[str, Any] = {
    "campaign_id": pl.Int64,
    "name": pl.String,
    "kind": pl.String,
    "sent_at": MOMENT,
    "mails": pl.UInt32,
    "delivered": pl.UInt32,
    "opened": pl.UInt32,
    "hidden": pl.UInt32,
    "clicked": pl.UInt32,
    "replied": pl.UInt32,
    "left": pl.UInt32,
}
"""A customer's mails of each campaign, with human signs."""


@dataclass(frozen=True)
class Preference:
    """A kind of mail or a topic. `share` of the mails delivered that were answered with a human click or a
    reply; for topics `people` clicked and share is None."""

    what: str
    share: Share | None
    people: int
    enough: bool


@dataclass(frozen=True)
class CustomerMail:
    """Campaigns told as totals only stand in `campaigns`, and nowhere else. `people` (SHOWN) best first,
    `campaigns` (CAMPAIGNS) newest first; `high` (PEOPLE) are all who are engaged; `pattern` is that of whoever takes
    it best among those who can still be reached, None without any mail. `as_of` is of likelihood and best
    time, for which everybody's mail is looked at; the rest is of now."""

    pattern: str | None
    people: pl.DataFrame
    high: pl.DataFrame
    campaigns: pl.DataFrame
    kinds: tuple[Preference, ...]
    topics: tuple[Preference, ...]
    delivered: int
    responses: int
    as_of: datetime


_BEST_FIRST = ("engaged", "clicked", "opened", "hidden", "new", "quiet", "lost")


def customer_mail(session: Session, by: Viewer, customer_id: int, now: datetime) -> CustomerMail:
    """Over the last year. NotFound when the customer is not `by`'s to see."""
    require_customer(session, by, customer_id)
    theirs = mails(session, since=now - YEAR, until=now + DAY, customers=[customer_id])
    known = load_insight(session, now)
    judged = theirs.filter("judged")
    people = _people(judged, known.people.filter(pl.col("customer_id") == customer_id))
    rank = {word: place for place, word in enumerate(_BEST_FIRST)}
    ordered = people.sort(
        pl.col("pattern").replace_strict(rank, return_dtype=pl.Int8), "chance", "recipient_id",
        descending=[False, True, False], nulls_last=True,
    )  # fmt: skip
    got = judged.filter("delivered")
    return CustomerMail(
        pattern=ordered["pattern"][0] if ordered.height else None,
        people=_named(session, ordered.head(MOST_PEOPLE)),
        high=ordered.filter(pl.col("pattern") == "engaged"),
        campaigns=_campaigns(session, theirs),
        kinds=kinds(got),
        topics=_topics(session, customer_id, now),
        delivered=got.height,
        responses=got.filter(pl.col("clicked") | pl.col("replied")).height,
        as_of=known.as_of,
    )


def _people(theirs: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """PEOPLE, with pattern and counts of these very mails."""
    who = theirs.group_by("recipient_id").agg(pl.col("stakeholder_id").last())
    rest = known.drop(*(name for name in PATTERN if name != "recipient_id"), "stakeholder_id")
    live = patterns(theirs).join(who, on="recipient_id").join(rest, on="recipient_id", how="left")
    return live.select(pl.col(name).cast(kind) for name, kind in PEOPLE.items())


def kinds(got: pl.DataFrame) -> tuple[Preference, ...]:
    """What kinds of mail are answered, of delivered mails (MAILS); the most answered first."""
    counted = got.group_by("kind").agg(
        of=pl.len(),
        hits=(pl.col("clicked") | pl.col("replied")).sum(),
        people=pl.col("recipient_id").filter(pl.col("clicked") | pl.col("replied")).n_unique(),
    )
    found = [
        Preference(kind, share_of(hits, of), people, of >= FEWEST_MAILS)
        for kind, of, hits, people in counted.sort("kind").iter_rows()
    ]
    return tuple(
        sorted(found, key=lambda one: (not one.enough, -(one.share.share or 0) if one.share else 0))
    )


def words_of(pattern: str | None) -> str:
    return PATTERNS[pattern] if pattern else "No mail yet"


def _named(session: Session, people: pl.DataFrame) -> pl.DataFrame:
    r, s = CampaignRecipient, Stakeholder
    full = func.trim(s.first_name + " " + s.last_name)
    asked = (
        select(r.id, func.coalesce(func.nullif(full, ""), r.name), r.email)
        .outerjoin(s, s.id == r.stakeholder_id)
        .where(r.id.in_(people["recipient_id"].to_list()))
    )
    schema = {"recipient_id": pl.Int64, "name": pl.String, "email": pl.String}
    names = read_frame(session, asked, schema)
    return people.join(names, on="recipient_id", how="left", maintain_order="left").select(*SHOWN)


def _campaigns(session: Session, theirs: pl.DataFrame) -> pl.DataFrame:
    counted = (
        theirs.group_by("campaign_id")
        .agg(
            pl.col("kind").first(),
            pl.col("sent_at").min(),
            *(pl.col(sign).sum() for sign in ("delivered", "opened", "hidden")),
            *(pl.col(sign).sum() for sign in ("clicked", "replied", "left")),
            mails=pl.len(),
        )
        .sort("sent_at", "campaign_id", descending=True)
        .head(RECENT)
    )
    asked = select(Campaign.id, Campaign.name).where(
        Campaign.id.in_(counted["campaign_id"].to_list())
    )
    names = read_frame(session, asked, {"campaign_id": pl.Int64, "name": pl.String})
    joined = counted.join(names, on="campaign_id", how="left", maintain_order="left")
    return joined.select(pl.col(name).cast(kind) for name, kind in CAMPAIGNS.items())


def _topics(session: Session, customer_id: int, now: datetime) -> tuple[Preference, ...]:
    """What its people clicked, by the link's topic or the campaign's, most people first."""
    clicked = clicked_topics(session, [customer_id], now)
    counted = (
        clicked.group_by("topic")
        .agg(people=pl.col("recipient_id").n_unique())
        .sort("people", "topic", descending=[True, False])
        .head(MOST_TOPICS)
    )
    return tuple(
        Preference(topic, None, people, enough=True) for topic, people in counted.iter_rows()
    )


CLICKED: dict[str, Any] = {
    "recipient_id": pl.Int64,
    "customer_id": pl.Int64,
    "campaign_id": pl.Int64,
    "at": MOMENT,
    "topic": pl.String,
    "label": pl.String,
    "url": pl.String,
}
"""A human click, once per topic of it."""


def clicked_topics(session: Session, customers: Sequence[int], now: datetime) -> pl.DataFrame:
    """CLICKED of these customers in the last year. The link's own topic counts before the campaign's; a
    click without either has none and is left out."""
    e, m, r, k = CampaignEvent, CampaignMail, CampaignRecipient, CampaignLink
    asked = (
        select(r.id, r.customer_id, m.campaign_id, e.at, k.topic, k.label, k.url, Campaign.topics)
        .select_from(r)
        .join(m, m.recipient_id == r.id)
        .join(e, e.mail_id == m.id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .outerjoin(k, (k.campaign_id == m.campaign_id) & (k.key == e.link))
        .where(r.customer_id.in_(list(customers)), m.clicks_human > 0, e.at >= now - YEAR)
        .where(IS_BULK, e.kind == ledger.CLICK, e.verdict == ledger.HUMAN)
    )
    rows = [
        (*row[:4], topic, *row[5:7])
        for row in session.execute(asked)
        for topic in ([row.topic] if row.topic else row.topics)
    ]
    return pl.DataFrame(rows, schema=CLICKED, orient="row")
