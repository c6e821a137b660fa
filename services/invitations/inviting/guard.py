"""What speaks against sending an invitation when it is approved, which may be weeks after it was made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, Event, EventOffer, Invitation, Registration
from services.drafts import Block, add_check
from services.invitations.catalogue.book import required, sessions_of
from services.invitations.catalogue.checks import zone
from services.invitations.catalogue.saying import at as told_of
from services.invitations.fit.caps import INVITED, capped
from services.invitations.picked import no_longer_so
from services.invitations.ranking.people import cap_words, event_order, leaving
from services.invitations.ranking.troubles import open_major
from services.invitations.records import INVITATION, NUDGE, REMINDER, SOURCE
from services.invitations.registrations.book import COMING, free_seats


@add_check
def invitation_blocks(
    session: Session, drafts: Sequence[Draft], now: datetime
) -> Mapping[int, Sequence[Block]]:
    """Caps counted against the invitations that have left or are approved, whether the event still takes
    place, whether the person has answered by now, and whether the offer still holds."""
    ours = [one for one in drafts if one.source == SOURCE and one.source_id]
    mine = [one for one in ours if one.kind == INVITATION]
    found = _changed(session, [one for one in ours if one.kind in (INVITATION, NUDGE, REMINDER)])
    if not mine:
        return found
    people = {one.stakeholder_id for one in mine}
    gone = leaving(session, people)
    troubles = open_major(session, {one.customer_id for one in mine})
    order = event_order(session)
    full = _full(session, {one.source_id or 0 for one in mine})
    for one in mine:
        event = required(session, one.source_id or 0)
        at = max(now, one.not_before) if one.not_before else now
        blocks = [
            *_caps(one, gone, order, at),
            *_of_person(session, one, event, now),
            *_of_tickets(troubles.get(one.customer_id)),
        ]
        blocks += _of_programme(session, one, event)
        blocks += full.get(event.id, [])
        if blocks:
            found.setdefault(one.id, []).extend(blocks)
    return found


def _caps(draft: Draft, gone: pl.DataFrame, order: Sequence[int], at: datetime) -> list[Block]:
    theirs = gone.filter(pl.col("stakeholder_id") == draft.stakeholder_id).select(*INVITED)
    found = capped(theirs, order, draft.source_id or 0, at)
    return [
        Block("invited_often", cap_words(code, when), hard=True)
        for _, code, when in found.iter_rows()
    ]


def _changed(session: Session, drafts: Sequence[Draft]) -> dict[int, list[Block]]:
    """Against drafts that were taken up again although their event is off, or is not when or where they say."""
    found: dict[int, list[Block]] = {}
    for one in drafts:
        event = required(session, one.source_id or 0)
        if event.status == "cancelled":
            words = "The event is cancelled. Reject this mail."
            found[one.id] = [Block("event_cancelled", words, hard=True)]
        elif event.moved_at is not None and one.created_at < event.moved_at:
            words = f"The event has moved since this was written. Now: {told_of(event)}. Correct the text, or reject it."
            found[one.id] = [Block("event_moved", words, hard=False)]
    return found


def _of_programme(session: Session, draft: Draft, event: Event) -> list[Block]:
    invitation = session.scalar(select(Invitation).where(Invitation.draft_id == draft.id))
    gone = no_longer_so(invitation.sessions if invitation else (), sessions_of(session, event.id))
    if not gone:
        return []
    named = ", ".join(f"“{one}”" for one in gone)
    words = f"The programme has changed: {named} is off or at another time. Correct the text, or make the invitation anew."
    return [Block("programme_changed", words, hard=False)]


def _full(session: Session, event_ids: Collection[int]) -> dict[int, list[Block]]:
    """The events all of whose seats were taken since; one may still ask somebody to wait."""
    words = "All seats are taken by now: whoever is asked can only wait for one."
    return {
        number: [Block("event_full", words, hard=False)]
        for number in event_ids
        if free_seats(session, required(session, number)) == 0
    }


def _of_tickets(number: str | None) -> list[Block]:
    """Theirs to decide, so it can be accepted."""
    if number is None:
        return []
    words = f"Ticket {number} of this customer is open and severe. Wait, or write to them about that first."
    return [Block("ticket_open", words, hard=False)]


def _of_person(session: Session, draft: Draft, event: Event, now: datetime) -> list[Block]:
    blocks: list[Block] = []
    registered = select(Registration.id).where(
        Registration.event_id == event.id,
        Registration.stakeholder_id == draft.stakeholder_id,
        Registration.state.in_(COMING),
    )
    if session.scalar(registered.limit(1)):
        blocks.append(
            Block("registered", "They are registered already. Reject this invitation.", hard=True)
        )
    invitation = session.scalar(select(Invitation).where(Invitation.draft_id == draft.id))
    if invitation is not None and invitation.offer_id is not None:
        offer = session.get(EventOffer, invitation.offer_id)
        today = now.astimezone(zone(event.time_zone)).date()  # the last day is one of the event's
        if offer is None or (offer.deadline is not None and offer.deadline < today):
            words = "The offer it speaks of is over. Take it out of the text, or make the invitation anew."
            blocks.append(Block("offer_over", words, hard=False))
    return blocks
