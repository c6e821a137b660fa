"""The list of campaigns, from the counts that are kept with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from data.tables import Campaign, Person
from services.access import Viewer
from services.campaigns.bulk import IS_BULK
from services.campaigns.report.records import CampaignPage, CampaignRow, Filters, platform

PAGE_ROWS = 50
MOST_ROWS = 20_000
COUNTS = (
    "mails", "matched", "excluded", "customers", "delivered", "opened", "opened_human", "opened_hidden",
    "clicked", "clicked_human", "replied", "forwarded", "unsubscribed", "quarantined", "bounced_hard",
    "bounced_soft", "complained",
)  # fmt: skip
JUDGED = ("judged", "judged_opened", "judged_hidden", "judged_clicked")


def listing(
    session: Session,
    by: Viewer,  # noqa: ARG001 - everybody sees what a campaign has come to; whose mails, see `people`
    *,
    filters: Filters | None = None,
    offset: int = 0,
    limit: int = PAGE_ROWS,
) -> CampaignPage:
    """The newest first; at most `limit` of them. Campaigns without any mail are left out, and
    mail to single people where it is not asked for."""
    where = _conditions(filters or Filters())
    sums: Any = (
        func.count(),
        *(func.coalesce(func.sum(getattr(Campaign, c)), 0) for c in COUNTS[:3]),
    )
    total, mails, matched, excluded = tuple(session.execute(select(*sums).where(*where)).one())
    rows = session.execute(
        select(Campaign, Person.name)
        .outerjoin(Person, Person.id == Campaign.owner_id)
        .where(*where)
        .order_by(Campaign.started_at.desc(), Campaign.id.desc())
        .offset(offset)
        .limit(min(limit, MOST_ROWS))
    ).all()
    vendors = session.scalars(select(Campaign.vendor).distinct().order_by(Campaign.vendor)).all()
    return CampaignPage(
        rows=tuple(row_of(campaign, owner) for campaign, owner in rows),
        total=int(total),
        mails=int(mails),
        matched=int(matched),
        excluded=int(excluded),
        vendors=tuple((one, platform(one)) for one in vendors),
    )


def row_of(campaign: Campaign, owner: str | None) -> CampaignRow:
    names = (*COUNTS, *JUDGED)
    counts: dict[str, Any] = {name: getattr(campaign, name) or 0 for name in names}
    return CampaignRow(
        id=campaign.id,
        name=campaign.name,
        subject=campaign.subject,
        vendor=campaign.vendor,
        kind=campaign.kind,
        kind_by=campaign.kind_by,
        bulk=campaign.bulk is not False,
        topics=tuple(campaign.topics),
        owner_id=campaign.owner_id,
        owner=owner,
        source=campaign.source,
        started_at=campaign.started_at,
        last_event_at=campaign.last_event_at,
        **counts,
    )


def _conditions(wanted: Filters) -> list[ColumnElement[bool]]:
    words = wanted.search.strip()
    optional: tuple[tuple[object, Callable[[], ColumnElement[bool]]], ...] = (
        (words or None, lambda: _named(words)),
        (wanted.kind, lambda: Campaign.kind == wanted.kind),
        (wanted.vendor, lambda: Campaign.vendor == wanted.vendor),
        (wanted.since, lambda: Campaign.started_at >= wanted.since),
    )
    chosen = [condition() for value, condition in optional if value is not None]
    return [Campaign.mails > 0, *chosen, *(() if wanted.single else (IS_BULK,))]


def _named(words: str) -> ColumnElement[bool]:
    return or_(
        Campaign.name.icontains(words, autoescape=True),
        Campaign.subject.icontains(words, autoescape=True),
    )
