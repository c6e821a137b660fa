"""A call or meeting that a person enters: it counts as a contact, and stands on the timeline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.versions import FACTS, bump
from services import touches
from services.access import Viewer
from services.timeline.notes import note


def log_contact(  # noqa: PLR0913 - the parts of a contact
    session: Session,
    customer_id: int,
    stakeholder_id: int | None,
    channel: str,
    what: str,
    at: datetime,
    *,
    by: Viewer,
    now: datetime,
) -> int:
    """The touch's id. Channels are touches.CHANNELS; BadInput names what is wrong."""
    touch_id = touches.add(session, customer_id, stakeholder_id, channel, what, at, by=by, now=now)
    title = f"{touches.CHANNELS[channel]}: {' '.join(what.split())}"
    note(
        session,
        customer_id,
        "note",
        at,
        title,
        dedup_key=f"touch:{touch_id}",
        stakeholder_id=stakeholder_id,
        by=by,
    )
    bump(session, FACTS)
    return touch_id
