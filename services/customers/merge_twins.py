"""What there is once for a customer and an occasion, where two customers become one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from data.tables import Event, FollowUp, RuleFiring


def drop(session: Session, gone: int, kept: int) -> list[dict[str, Any]]:
    """Both were at an event: one customer has one follow-up of it, and that is the one that stays; images of
    those that went. The same goes for what a rule did on one occasion."""
    theirs = select(FollowUp.event_id).where(FollowUp.customer_id == kept)
    twins = session.scalars(
        select(FollowUp).where(FollowUp.customer_id == gone, FollowUp.event_id.in_(theirs))
    ).all()
    images = [_image(twin) for twin in twins]
    for twin in twins:
        session.delete(twin)
    session.flush()
    fired = select(RuleFiring.rule_id, RuleFiring.occasion).where(RuleFiring.customer_id == kept)
    session.execute(
        delete(RuleFiring)
        .where(RuleFiring.customer_id == gone)
        .where(tuple_(RuleFiring.rule_id, RuleFiring.occasion).in_(fired))
        .execution_options(synchronize_session=False)
    )
    return images


def _image(twin: FollowUp) -> dict[str, Any]:
    values = {c.name: getattr(twin, c.key) for c in FollowUp.__table__.columns}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}


def bring_back(session: Session, images: list[dict[str, Any]], customer_id: int) -> None:
    """Where the event is still there, and nobody has found the follow-up anew."""
    for image in images:
        known = select(FollowUp.id).where(
            FollowUp.event_id == image["event_id"], FollowUp.customer_id == customer_id
        )
        if session.get(Event, image["event_id"]) is None or session.scalar(known) is not None:
            continue
        values = {
            k: datetime.fromisoformat(v) if k.endswith("_at") and v else v for k, v in image.items()
        }
        session.add(FollowUp(**values | {"id": None, "customer_id": customer_id}))
    session.flush()
