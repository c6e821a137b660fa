"""Follow-ups brought in line with their drafts, the send queue and the replies; promises become tasks."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from data.once import add_once
from data.pieces import pieces
from data.tables import Customer, Draft, InboundMail, OutboxMail, Promise, Ticket, TicketFollowUp
from data.versions import TICKETS as VERSION
from data.versions import bump
from services import tasks
from services.access.day import day_of
from services.drafts.wholes import carrier, carrier_of, standing
from services.ids import public_id
from services.plurals import plural
from services.tickets.follow_up.promises import Promised, promised
from services.tickets.follow_up.records import SCREEN, SOURCE
from services.tickets.follow_up.sharing import (
    LIVE,
    given_up,
    shared,
    tickets_of,
    tie,
    wait_again,
)
from services.tickets.follow_up.stopping import OPEN
from services.tickets.records import LEVEL_WORDS
from services.timeline import note

log = logging.getLogger(__name__)
LOOKED_AT = timedelta(days=60)
"""Replies later than this are no reply to it."""
MOST = 1_000
MOST_NAMED = 10
_ENDS = {"rejected": ("left", "Rejected"), "cancelled": ("withdrawn", "Withdrawn")}


def reconcile(session: Session, now: datetime) -> int:
    """Set follow-ups to what drafts, queue and replies say; how many changed. May be run any time."""
    changed = settle(session, now) + _of_replies(session, now)
    if changed:
        bump(session, VERSION)
    return changed


def settle(session: Session, now: datetime, *, customer_id: int | None = None) -> int:
    """The same for drafts and queue alone, of one customer where one is given.

    What a mail that does not leave spoke of besides waits to be written of anew. One that failed can be tried
    again: all that it speaks for stays with it until a person decides, so that nothing is written of anew
    without the gravest.
    """
    f = TicketFollowUp
    mine = (f.customer_id == customer_id,) if customer_id is not None else ()
    changed = _taken_up_again(session, mine, now)
    rows = session.execute(
        select(f, Draft)
        .join(Draft, Draft.id == f.draft_id)
        .where(f.state == "drafted", *mine)
        .order_by(f.carrier_id.is_not(None), f.id)
        .limit(MOST)
        .with_for_update(of=f, skip_locked=True)
    ).all()
    ids = {draft.id for _, draft in rows}
    left, lost = _left(session, ids), given_up(session, ids)
    decided, together = given_up(session, ids, for_good=True), shared(session, ids)
    for one, draft in rows:
        gone = (decided if draft.id in together else lost).get(draft.id)
        if draft.id in left:
            _note_sent(session, one, draft, left[draft.id], now)
        elif draft.state in _ENDS or gone:
            _end(one, draft, gone, now)
        else:
            continue
        changed += 1
    session.flush()
    return changed


def _end(one: TicketFollowUp, draft: Draft, gone: str | None, now: datetime) -> None:
    if one.carrier_id is not None:
        wait_again(one)
        return
    state, word = _ENDS.get(draft.state, ("left", ""))
    one.state, one.why, one.closed_at = state, gone or _why(draft, word), now


def _taken_up_again(session: Session, mine: Sequence[ColumnElement[bool]], now: datetime) -> int:
    """Follow-ups that had ended and whose draft a person took up again, or whose mail was tried again."""
    f = TicketFollowUp
    rows = session.execute(
        select(f, Draft)
        .join(Draft, Draft.id == f.draft_id)
        .where(f.state.in_(("left", "withdrawn")), standing().in_(LIVE), *mine)
        .where(f.closed_at > now - LOOKED_AT)
        .order_by(f.id.desc())
        .limit(MOST)
    ).all()
    lost = given_up(session, [draft.id for _, draft in rows])
    count = 0
    for one, draft in rows:
        newer = select(f.id).where(f.cluster_id == one.cluster_id, f.id != one.id)
        newer = newer.where(or_(f.state.in_(OPEN), and_(f.state == "sent", f.id > one.id)))
        if draft.id in lost or session.scalar(newer.limit(1)) is not None:
            continue
        one.state, one.why, one.closed_at = "drafted", None, None
        _tie_again(session, one, draft)
        count += 1
    return count


def _tie_again(session: Session, one: TicketFollowUp, draft: Draft) -> None:
    f = TicketFollowUp
    tickets = tickets_of(session, draft, one)
    causes = {ticket.cluster_id for ticket in tickets}
    waiting = session.scalars(
        select(f).where(f.cluster_id.in_(causes), f.state == "waiting", f.id != one.id)
    ).all()
    session.flush()
    tie(session, one, waiting, tickets[0].number if tickets else "")


def _left(session: Session, draft_ids: Collection[int]) -> dict[int, datetime]:
    """When those that have left did."""
    o = OutboxMail
    found: dict[int, datetime] = {}
    for some in pieces(draft_ids, 500):
        rows = session.execute(
            select(Draft.id, o.sent_at)
            .join(o, o.draft_id == carrier())
            .where(Draft.id.in_(some), o.state == "sent")
        )
        found |= {number: at for number, at in rows if at is not None}
    return found


def _why(draft: Draft, word: str) -> str:
    return f"{word}: {draft.why}"[:300] if draft.why else f"{word}."


def _note_sent(
    session: Session, one: TicketFollowUp, draft: Draft, sent_at: datetime, now: datetime
) -> None:
    mail = carrier_of(session, draft)
    one.state, one.sent_at, one.draft_id = "sent", sent_at, mail.id
    if one.carrier_id is not None:
        return
    ticket = session.get_one(Ticket, one.ticket_id)
    customer = session.get_one(Customer, one.customer_id)
    kept = [
        promise
        for promise in _promised(session, draft, mail, sent_at)
        if _keep(session, one, ticket, customer, promise, sent_at, now, mail.owner_id)
    ]
    due = "; ".join(f"{promise.what} in {plural(promise.days, 'day')}" for promise in kept)
    note(
        session, customer.id, "mail", sent_at,
        f"Followed up on {_numbers(session, one, ticket)}: {LEVEL_WORDS[one.level].lower()}",
        f"Promised: {due}" if due else "",
        dedup_key=f"{SOURCE}:{one.id}:sent", stakeholder_id=one.stakeholder_id, screen=SCREEN,
        query={"id": public_id("ticket", ticket.id)},
    )  # fmt: skip


def _promised(session: Session, draft: Draft, mail: Draft, sent_at: datetime) -> list[Promised]:
    """What the mail that left promises, without what another draft that it was made of says."""
    on = day_of(session, mail.owner_id, sent_at)
    said, own = promised(mail.text, on), promised(draft.text, on)
    others = session.scalars(
        select(Draft.text).where(Draft.merged_into_id == mail.id, Draft.id != draft.id)
    )
    theirs = {one.sentence for text in others for one in promised(text, on)}
    theirs -= {one.sentence for one in own}
    return [one for one in said if one.sentence not in theirs]


def _numbers(session: Session, one: TicketFollowUp, ticket: Ticket) -> str:
    f = TicketFollowUp
    others = session.scalars(
        select(Ticket.number).join(f, f.ticket_id == Ticket.id).where(f.carrier_id == one.id).order_by(f.id)
    ).all()  # fmt: skip
    if not others:
        return f"ticket {ticket.number}"
    return f"tickets {', '.join([ticket.number, *others][:MOST_NAMED])}"


def _keep(  # noqa: PLR0913 - a promise, and all it hangs on
    session: Session,
    one: TicketFollowUp,
    ticket: Ticket,
    customer: Customer,
    said: Promised,
    sent_at: datetime,
    now: datetime,
    owner_id: int | None,
) -> bool:
    """The promise with its task, dated from sending; False when it was kept track of already."""
    number = add_once(
        session, Promise, follow_up_id=one.id, position=said.position, sentence=said.sentence,
        what=said.what, days=said.days, state="said",
    )  # fmt: skip
    if number is None:
        return False
    deed = said.what.replace("your ", "", 1)
    task_id = tasks.add(
        session,
        tasks.NewTask(
            dedup_key=f"{SOURCE}:{one.id}:promise:{said.position}",
            title=f"{deed[:1].upper()}{deed[1:]} ({customer.name}, ticket {ticket.number})"[:300],
            detail=f"Promised in the mail about ticket {ticket.number}: “{said.sentence}”",
            due_at=sent_at + timedelta(days=said.days),
            owner_id=owner_id or customer.csm_id,
            customer_id=customer.id,
            stakeholder_id=one.stakeholder_id,
            source=SOURCE,
            source_id=one.id,
        ),
        now=now,
    )
    promise = session.get_one(Promise, number)
    promise.state, promise.task_id = "set", task_id
    return True


def _of_replies(session: Session, now: datetime) -> int:
    f, o, i = TicketFollowUp, OutboxMail, InboundMail
    _forget_machines(session, now)
    rows = session.execute(
        select(f, func.min(i.at))
        .join(o, o.draft_id == f.draft_id)
        .join(i, i.outbox_id == o.id)
        .where(f.state == "sent", f.sent_at > now - LOOKED_AT, f.replied_at.is_(None))
        .where(i.kind == "reply")
        .group_by(f.id)
    ).all()
    for one, at in rows:
        one.replied_at = at
    session.flush()
    return len(rows)


def _forget_machines(session: Session, now: datetime) -> None:
    """What counted as a reply until somebody said that a machine wrote it after all."""
    f, o, i = TicketFollowUp, OutboxMail, InboundMail
    came = (
        select(i.id)
        .join(o, o.id == i.outbox_id)
        .where(o.draft_id == f.draft_id, i.at == f.replied_at)
    )
    for one in session.scalars(
        select(f)
        .where(f.state == "sent", f.sent_at > now - LOOKED_AT, f.replied_at.is_not(None))
        .where(came.where(i.kind == "auto_reply").exists())
        .where(~came.where(i.kind == "reply").exists())
    ):
        one.replied_at = None
    session.flush()
