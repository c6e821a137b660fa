"""What came of it: how many high engagers were contacted, and whether contact made conversations of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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
    f = RuleFiring
    asked = (
        select(f.customer_id, f.fired_at, *contact_columns(), CampaignRule.condition)
        .join(CampaignRule, CampaignRule.id == f.rule_id)
        .join(Customer, Customer.id == f.customer_id)
        .where(visible(by), f.fired_at > now - YEAR, not_withdrawn())
        .order_by(f.fired_at, f.id)
    )
    first: dict[int, tuple[datetime, datetime | None]] = {}
    for customer, fired_at, said, sent, done, condition in session.execute(asked):
        if condition.get("sign") in ENGAGED:
            first.setdefault(customer, (fired_at, first_contact(said, sent, done)))
    talks = _talks(session, list(first), now)
    return told(
        [
            Occasion(fired_at, contacted, tuple(sorted(talks.get(customer, ()))))
            for customer, (fired_at, contacted) in first.items()
        ],
        now,
    )


def told(occasions: list[Occasion], now: datetime) -> Outcomes:
    """A conversation counts for contact only when it came after it: who wrote by themselves first is one of
    the others, which makes the gap smaller rather than larger than it is."""
    sides = {True: [0, 0], False: [0, 0]}
    reached = 0
    for one in occasions:
        last = one.fired_at + WITHIN
        talk = next((at for at in one.talks if one.fired_at < at <= last), None)
        contacted = one.contacted_at is not None and one.contacted_at <= last
        reached += contacted
        if last > now:
            continue
        assert one.contacted_at is not None or not contacted
        by_contact = contacted and (talk is None or talk >= one.contacted_at)  # type: ignore[operator]
        sides[by_contact][0] += talk is not None
        sides[by_contact][1] += 1
    contacted, others = share_of(*sides[True]), share_of(*sides[False])
    return Outcomes(share_of(reached, len(occasions)), contacted, others, gap_of(contacted, others))


def _talks(session: Session, customers: list[int], now: datetime) -> dict[int, list[datetime]]:
    """When somebody at these customers wrote to us: an answer to a mail, or to a campaign."""
    i, m, r = InboundMail, CampaignMail, CampaignRecipient
    since = now - YEAR
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
