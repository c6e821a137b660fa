"""One campaign, and what a person says it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Campaign, Person
from data.tables.campaigns import CAMPAIGN_KINDS
from data.versions import CAMPAIGNS, bump
from services.access import ADMINISTRATOR, MANAGER, Viewer, audit, require_role
from services.campaigns.report.listing import row_of
from services.campaigns.report.records import CampaignRow


def get_campaign(session: Session, by: Viewer, campaign_id: int) -> CampaignRow:  # noqa: ARG001
    """With its counts, which everybody may see; NotFound when there is none."""
    found = session.execute(
        select(Campaign, Person.name)
        .outerjoin(Person, Person.id == Campaign.owner_id)
        .where(Campaign.id == campaign_id)
    ).first()
    if found is None:
        raise NotFound("There is no such campaign. Choose one from the list.")
    return row_of(*found)


def set_kind(
    session: Session,
    campaign_id: int,
    kind: str,
    *,
    bulk: bool | None = None,
    by: Viewer,
    now: datetime,
) -> None:
    """A person's word on what kind of mail it is, and whether bulk mail at all; nothing detects it away again.
    Without `bulk`, or with what is known of it anyway, that goes on being detected."""
    require_role(by, MANAGER, ADMINISTRATOR)
    if kind not in CAMPAIGN_KINDS:
        raise BadInput(f"{kind} is no kind of campaign. Use one of {', '.join(CAMPAIGN_KINDS)}.")
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound("There is no such campaign. Choose one from the list.")
    if kind != campaign.kind:
        what = f"{campaign.kind} to {kind}"
        audit(session, by, "campaign.typed", "campaign", campaign_id, what, now)
    campaign.kind, campaign.kind_by = kind, "person"
    if bulk is not None and bulk != (campaign.bulk is not False):
        campaign.bulk, campaign.bulk_by = bulk, "person"
        what = "bulk mail" if bulk else "mail to single people"
        audit(session, by, "campaign.sorted", "campaign", campaign_id, what, now)
    bump(session, CAMPAIGNS)
