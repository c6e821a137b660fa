"""One mail for several root causes: a follow-up carries its draft, the others go with it and wait again
when it does not leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.pieces import pieces
from data.tables import Draft, OutboxMail, Rating, Ticket, TicketFollowUp, TicketState
from services import drafts
from services.drafts.wholes import carrier, standing
from services.outbox import GIVEN_UP
from services.tickets.follow_up.records import KIND, SOURCE
from services.tickets.records import OVER

TICKETS = "tickets"
"""Among the values of a draft: the ids of the tickets that its mail speaks of, the first of them first."""
PART = "Part of the mail about ticket"
ANOTHER = "Another mail about it was written since."
LIVE = ("pending", "held", "second_look", "approved")
_HOW = {"cancelled": "was cancelled", "failed": "failed", "blocked": "was stopped"}


def spoken_of(draft: Draft) -> list[int]:
    """The ids of the tickets that a follow-up's draft speaks of; none for drafts that do not say so."""
    return [int(number) for number in (draft.values or {}).get(TICKETS, ())]


def tie(
    session: Session, carrier: TicketFollowUp, others: Sequence[TicketFollowUp], number: str
) -> None:
    """Let `others` go with the draft of `carrier`, whose mail speaks of the ticket `number` first."""
    for other in others:
        other.draft_id, other.state, other.carrier_id = carrier.draft_id, "drafted", carrier.id
        other.why = f"{PART} {number}."
        if not other.chosen:
            other.stakeholder_id = carrier.stakeholder_id
    # It is the carrier's rating that is asked for.
    mine = Rating.follow_up_id.in_([other.id for other in others])
    session.execute(delete(Rating).where(mine, Rating.score.is_(None)))
    session.flush()


def let_go(
    session: Session, draft_id: int, *, besides: TicketFollowUp | None = None
) -> list[TicketFollowUp]:
    """Those that the draft spoke for, which wait to be written of anew."""
    f = TicketFollowUp
    wanted = select(f).where(f.draft_id == draft_id, f.state == "drafted").order_by(f.id)
    if besides is not None:
        wanted = wanted.where(f.id != besides.id)
    ones = list(session.scalars(wanted.with_for_update()))
    for one in ones:
        wait_again(one)
    session.flush()
    return ones


def wait_again(one: TicketFollowUp) -> None:
    one.state, one.draft_id, one.carrier_id, one.why = "waiting", None, None, None


def retire(session: Session, customer_id: int, tickets: Collection[int], now: datetime) -> bool:
    """Withdraw every draft that speaks of one of these tickets and could still leave, so that a new one can
    be written. False where one is on its way."""
    has_left = exists().where(OutboxMail.draft_id == carrier(), OutboxMail.state == "sent")
    rows = session.scalars(
        select(Draft)
        .where(Draft.customer_id == customer_id, Draft.source == SOURCE, Draft.kind == KIND)
        .where(standing().in_(LIVE), ~has_left)
        .order_by(Draft.id)
    ).all()
    wanted = set(tickets)
    try:
        for draft in rows:
            if wanted & set(spoken_of(draft) or _lead_of(session, draft)):
                drafts.cancel(session, draft.id, ANOTHER, now=now)
    except InvalidMove:
        return False
    return True


def lock_drafts(session: Session, customer_id: int) -> None:
    """Wait for whoever approves or rewrites a customer's mail just now. Drafts are locked before their
    follow-ups, and in order of id, or two would wait for each other."""
    session.execute(
        select(Draft.id)
        .where(Draft.customer_id == customer_id, Draft.source == SOURCE, Draft.kind == KIND)
        .where(standing().in_(LIVE))
        .order_by(Draft.id)
        .with_for_update(key_share=True)
    )


def _lead_of(session: Session, draft: Draft) -> list[int]:
    one = session.get(TicketFollowUp, draft.source_id) if draft.source_id else None
    return [one.ticket_id] if one else []


def tickets_of(session: Session, draft: Draft, one: TicketFollowUp) -> list[Ticket]:
    """The tickets that the draft of `one` speaks of and that are still there, the first of them first."""
    ids = spoken_of(draft) or [one.ticket_id]
    found = {row.id: row for row in session.scalars(select(Ticket).where(Ticket.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def solved_since(session: Session, draft: Draft, ticket: Ticket) -> bool:
    """Whether the ticket came back and was solved again since the draft was written. That its solving was told
    of later counts, too: a desk's clock, or the zone taken for a file's, may be ahead of ours."""
    if ticket.solved_at is None or ticket.solved_at <= draft.created_at:
        return False
    s = TicketState
    told = select(s.id).where(s.ticket_id == ticket.id, s.what == "state", s.value.in_(OVER))
    told = told.where(s.at == ticket.solved_at, s.received_at > draft.created_at)
    return session.scalar(told.limit(1)) is not None


def said_elsewhere(session: Session, draft: Draft, ticket: Ticket) -> bool:
    """Whether another mail spoke of this ticket since it was solved, or is being written."""
    f = TicketFollowUp
    if ticket.cluster_id is None:
        return False
    other = (f.cluster_id == ticket.cluster_id, f.draft_id != draft.id)
    sent = and_(f.state == "sent", f.sent_at >= (ticket.solved_at or ticket.opened_at))
    found = select(f.id).where(*other, or_(f.state == "drafted", sent))
    return session.scalar(found.limit(1)) is not None


def shared(session: Session, draft_ids: Collection[int]) -> set[int]:
    """Of these drafts, those that speak for other root causes besides that of the one that carries them."""
    f = TicketFollowUp
    found: set[int | None] = set()
    for some in pieces(draft_ids, 500):
        mine = (f.draft_id.in_(some), f.state == "drafted", f.carrier_id.is_not(None))
        found |= set(session.scalars(select(f.draft_id).where(*mine)))
    return {number for number in found if number is not None}


def given_up(
    session: Session, draft_ids: Collection[int], *, for_good: bool = False
) -> dict[int, str]:
    """Of these drafts, those whose mail stands in the send queue and reaches nobody any more unless a person
    takes it up again: why, in a sentence. `for_good`: only those that a person cancelled there, without those
    that failed or were stopped and can be tried again."""
    o = OutboxMail
    rows: list[Any] = []
    for some in pieces(draft_ids, 500):
        rows += session.execute(
            select(Draft.id, o.state, o.reason)
            .join(o, o.draft_id == carrier())
            .where(Draft.id.in_(some), standing() == "approved")
            .order_by(o.id)
        ).all()
    alive = {draft_id for draft_id, state, _ in rows if state not in GIVEN_UP}
    wanted = ("cancelled",) if for_good else GIVEN_UP
    last = {draft_id: (state, reason) for draft_id, state, reason in rows}
    return {
        draft_id: f"Not sent: it {_HOW[state]} in the send queue. {reason or ''}".strip()[:300]
        for draft_id, (state, reason) in last.items()
        if draft_id not in alive and state in wanted
    }
