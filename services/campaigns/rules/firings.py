"""What rules have done, and whether somebody then acted on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import CHANGED_SINCE, InvalidMove, NotFound
from data.tables import CampaignRule, Customer, RuleFiring
from data.versions import FACTS, bump
from services import timeline, touches
from services.access import Viewer, audit, visible
from services.campaigns.rules.contact import contact_columns, first_contact
from services.tasks import Closing

PAGE_ROWS = 100


@dataclass(frozen=True)
class FiringRow:
    """`evidence` as drafts have it; `contacted_at` see services.campaigns.rules.contact."""

    id: int
    rule_id: int
    rule: str
    customer_id: int
    customer: str
    evidence: Sequence[Mapping[str, Any]]
    draft_id: int | None
    task_id: int | None
    signal_id: int | None
    fired_at: datetime
    contacted_at: datetime | None


def firings(
    session: Session, by: Viewer, *, rule_id: int | None = None, limit: int = PAGE_ROWS
) -> list[FiringRow]:
    """Of the customers that `by` sees, the newest first."""
    asked = (
        select(RuleFiring, CampaignRule.name, Customer.name, *contact_columns())
        .join(CampaignRule, CampaignRule.id == RuleFiring.rule_id)
        .join(Customer, Customer.id == RuleFiring.customer_id)
        .where(visible(by))
        .order_by(RuleFiring.fired_at.desc(), RuleFiring.id.desc())
        .limit(limit)
    )
    if rule_id is not None:
        asked = asked.where(RuleFiring.rule_id == rule_id)
    return [
        FiringRow(
            f.id, f.rule_id, rule, f.customer_id, customer, f.evidence, f.draft_id, f.task_id,
            f.signal_id, f.fired_at, first_contact(*moments),
        )
        for f, rule, customer, *moments in session.execute(asked)
    ]  # fmt: skip


def mark_contacted(session: Session, firing_id: int, *, by: Viewer, now: datetime) -> Closing:
    """Somebody acted on it in a way the app did not see: a contact. By which moment that is taken back, unless it
    was said before."""
    found = _find(session, firing_id, by)
    if found.contacted_at is not None:
        return Closing(None)
    found.contacted_at = now
    what = "In contact after what a campaign rule found"
    touches.spoke(session, found.customer_id, found.stakeholder_id, what, by=by, now=now)
    timeline.note(
        session, found.customer_id, "note", now, what, dedup_key=_key(found),
        stakeholder_id=found.stakeholder_id, by=by,
    )  # fmt: skip
    bump(session, FACTS)
    audit(session, by, "rule_firing.contacted", "rule_firing", firing_id, "contacted", now)
    return Closing(now)


def unmark_contacted(
    session: Session, firing_id: int, contacted_at: datetime, *, by: Viewer, now: datetime
) -> None:
    """Nobody did after all. InvalidMove where what was said at that moment does not stand any more."""
    found = _find(session, firing_id, by)
    if found.contacted_at != contacted_at:
        raise InvalidMove(CHANGED_SINCE)
    touches.unspoke(session, found.customer_id, contacted_at, now)
    timeline.withdraw(session, [_key(found)], now)
    found.contacted_at = None
    bump(session, FACTS)
    audit(session, by, "rule_firing.contacted", "rule_firing", firing_id, "taken back", now)


def _key(firing: RuleFiring) -> str:
    return f"rule_firing:{firing.id}:contacted"


def _find(session: Session, firing_id: int, by: Viewer) -> RuleFiring:
    found = session.scalar(
        select(RuleFiring)
        .join(Customer, Customer.id == RuleFiring.customer_id)
        .where(RuleFiring.id == firing_id, visible(by))
        .with_for_update(of=RuleFiring)
    )
    if found is None:
        raise NotFound("There is no such entry in your portfolio. Reload the page.")
    return found
