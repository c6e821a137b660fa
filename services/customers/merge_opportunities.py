"""Advocacy opportunities of two customers that become one: one at a time is under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, Opportunity, OpportunityEvent
from services.access import Viewer

_ORDER = ("identified", "asked", "agreed")
"""The stages that are under way, the farthest last."""
_CLOSED = "declined"


def keep_one(
    session: Session, kept: Customer, gone: int, by: Viewer, now: datetime
) -> list[dict[str, Any]]:
    """Where both have one under way, the one that is farther stays, else that of the customer that stays;
    images of those closed for it.

    What was closed counts as not asked: one customer was asked once, and may have agreed.
    """
    found = session.scalars(
        select(Opportunity)
        .where(Opportunity.customer_id.in_((kept.id, gone)), Opportunity.stage.in_(_ORDER))
        .order_by(Opportunity.id)
        .with_for_update()
    ).all()
    if {one.customer_id for one in found} != {kept.id, gone}:
        return []
    stays = max(found, key=lambda one: (_ORDER.index(one.stage), one.customer_id == kept.id))
    images = []
    for one in found:
        if one is stays:
            continue
        asked_at = one.asked_at.isoformat() if one.asked_at else None
        images.append(
            {"id": one.id, "stage": one.stage, "asked_at": asked_at, "at": now.isoformat()}
        )
        why = f"Merged with {kept.name}: another opportunity is under way there."
        _to(session, one, _CLOSED, why, by, now)
        one.asked_at, one.closed_at = None, now
    session.flush()
    return images


def restore(session: Session, images: list[dict[str, Any]], by: Viewer, now: datetime) -> None:
    """After the merge was taken back and they are with their customers again: those that nobody has touched
    since stand as they stood, unless another is under way."""
    for image in images:
        one = session.get(Opportunity, image["id"])
        if (
            one is None
            or one.stage != _CLOSED
            or one.closed_at != datetime.fromisoformat(image["at"])
        ):
            continue
        other = select(Opportunity.id).where(
            Opportunity.customer_id == one.customer_id, Opportunity.stage.in_(_ORDER)
        )
        if session.scalar(other.limit(1)) is not None:
            continue
        _to(session, one, image["stage"], "The merge was taken back.", by, now)
        asked_at = image["asked_at"]
        one.asked_at = datetime.fromisoformat(asked_at) if asked_at else None
        one.closed_at = None
        session.flush()


def _to(
    session: Session, one: Opportunity, stage: str, why: str, by: Viewer, now: datetime
) -> None:
    session.add(
        OpportunityEvent(
            opportunity_id=one.id,
            at=now,
            from_stage=one.stage,
            to_stage=stage,
            note=why,
            person_id=by.person_id,
        )
    )
    one.stage, one.updated_at = stage, now
