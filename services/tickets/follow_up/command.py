"""A follow-up that somebody asks for, whatever the triggers and the hold-off say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.once import add_once
from data.tables import Draft, Ticket, TicketCluster, TicketFollowUp
from data.versions import TICKETS as VERSION
from data.versions import bump
from services import drafts
from services.access import Viewer, audit
from services.tickets.appraising import appraise
from services.tickets.follow_up.drafting import NOBODY, make_draft, take_back
from services.tickets.follow_up.material import stakeholder
from services.tickets.follow_up.records import Reader
from services.tickets.follow_up.restraint import hindrances
from services.tickets.follow_up.sent import settle
from services.tickets.follow_up.sharing import ANOTHER, given_up, let_go, lock_drafts
from services.tickets.follow_up.stopping import withdraw
from services.tickets.listing import seen_by

UNKNOWN = "There is no such ticket of your customers. Look it up on the Tickets page."


def follow_up(
    session: Session,
    by: Viewer,
    ticket_id: int,
    *,
    now: datetime,
    stakeholder_id: int | None = None,
) -> int:
    """The id of the draft about this ticket and those of its root cause; the one there is, if there is one,
    unless it is to somebody else than is asked for: then it is written anew, as long as nobody has worked on it.
    A mail that was given up in the send queue is no obstacle, and can no longer leave once there is a new one.

    NotFound for others' tickets, InvalidMove with what stands in the way, BadInput for a recipient who is
    not the customer's.
    """
    ticket = _locked(session, by, ticket_id)
    if ticket.customer_id is not None:
        lock_drafts(session, ticket.customer_id)
        settle(session, now, customer_id=ticket.customer_id)
    if ticket.level is None or ticket.cluster_id is None:
        appraise(session, [ticket.id], now=now)
        session.refresh(ticket)
    if ticket.customer_id is not None:
        settle(session, now, customer_id=ticket.customer_id)
    reader = _chosen(session, ticket, stakeholder_id)
    known = _open_one(session, ticket)
    draft = session.get_one(Draft, known.draft_id) if known and known.draft_id else None
    lost = draft is not None and draft.id in given_up(session, [draft.id])
    if draft is not None and not lost and reader in (None, _reader_of(session, draft)):
        return draft.id
    freed = _freed(session, draft, now) if draft else []
    against = hindrances(session, ticket, now)
    if against:
        raise InvalidMove(" ".join(against))
    one = known or _begun(session, ticket, by, now)
    if reader is not None:
        one.stakeholder_id, one.chosen = reader.stakeholder_id, True
    made = make_draft(session, [one, *(other for other in freed if other is not one)], now, by=by)
    if made is None or made.draft_id is None:
        raise InvalidMove(one.why or NOBODY)
    audit(session, by, "ticket.follow_up", "ticket", ticket.id, ticket.number, now)
    bump(session, VERSION)
    return made.draft_id


def _freed(session: Session, draft: Draft, now: datetime) -> list[TicketFollowUp]:
    """What the draft spoke for, which is to be written anew."""
    if draft.id in given_up(session, [draft.id]):
        drafts.cancel(session, draft.id, ANOTHER, now=now)
        return let_go(session, draft.id)
    freed = take_back(session, draft, now)
    if not freed:
        raise InvalidMove("Somebody works on the mail about it. Approve or reject that first.")
    return freed


def _reader_of(session: Session, draft: Draft) -> Reader | None:
    return stakeholder(session, draft.customer_id, draft.stakeholder_id)


def _chosen(session: Session, ticket: Ticket, stakeholder_id: int | None) -> Reader | None:
    if stakeholder_id is None or ticket.customer_id is None:
        return None
    reader = stakeholder(session, ticket.customer_id, stakeholder_id)
    if reader is None:
        raise BadInput("This person is not the customer's, or has no address to write to.")
    return reader


def _begun(session: Session, ticket: Ticket, by: Viewer, now: datetime) -> TicketFollowUp:
    """A new one; that of whoever was first, where the worker has just begun the same."""
    number = add_once(
        session, TicketFollowUp, customer_id=ticket.customer_id, cluster_id=ticket.cluster_id,
        ticket_id=ticket.id, reason="command", level=ticket.level or "acknowledge", state="waiting",
        due_at=now, created_by=by.person_id, created_at=now,
    )  # fmt: skip
    found = session.get(TicketFollowUp, number) if number else _open_one(session, ticket)
    if found is None:
        raise InvalidMove("Somebody else has just followed it up. Look at it again.")
    return found


def leave(session: Session, by: Viewer, ticket_id: int, why: str, *, now: datetime) -> None:
    """Decide that nothing is sent about this ticket's root cause; a draft that waits is withdrawn."""
    told = " ".join(why.split())[:300]
    if not told:
        raise BadInput("Say why in a few words: colleagues will ask.")
    ticket = _locked(session, by, ticket_id)
    one = _open_one(session, ticket)
    if one is None:
        raise InvalidMove("Nothing is under way about this ticket.")
    if not withdraw(session, one, told, now):
        raise InvalidMove("The mail has left already.")
    one.state = "left"
    audit(session, by, "ticket.left", "ticket", ticket.id, told, now)
    bump(session, VERSION)


def _locked(session: Session, by: Viewer, ticket_id: int) -> Ticket:
    """The ticket with its root cause locked, so that two who ask at once get one draft."""
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id, seen_by(by)))
    if ticket is None:
        raise NotFound(UNKNOWN)
    if ticket.cluster_id is not None:
        # `key_share`: others may go on writing follow-ups that point to it, or two would wait for each other.
        cluster = select(TicketCluster.id).where(TicketCluster.id == ticket.cluster_id)
        session.execute(cluster.with_for_update(key_share=True))
    return ticket


def _open_one(session: Session, ticket: Ticket) -> TicketFollowUp | None:
    f = TicketFollowUp
    return session.scalar(
        select(f)
        .where(f.cluster_id == ticket.cluster_id, f.state.in_(("waiting", "drafted")))
        .order_by(f.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
