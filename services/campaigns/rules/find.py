"""Finding a rule."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import CampaignRule


def find_rule(session: Session, rule_id: int, *, lock: bool = False) -> CampaignRule:
    """NotFound when there is none, or it was removed."""
    statement = select(CampaignRule).where(
        CampaignRule.id == rule_id, CampaignRule.state != "removed"
    )
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("There is no such rule any more. Reload the page.")
    return found
