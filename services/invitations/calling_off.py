"""An event called off: what waits is withdrawn, and who is registered is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import Invitation
from data.versions import FACTS, bump
from services import drafts, tasks
from services.access import Viewer, audit
from services.invitations.catalogue.book import required
from services.invitations.moves import move
from services.invitations.notices import Told, tell
from services.invitations.reconcile import reconcile
from services.invitations.records import SOURCE
from services.planners import require_cancel

LONGEST_WHY = 300


@dataclass(frozen=True)
class CalledOff:
    """How many mails were withdrawn that had not left, and what those who are registered are told."""

    withdrawn: int
    told: Told


def cancel_event(
    session: Session, event_id: int, why: str, *, by: Viewer, now: datetime
) -> CalledOff:
    """Call an event off: its mails that have not left are withdrawn, from the send queue too, and nobody is
    asked or reminded any more. For those who are registered a note is drafted, with the reason.

    For managers, admins and whoever planned it: NotAllowed for others, since nothing undoes it. InvalidMove
    when it is called off already or has been held. BadInput without a reason.
    """
    event = required(session, event_id, lock=True)
    require_cancel(session, by, event_id)
    said = " ".join(why.split())[:LONGEST_WHY]
    if not said:
        raise BadInput("Say why, in a few words: whoever was invited will ask.")
    if event.status == "cancelled":
        raise InvalidMove("This event is cancelled already.")
    if event.status == "held":
        raise InvalidMove("This event has been held: attendance is on record for it.")
    event.status, event.cancelled_at, event.cancelled_why = "cancelled", now, said
    event.revision = (event.revision or 0) + 1
    reconcile(session, [event_id], now)  # what went out already stays sent
    reason = f"Event cancelled: {said}"
    withdrawn, _ = drafts.cancel_for(session, SOURCE, event_id, reason, now=now)
    tasks.cancel_for(session, SOURCE, [event_id], reason, now=now, by=by)
    for invitation in session.scalars(
        select(Invitation).where(
            Invitation.event_id == event_id, Invitation.state.in_(("drafted", "approved"))
        )
    ).all():
        move(session, invitation, "withdrawn", now=now, why=reason, by=by)
    told = tell(session, event_id, now)
    bump(session, FACTS)
    audit(session, by, "event.cancelled", "event", event_id, event.name, now)
    session.flush()
    return CalledOff(withdrawn, told)
