"""Follow-ups whose hold-off is over become drafts: one mail for one customer at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from data.settings import settings
from data.tables import Customer, Draft, OutboxMail, Rating, Ticket, TicketFollowUp
from data.versions import TICKETS as VERSION
from data.versions import bump
from services import drafts, tasks
from services.access import Viewer
from services.drafts.wholes import carrier, untouched
from services.outbox import GIVEN_UP
from services.tickets.follow_up.compose import compose
from services.tickets.follow_up.evidence import not_the_chosen
from services.tickets.follow_up.material import cases_of, chosen, reader_of, relation_of
from services.tickets.follow_up.records import KIND, SOURCE, TOPIC, Case, Reader
from services.tickets.follow_up.restraint import open_siblings
from services.tickets.follow_up.sharing import TICKETS, let_go, retire, tie
from services.tickets.follow_up.telling import tell_drafted
from services.tickets.records import LEVEL_RANKS, LEVEL_WORDS
from services.tickets.terms import RATING_PAUSE, TOO_LATE
from services.tracking import signer

log = logging.getLogger(__name__)
MOST = 500
"""Follow-ups per run."""
DRAFT_SEVERITY = {
    "acknowledge": "low",
    "satisfaction_check": "normal",
    "relationship_repair": "high",
}
LOOK_AGAIN = timedelta(hours=1)
"""Later, at what waits for another ticket or mail."""
NOBODY = "Nobody of the customer's with an address is known: call, or enter one."
LATE = "It waited so long that a mail would come too late."
MORE = "It is written anew from what is known by now."
ON_ITS_WAY = "An earlier mail about it is on its way."


@dataclass(frozen=True)
class Made:
    drafted: int = 0
    waiting: int = 0
    left: int = 0


def draft_due(session: Session, now: datetime, *, limit: int = MOST) -> Made:
    """Draft what is due, the gravest first; what must wait for a sibling ticket waits on."""
    f = TicketFollowUp
    due = session.scalars(
        select(f)
        .where(f.state == "waiting", f.due_at <= now)
        .order_by(f.customer_id, f.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    by_customer: dict[int, list[TicketFollowUp]] = {}
    for one in due:
        by_customer.setdefault(one.customer_id, []).append(one)
    drafted = waiting = left = 0
    for ones in by_customer.values():
        made = _for_customer(session, ones, now)
        drafted, waiting, left = drafted + made.drafted, waiting + made.waiting, left + made.left
    if drafted or left:
        bump(session, VERSION)
    return Made(drafted, waiting, left)


def redraft(session: Session, customer_id: int, now: datetime) -> None:
    """Write drafts that nobody has touched yet anew: what they were made from has changed."""
    taken = _taken_up(session, customer_id, now)
    if taken:
        _for_customer(session, taken, now)


def _for_customer(session: Session, ones: Sequence[TicketFollowUp], now: datetime) -> Made:
    together = [*ones, *_taken_up(session, ones[0].customer_id, now)]
    ordered = sorted(together, key=lambda one: (-LEVEL_RANKS[one.level], one.id))
    tickets = [session.get_one(Ticket, one.ticket_id) for one in ordered]
    busy = any(open_siblings(session, ticket, now) for ticket in tickets)
    if busy or _under_way(session, ones[0].customer_id):
        late = [one for one in ordered if one.created_at < now - TOO_LATE]
        for one in ordered:
            if one in late:
                _leave(one, LATE, now)
            else:
                one.due_at = now + LOOK_AGAIN
        return Made(waiting=len(ordered) - len(late), left=len(late))
    made = make_draft(session, ordered, now)
    if made is None:
        return Made(left=len(ordered))
    tell_drafted(session, made, now)
    return Made(drafted=1, left=len(ordered) - 1)


def _drafted(customer_id: int) -> Select[TicketFollowUp, Draft]:
    f = TicketFollowUp
    return (
        select(f, Draft)
        .join(Draft, Draft.id == f.draft_id)
        .where(f.customer_id == customer_id, f.state == "drafted")
    )


def _under_way(session: Session, customer_id: int) -> bool:
    """Whether the customer has another one that may still leave: neither sent nor decided against, nor given up
    in the send queue."""
    mail = select(OutboxMail.id).where(OutboxMail.draft_id == carrier())
    given_up = mail.where(OutboxMail.state.in_(GIVEN_UP)).exists()
    on_its_way = mail.where(OutboxMail.state.not_in(GIVEN_UP)).exists()
    ones = _drafted(customer_id).where(or_(~given_up, on_its_way))
    return session.execute(ones.limit(1)).first() is not None


def _taken_up(session: Session, customer_id: int, now: datetime) -> list[TicketFollowUp]:
    """Those whose draft nobody has touched yet: they wait again, so that one mail speaks of everything."""
    found = {draft.id: draft for _, draft in session.execute(_drafted(customer_id)).all()}
    return [one for draft in found.values() for one in take_back(session, draft, now)]


def take_back(session: Session, draft: Draft, now: datetime) -> list[TicketFollowUp]:
    """Cancel the draft, so that all that it spoke for waits to be written of anew: those; none where somebody
    has worked on it, or does just now."""
    if not untouched(session, draft):
        return []
    drafts.cancel(session, draft.id, MORE, now=now)
    return let_go(session, draft.id)


def make_draft(
    session: Session,
    ones: Sequence[TicketFollowUp],
    now: datetime,
    *,
    by: Viewer | None = None,
) -> TicketFollowUp | None:
    """One draft for these follow-ups of a customer: the one that carries it, of the gravest ticket. None where
    nobody can be written to, and the CSM has a task instead, or where an earlier mail is on its way."""
    cases = cases_of(session, ones)
    first = {case.cluster_id: case for case in reversed(cases)}
    some = [one for one in ones if one.cluster_id in first]
    for one in ones:
        if one not in some:
            _leave(one, "Nothing of it is left to speak of.", now)
    if not some:
        return None
    carrier = next(one for one in some if one.cluster_id == cases[0].cluster_id)
    if not retire(session, carrier.customer_id, [case.id for case in cases], now):
        for one in some:
            one.due_at, one.why = now + LOOK_AGAIN, ON_ITS_WAY
        return None
    for one in some:
        one.ticket_id = first[one.cluster_id].id
    carrier.level = max((case.level for case in cases), key=LEVEL_RANKS.__getitem__)
    customer = session.get_one(Customer, carrier.customer_id)
    whom = chosen(session, some, now)
    reader = whom.reader or reader_of(session, customer.id, cases)
    if reader is None:
        _task_instead(session, carrier, customer, cases[0], now)
        return None
    carrier.stakeholder_id, carrier.chosen = reader.stakeholder_id, whom.reader is not None
    _write(session, carrier, cases, reader, whom.missing, now, by)
    tie(session, carrier, [one for one in some if one is not carrier], cases[0].number)
    return carrier


def _write(  # noqa: PLR0913 - what a draft is made of
    session: Session,
    one: TicketFollowUp,
    cases: Sequence[Case],
    reader: Reader,
    missing: str | None,
    now: datetime,
    by: Viewer | None,
) -> None:
    customer = session.get_one(Customer, one.customer_id)
    token = _token(session, one, cases, reader, now)
    url = f"{settings().base_url.rstrip('/')}/f/{token}" if token else None
    relation = relation_of(session, customer, cases[0])
    composed = compose(one.level, cases, reader, relation, rating_url=url, now=now)
    told = [*not_the_chosen(missing, cases[0]), *composed.evidence]
    one.draft_id = drafts.create(
        session,
        drafts.NewDraft(
            dedup_key=_key(session, one),
            kind=KIND,
            topic=TOPIC,
            customer_id=customer.id,
            stakeholder_id=reader.stakeholder_id,
            source=SOURCE,
            source_id=one.id,
            template=composed.template,
            values=composed.values | {TICKETS: [case.id for case in cases]},
            evidence=[fact.as_json() for fact in told],
            expires_at=now + TOO_LATE,
            severity=DRAFT_SEVERITY[one.level],
        ),
        now=now,
        by=by,
    )
    one.state, one.why, one.carrier_id = "drafted", None, None


def _key(session: Session, one: TicketFollowUp) -> str:
    """Its n-th draft: one that was withdrawn makes room for the next."""
    count = session.scalar(
        select(func.count()).where(Draft.source == SOURCE, Draft.source_id == one.id)
    )
    return f"{SOURCE}:{one.id}:{(count or 0) + 1}"


def _token(
    session: Session, one: TicketFollowUp, cases: Sequence[Case], reader: Reader, now: datetime
) -> str | None:
    """Of the page where it can be rated; None where they were asked already, by the desk or by us."""
    known = session.scalar(select(Rating).where(Rating.follow_up_id == one.id))
    by_desk = any(case.csat for case in cases)
    if known is not None and not by_desk:
        known.stakeholder_id, known.asked_at = reader.stakeholder_id, now
        return known.token
    if known is not None and known.score is None:
        session.delete(known)
        session.flush()
    f = TicketFollowUp
    lately = select(Rating.id).where(
        Rating.asked_at > now - RATING_PAUSE,
        Rating.follow_up_id.in_(select(f.id).where(f.state.in_(("drafted", "sent")))),
        or_(Rating.stakeholder_id == reader.stakeholder_id, Rating.customer_id == one.customer_id),
    )
    if by_desk or session.scalar(lately.limit(1)) is not None:
        return None
    token = signer(session).token("rating")
    session.add(
        Rating(
            token=token, follow_up_id=one.id, customer_id=one.customer_id,
            stakeholder_id=reader.stakeholder_id, asked_at=now,
        )
    )  # fmt: skip
    session.flush()
    return token


def _leave(one: TicketFollowUp, why: str, now: datetime) -> None:
    one.state, one.why, one.closed_at = "left", why[:300], now


def _task_instead(
    session: Session, one: TicketFollowUp, customer: Customer, lead: Case, now: datetime
) -> None:
    _leave(one, NOBODY, now)
    tasks.add(
        session,
        tasks.NewTask(
            dedup_key=f"{SOURCE}:{one.id}:call",
            title=f"Follow up with {customer.name} on ticket {lead.number}"[:300],
            detail=f"{LEVEL_WORDS[one.level]}. {NOBODY}",
            due_at=now + timedelta(days=1),
            owner_id=customer.csm_id,
            customer_id=customer.id,
            source=SOURCE,
            source_id=one.id,
        ),
        now=now,
    )
