"""What campaigns have come to, counted from their mails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, select, update
from sqlalchemy.orm import Session

from data.tables import Campaign, CampaignMail, CampaignRecipient
from services.campaigns.bulk import tell_bulk

_M, _R = CampaignMail, CampaignRecipient


def _mails(holds: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((holds, 1), else_=0)), 0)


_HUMAN = _M.human_open_at.is_not(None)
_OPENED = (_M.opens > 0) | _HUMAN
DELIVERED = _M.delivered_at.is_not(None) & (_M.bounce == 0)
_KNOWN = and_(_M.judged.is_(True), DELIVERED)
IN_QUESTION = _M.quarantined_at.is_not(None) & _M.settled_at.is_(None)
"""Whether somebody left nobody has said yet."""
COUNTS: dict[str, Any] = {
    "mails": func.count(),
    "matched": _mails((_R.band == "automatic") & _R.customer_id.is_not(None)),
    "excluded": _mails(_R.band == "excluded"),
    "customers": func.count(_R.customer_id.distinct()),
    "delivered": _mails(DELIVERED),
    "opened": _mails(_OPENED),
    "opened_human": _mails(_HUMAN),
    "opened_hidden": _mails((_M.opens_hidden > 0) & ~_HUMAN),
    "clicked": _mails(_M.clicks > 0),
    "clicked_human": _mails(_M.clicks_human > 0),
    "replied": _mails(_M.replied_at.is_not(None)),
    "forwarded": _mails(_M.forwarded_at.is_not(None)),
    "unsubscribed": _mails(_M.unsubscribed_at.is_not(None)),
    "quarantined": _mails(IN_QUESTION),
    "bounced_hard": _mails(_M.bounce == 2),
    "bounced_soft": _mails(_M.bounce == 1),
    "complained": _mails(_M.complained_at.is_not(None)),
    "judged": _mails(_KNOWN),
    "judged_opened": _mails(_KNOWN & _HUMAN),
    "judged_hidden": _mails(_KNOWN & (_M.opens_hidden > 0) & ~_HUMAN),
    "judged_clicked": _mails(_KNOWN & (_M.clicks_human > 0)),
}
"""Campaign's counts, each of mails but `customers`."""


def drop_empty(session: Session, campaign_ids: Sequence[int]) -> None:
    """Forget those of these that only stood for a week, and whose mails turned out to be of another."""
    for start in range(0, len(campaign_ids), 500):
        session.execute(
            delete(Campaign)
            .where(Campaign.id.in_(list(campaign_ids[start : start + 500])))
            .where(Campaign.mails == 0, Campaign.vendor_key.startswith("~", autoescape=True))
            .where(Campaign.kind_by == "detected")
            .execution_options(synchronize_session=False)
        )


def recount(session: Session, campaign_ids: Sequence[int]) -> None:
    """Write the counts of these campaigns anew; a campaign without mails has none."""
    session.flush()
    for start in range(0, len(campaign_ids), 500):
        some = list(campaign_ids[start : start + 500])
        found = session.execute(
            select(_M.campaign_id, *COUNTS.values())
            .join(_R, _R.id == _M.recipient_id)
            .where(_M.campaign_id.in_(some))
            .group_by(_M.campaign_id)
        ).all()
        counted = {row[0]: [int(n) for n in row[1:]] for row in found}
        nothing = [0] * len(COUNTS)
        for number in some:
            values = dict(zip(COUNTS, counted.get(number, nothing), strict=True))
            session.execute(
                update(Campaign)
                .where(Campaign.id == number)
                .values(**values)
                .execution_options(synchronize_session=False)
            )
        tell_bulk(session, some)
        for campaign in session.identity_map.values():
            if isinstance(campaign, Campaign):
                session.expire(campaign)
