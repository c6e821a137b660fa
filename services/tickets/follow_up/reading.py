"""Follow-ups as they are read."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.tables import Draft, Promise, Rating, Stakeholder, Ticket, TicketFollowUp
from services.access.day import day_of
from services.drafts.wholes import standing
from services.tickets.follow_up.promises import promised
from services.tickets.follow_up.sharing import given_up
from services.tickets.records import FollowUpView, PromiseView

_NOT_SENT = ("waiting", "drafted")


def follow_ups_of(
    session: Session,
    ticket: Ticket,
    now: datetime,
) -> tuple[FollowUpView, ...]:
    """Those of the ticket's root cause, the newest first. One whose mail was given up in the send queue reads
    so at once, before the worker has come by."""
    f = TicketFollowUp
    mine = or_(f.ticket_id == ticket.id, f.cluster_id == ticket.cluster_id)
    rows = session.execute(
        select(f, Draft, standing(), Stakeholder, Rating)
        .outerjoin(Draft, Draft.id == f.draft_id)
        .outerjoin(Stakeholder, Stakeholder.id == f.stakeholder_id)
        .outerjoin(Rating, Rating.follow_up_id == func.coalesce(f.carrier_id, f.id))
        .where(mine)
        .order_by(f.id.desc())
    ).all()
    lost = given_up(session, [one.draft_id for one, *_ in rows if one.draft_id])
    return tuple(
        _view(session, one, draft, state, person, rating, lost.get(one.draft_id or 0), now)
        for one, draft, state, person, rating in rows
    )


def _view(  # noqa: PLR0913 - one row of a query
    session: Session,
    one: TicketFollowUp,
    draft: Draft | None,
    draft_state: str | None,
    person: Stakeholder | None,
    rating: Rating | None,
    lost: str | None,
    now: datetime,
) -> FollowUpView:
    given_up_now = lost is not None and one.state == "drafted"
    name = f"{person.first_name} {person.last_name}".strip() if person else None
    return FollowUpView(
        id=one.id,
        ticket_id=one.ticket_id,
        reason=one.reason,
        level=one.level,
        state="left" if given_up_now else one.state,
        due_at=one.due_at,
        why=lost if given_up_now else one.why,
        draft_id=one.draft_id,
        draft_state=draft_state,
        stakeholder_id=one.stakeholder_id,
        stakeholder=name or None,
        created_at=one.created_at,
        sent_at=one.sent_at,
        replied_at=one.replied_at,
        score=rating.score if rating else None,
        comment=rating.comment if rating else None,
        rated_at=rating.rated_at if rating else None,
        promises=_promises(session, one, draft, now),
    )


def _promises(
    session: Session, one: TicketFollowUp, draft: Draft | None, now: datetime
) -> tuple[PromiseView, ...]:
    """What it promised; before it has left, what its text would promise if it left now."""
    if one.state in _NOT_SENT:
        said = promised(draft.text, day_of(session, draft.owner_id, now)) if draft else ()
        return tuple(PromiseView(p.sentence, p.what, p.days, "said", None, None) for p in said)
    rows = session.scalars(
        select(Promise)
        .where(Promise.follow_up_id == (one.carrier_id or one.id))
        .order_by(Promise.position)
    )
    return tuple(
        PromiseView(
            row.sentence, row.what, row.days, row.state,
            one.sent_at + timedelta(days=row.days) if one.sent_at else None, row.task_id,
        )
        for row in rows
    )  # fmt: skip
