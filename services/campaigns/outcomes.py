"""What came of it: how many high engagers were contacted, and whether contact made conversations of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    CampaignMail,
    CampaignRecipient,
    CampaignRule,
    Customer,
    InboundMail,
    RuleFiring,
)
from services.access import Viewer, visible
from services.campaigns.rules.closing import not_withdrawn
from services.campaigns.rules.contact import contact_columns, first_contact
from services.figures import Gap, Share, gap_of, share_of

YEAR = timedelta(days=365)
WITHIN = timedelta(days=30)
"""How long after a firing a contact, and a conversation, count as of it."""
ENGAGED = ("engaged", "clicked", "replied")
"""Signs of those who take our mail well; the others are no reason to expect a conversation."""


_MOMENT = pl.Datetime("us", "UTC")
OCCASIONS: dict[str, Any] = {
    "customer": pl.String, "segment": pl.String, "fired_at": _MOMENT, "contacted_at": _MOMENT,
    "talked_at": _MOMENT, "contacted": pl.Boolean, "over": pl.Boolean, "by_contact": pl.Boolean,
    "talked": pl.Boolean,
}  # fmt: skip
"""`contacted` within 30 days; `over`: these days are; `by_contact`: contacted before any conversation."""


@dataclass(frozen=True)
class Occasion:
    """A customer's first firing of the year. `contacted_at`: the first contact; `talks`: when its people wrote
    to us after the firing, oldest first."""

    fired_at: datetime
    contacted_at: datetime | None
    talks: tuple[datetime, ...]


@dataclass(frozen=True)
class Outcomes:
    """`followed_up`: of the high engagers, whom somebody contacted within 30 days. `contacted` and `others`:
    of those whose 30 days are over, with whom it came to a conversation; `gap` between the two."""

    followed_up: Share
    contacted: Share
    others: Share
    gap: Gap


def outcomes(session: Session, by: Viewer, now: datetime) -> Outcomes:
    """Of the customers that `by` sees, each once: its first occasion of the year."""
    return counted(occasions(session, by, now))


def occasions(
    session: Session, by: Viewer, now: datetime, *, since: datetime | None = None
) -> pl.DataFrame:
    """OCCASIONS of the customers that `by` sees, each once, by its first firing since then (a year ago, where
    nothing is said), the earliest first."""
    start = since or now - YEAR
    f = RuleFiring
    asked = (
        select(
            f.customer_id, f.fired_at, *contact_columns(), CampaignRule.condition, Customer.name,
            Customer.segment,
        )
        .join(CampaignRule, CampaignRule.id == f.rule_id)
        .join(Customer, Customer.id == f.customer_id)
        .where(visible(by), f.fired_at > start, not_withdrawn())
        .order_by(f.fired_at, f.id)
    )  # fmt: skip
    first: dict[int, tuple[datetime, datetime | None, str, str | None]] = {}
    for customer, fired_at, said, sent, done, condition, name, segment in session.execute(asked):
        if condition.get("sign") in ENGAGED:
            contact = first_contact(said, sent, done)
            first.setdefault(customer, (fired_at, contact, name, segment))
    talks = _talks(session, list(first), start)
    rows = [
        (
            name,
            segment,
            *_seen(Occasion(fired_at, contacted, tuple(sorted(talks.get(key, ())))), now),
        )
        for key, (fired_at, contacted, name, segment) in first.items()
    ]
    return pl.DataFrame(rows, schema=OCCASIONS, orient="row")


def told(found: list[Occasion], now: datetime) -> Outcomes:
    """What these came to."""
    rows = [(None, None, *_seen(one, now)) for one in found]
    return counted(pl.DataFrame(rows, schema=OCCASIONS, orient="row"))


def counted(rows: pl.DataFrame) -> Outcomes:
    """The shares of OCCASIONS."""
    over = rows.filter("over")
    contacted, others = (
        share_of(int(side["talked"].sum()), side.height)
        for side in (over.filter("by_contact"), over.filter(~pl.col("by_contact")))
    )
    reached = share_of(int(rows["contacted"].sum()), rows.height)
    return Outcomes(reached, contacted, others, gap_of(contacted, others))


def _seen(one: Occasion, now: datetime) -> tuple[Any, ...]:
    """OCCASIONS from `fired_at` on. A conversation counts for contact only when it came after it: who wrote by
    themselves first is one of the others, which makes the gap smaller rather than larger than it is."""
    last, at = one.fired_at + WITHIN, one.contacted_at
    talk = next((when for when in one.talks if one.fired_at < when <= last), None)
    contacted = at is not None and at <= last
    by_contact = contacted and (talk is None or at is None or talk >= at)
    return one.fired_at, at, talk, contacted, last <= now, by_contact, talk is not None


def _talks(session: Session, customers: list[int], since: datetime) -> dict[int, list[datetime]]:
    """When somebody at these customers wrote to us: an answer to a mail, or to a campaign."""
    i, m, r = InboundMail, CampaignMail, CampaignRecipient
    written = select(i.customer_id, i.at).where(i.kind == "reply", i.at > since)
    replied = (
        select(r.customer_id, m.replied_at)
        .join(m, m.recipient_id == r.id)
        .where(m.replied_at > since, r.band == "automatic")
    )
    found: dict[int, list[datetime]] = {}
    for start in range(0, len(customers), 500):
        some = customers[start : start + 500]
        for asked, column in ((written, i.customer_id), (replied, r.customer_id)):
            for customer, at in session.execute(asked.where(column.in_(some))):
                found.setdefault(customer, []).append(at)
    return found
