"""Which of what platforms tell of is bulk mail: they carry an app's receipts and password resets as well."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from data.tables import Campaign, CampaignMail, CampaignRecipient

BULK = 5
"""Recipients from which on mails about one thing are a campaign, where no vendor says that they are."""
IS_BULK: ColumnElement[bool] = Campaign.bulk.is_not(False)
"""Everything but what is known to go to single people: only that says how somebody takes our campaigns."""
_TRANSACTIONAL = re.compile(
    r"(?i)\b(?:passwords?|passcodes?|receipts?|invoices?|verif(?:y|ication)|magic link|otp|2fa|two.?factor"
    r"|one.?time|(?:sign|log).?in (?:code|link)|security code|confirm your|order (?:confirm\w*|#?\d+)"
    r"|payment (?:received|failed|confirm\w*)|transactional)\b"
)


def tell_bulk(session: Session, campaign_ids: Sequence[int]) -> None:
    """Say of each of these whether it is bulk mail, but where its vendor or a person has said so: from so many
    recipients on, unless its words are those of mail that everybody gets for themselves."""
    c, m, r = Campaign, CampaignMail, CampaignRecipient
    open_to_us = (
        c.id.in_(list(campaign_ids)),
        c.vendor_key.startswith("~", autoescape=True),
        c.kind_by == "detected",
    )
    people = (
        select(m.campaign_id, func.count(r.id.distinct()).label("people"))
        .join(r, (r.id == m.recipient_id) & (r.band != "excluded"))
        .where(m.campaign_id.in_(select(c.id).where(*open_to_us)))
        .group_by(m.campaign_id)
        .subquery()
    )
    asked = select(c.id, c.name, c.subject, c.topics, people.c.people).join(
        people, people.c.campaign_id == c.id
    )
    bulk = [
        number
        for number, name, subject, topics, count in session.execute(asked)
        if count >= BULK and not transactional(name, subject, *topics)
    ]
    for where, value in ((c.id.in_(bulk), True), (c.id.not_in(bulk), False)):
        said = update(c).where(*open_to_us, where).values(bulk=value)
        session.execute(said.execution_options(synchronize_session=False))


def transactional(*words: str | None) -> bool:
    """Whether these are the words of mail that somebody gets for something they did."""
    text = " ".join(word.replace("_", " ").replace("-", " ") for word in words if word)
    return _TRANSACTIONAL.search(text) is not None
