"""Which of what platforms tell of is bulk mail: they carry an app's receipts and password resets as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.tables import Campaign, CampaignMail, CampaignRecipient

BULK = 5
"""Recipients from which on mails about one thing are a campaign, where no vendor says that they are."""
IS_BULK: ColumnElement[bool] = Campaign.bulk.is_not(False)
"""Everything but what is known to go to single people: only that says how somebody takes our campaigns."""
_BURST = 20
"""People who are written to within a day, from which on no words make it mail for oneself."""
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_SENT: dict[str, Any] = {
    "this": pl.Boolean,
    "recipient_id": pl.Int64,
    "at": pl.Datetime("us", "UTC"),
}
_TRANSACTIONAL = re.compile(
    r"(?i)\b(?:passwords?|passcodes?|receipts?|invoices?|verif(?:y|ication)|magic link|otp|2fa|two.?factor"
    r"|one.?time|(?:sign|log).?in (?:code|link)|security code|confirm your|order (?:confirm\w*|#?\d+)"
    r"|payment (?:received|failed|confirm\w*)|transactional)\b"
)


def tell_bulk(session: Session, campaign_ids: Sequence[int]) -> None:
    """Say of each of these whether it is bulk mail, but where its vendor or a person has said so: from so many
    recipients on, unless its words are those of mail that everybody gets for themselves and it went out as such."""
    c, m, r = Campaign, CampaignMail, CampaignRecipient
    open_to_us = (
        c.id.in_(list(campaign_ids)),
        c.vendor_key.startswith("~", autoescape=True),
        c.bulk_by.is_(None),
    )
    people = (
        select(m.campaign_id, func.count(r.id.distinct()).label("people"))
        .join(r, (r.id == m.recipient_id) & (r.band != "excluded"))
        .where(m.campaign_id.in_(select(c.id).where(*open_to_us)))
        .group_by(m.campaign_id)
        .having(func.count(r.id.distinct()) >= BULK)
        .subquery()
    )
    asked = select(c.id, c.vendor, c.vendor_key, c.name, c.subject, c.topics, people.c.people).join(
        people, people.c.campaign_id == c.id
    )
    bulk = [
        number
        for number, vendor, key, name, subject, topics, count in session.execute(asked).all()
        if not transactional(name, subject, *topics)
        or (count >= _BURST and burst(*_sent(session, vendor, key)))
    ]
    for where, value in ((c.id.in_(bulk), True), (c.id.not_in(bulk), False)):
        said = update(c).where(*open_to_us, where).values(bulk=value)
        session.execute(said.execution_options(synchronize_session=False))


def burst(sent: pl.Series, before: int = 0) -> bool:
    """Whether mail went out at one go: to so many people within a day, and to half of all or more. `sent` has a
    moment per person; `before`: people who got the like the week before, since a first day is all in a day."""
    moments = sent.sort().to_frame("at")
    until = moments["at"].search_sorted(moments["at"] + _DAY, side="left")
    most = moments.with_row_index("n").select((until.cast(pl.Int64) - pl.col("n")).max()).item()
    return most is not None and most >= _BURST and 2 * most >= sent.len() + before


def _sent(session: Session, vendor: str, key: str) -> tuple[pl.Series, int]:
    """When each person first got this campaign, which stands for a week, and how many got that of the week before."""
    c, m, r = Campaign, CampaignMail, CampaignRecipient
    earlier = f"{key[:-10]}{date.fromisoformat(key[-10:]) - _WEEK}"
    asked = (
        select(c.vendor_key == key, m.recipient_id, m.sent_at)
        .join(m, m.campaign_id == c.id)
        .join(r, (r.id == m.recipient_id) & (r.band != "excluded"))
        .where(c.vendor == vendor, c.vendor_key.in_((key, earlier)), m.sent_at.is_not(None))
    )
    mails = read_large(session, asked, _SENT)
    first = mails.group_by("this", "recipient_id").agg(pl.col("at").min())
    return first.filter("this")["at"], first.filter(~pl.col("this")).height


def transactional(*words: str | None) -> bool:
    """Whether these are the words of mail that somebody gets for something they did."""
    text = " ".join(word.replace("_", " ").replace("-", " ") for word in words if word)
    return _TRANSACTIONAL.search(text) is not None
