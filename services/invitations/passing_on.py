"""A colleague asked in the place of somebody who did not answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotFound
from data.tables import Invitation
from services.access import SYSTEM
from services.invitations.following_up import FollowedUp, ask_to_call
from services.invitations.inviting.create import Wishes, invite_many


def pass_on(session: Session, event_id: int, found: FollowedUp, now: datetime) -> tuple[int, int]:
    """Draft invitations to the colleagues that were found, one per customer; where one may not be invited,
    such as for the caps, the CSM is asked to call. How many of each."""
    silent = {number: session.get_one(Invitation, number) for number, _ in found.colleagues}
    people = {silent[number].customer_id: who for number, who in reversed(found.colleagues)}
    follows = {silent[number].customer_id: number for number, _ in reversed(found.colleagues)}
    if not people:
        return 0, 0
    try:
        made = invite_many(
            session, event_id, list(people), by=SYSTEM, now=now, wishes=Wishes(people, follows)
        )
    except (InvalidMove, NotFound):  # the event has begun, or a customer has left meanwhile
        return 0, 0
    calls = sum(ask_to_call(session, silent[follows[one]], now) for one, _ in made.left)
    return len(made.draft_ids), calls
