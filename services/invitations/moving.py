"""A planned event changed: what was written with another time or place is written anew, and who is
registered is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import Customer, Draft, Event, Invitation, Registration
from services import drafts
from services.access import SYSTEM, Viewer
from services.drafts.wholes import standing
from services.invitations.catalogue.book import edit, required
from services.invitations.catalogue.records import EventPlan
from services.invitations.catalogue.saying import at
from services.invitations.inviting import Wishes, invite_many
from services.invitations.moves import move
from services.invitations.notices import Told, tell
from services.invitations.reconcile import reconcile
from services.invitations.records import INVITATION, NUDGE, REMINDER, SOURCE
from services.invitations.withdrawing import OPEN_DRAFTS


@dataclass(frozen=True)
class Changed:
    """`withdrawn` mails had not left and told of what is no longer so; `anew` invitations were drafted in
    their place."""

    event_id: int
    withdrawn: int = 0
    anew: int = 0
    told: Told | None = None


def change(
    session: Session, event_id: int, plan: EventPlan, *, by: Viewer, now: datetime
) -> Changed:
    """Set all of a planned event, as `catalogue.edit`. Where its time or place is another one, mails with
    the old one are withdrawn, from the send queue too; invitations among them are drafted anew, and for
    those who are registered a note is drafted.

    BadInput when an event to come, to which somebody is asked or registered, would have begun already: a slip
    of the year, of which nobody would be told."""
    was = required(session, event_id, lock=True)
    before, to_come = was.moved_at, was.starts_at > now and was.status == "planned"
    if to_come and plan.starts_at <= now and _expected(session, event_id):
        raise BadInput(
            "This start is in the past, and people are invited. Correct the date, or cancel the event."
        )
    edit(session, event_id, plan, by=by, now=now)
    event = session.get_one(Event, event_id)
    if event.moved_at == before:
        return Changed(event_id)
    if event.starts_at <= now or event.status != "planned":
        return Changed(event_id)
    reconcile(session, [event_id], now)
    withdrawn = _withdraw(session, event, by, now)
    anew = _again(session, event, now)
    return Changed(event_id, withdrawn, anew, tell(session, event_id, now))


def _expected(session: Session, event_id: int) -> bool:
    """Whether anybody is asked or registered."""
    i, r = Invitation, Registration
    asked = select(i.id).where(i.event_id == event_id, i.state != "withdrawn")
    coming = select(r.id).where(r.event_id == event_id, r.state != "cancelled")
    return session.scalar(select(or_(asked.exists(), coming.exists()))) or False


def _withdraw(session: Session, event: Event, by: Viewer, now: datetime) -> int:
    why = f"The event has moved: {at(event)}."
    waiting = session.scalars(
        select(Draft.id).where(
            Draft.source == SOURCE, Draft.source_id == event.id,
            Draft.kind.in_((INVITATION, NUDGE, REMINDER)), standing().in_(OPEN_DRAFTS),
        ).order_by(Draft.id)
    ).all()  # fmt: skip
    withdrawn = drafts.cancel_many(session, waiting, why, now=now)
    for invitation in _unsent(session, event, waiting):
        move(session, invitation, "withdrawn", now=now, why=why, by=by)
    return withdrawn


def _unsent(session: Session, event: Event, draft_ids: Sequence[int]) -> list[Invitation]:
    """Those whose draft is withdrawn now."""
    rows = session.scalars(
        select(Invitation)
        .join(Draft, Draft.id == Invitation.draft_id)
        .where(
            Invitation.event_id == event.id, Invitation.state.in_(("drafted", "approved")),
            standing() == "cancelled",
        )
    ).all()  # fmt: skip
    known = set(draft_ids)
    return [row for row in rows if row.draft_id in known]


def _again(session: Session, event: Event, now: datetime) -> int:
    """Invitations that were withdrawn just now, drafted with what holds; one round per person of the
    customer with the most of them."""
    rows = session.execute(
        select(Invitation.customer_id, Invitation.stakeholder_id)
        .join(Customer, Customer.id == Invitation.customer_id)
        .where(
            Invitation.event_id == event.id, Invitation.state == "withdrawn",
            Invitation.updated_at == now, Customer.churned_on.is_(None),
        )
        .order_by(Invitation.id)
    ).all()  # fmt: skip
    before = {
        one.id: (one.arm, one.propensity, one.created_by)
        for one in session.scalars(
            select(Invitation).where(Invitation.event_id == event.id, Invitation.updated_at == now)
        )
    }
    made = 0
    while rows:
        people = {row.customer_id: row.stakeholder_id for row in reversed(rows)}
        wishes = Wishes(people=people)
        try:
            done = invite_many(session, event.id, list(people), by=SYSTEM, now=now, wishes=wishes)
            _chosen_as_before(session, done.invitation_ids, before)
            made += len(done.draft_ids)
        except InvalidMove:
            break
        rows = [row for row in rows if people[row.customer_id] != row.stakeholder_id]
    return made


def _chosen_as_before(
    session: Session,
    invitation_ids: Sequence[int],
    before: Mapping[int, tuple[str, float | None, int | None]],
) -> None:
    """How somebody came to be asked, and by whom, is told by the first time."""
    for number in invitation_ids:
        if number in before:
            row = session.get_one(Invitation, number)
            row.arm, row.propensity, row.created_by = before[number]
    session.flush()
