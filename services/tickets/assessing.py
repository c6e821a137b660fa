"""Two weeks after a follow-up: is the customer's confidence back? Then it is over, and not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.tables import AppSetting, Customer, Rating, Ticket, TicketFollowUp
from services import tasks
from services.ids import public_id
from services.notifications import Action, notify
from services.tickets.courses import health_at
from services.tickets.follow_up.records import SCREEN, SOURCE
from services.tickets.follow_up.timing import GOOD, LEARNED, sent_mails, timing
from services.tickets.history import MOMENT
from services.tickets.impact import health_changes
from services.tickets.ratings import close_signal, raise_signal
from services.tickets.records import OVER
from services.tickets.terms import POOR
from services.timeline import note

AFTER = timedelta(days=14)
NEAR = 4
"""Points of health below what it was before the ticket that still count as back."""
MOST = 500
BACK, NOT_BACK, UNKNOWN = "Confidence is back", "Confidence is not back", "It cannot be told"


@dataclass(frozen=True)
class Signs:
    """Health before the ticket and now, the rating, whether they replied, and tickets of the same root
    cause since the mail."""

    before: int | None = None
    now: int | None = None
    score: int | None = None
    replied: bool = False
    again: int = 0


@dataclass(frozen=True)
class Assessment:
    """`verdict` is BACK, NOT_BACK or UNKNOWN; `words` say what it rests on."""

    verdict: str
    words: str


def assess(signs: Signs) -> Assessment:
    """A poor rating, the same trouble again or health that stays down outweigh a good sign. Pure."""
    fallen = None not in (signs.before, signs.now) and (signs.now or 0) < (signs.before or 0) - NEAR
    known = [
        f"rated {signs.score} of 5" if signs.score is not None else "",
        "replied" if signs.replied else "",
        f"health {signs.before} before the ticket, {signs.now} now"
        if None not in (signs.before, signs.now)
        else "",
        f"{signs.again} more of the same since" if signs.again else "",
    ]
    words = ", ".join(part for part in known if part) or "no rating, no reply, no health known"
    poor = signs.score is not None and signs.score <= POOR
    if poor or signs.again or fallen:
        return Assessment(NOT_BACK, words)
    good = signs.score is not None and signs.score >= GOOD
    if good or signs.replied or None not in (signs.before, signs.now):
        return Assessment(BACK, words)
    return Assessment(UNKNOWN, words)


def assess_due(session: Session, now: datetime) -> int:
    """Assess what left AFTER ago; how many were. What is not back is a risk, and a task."""
    f = TicketFollowUp
    due = session.execute(
        select(f, Ticket, Rating.score)
        .join(Ticket, Ticket.id == f.ticket_id)
        .outerjoin(Rating, Rating.follow_up_id == f.id)
        .where(f.state == "sent", f.closed_at.is_(None), f.sent_at <= now - AFTER)
        .where(f.carrier_id.is_(None))
        .order_by(f.id)
        .limit(MOST)
    ).all()
    if not due:
        return 0
    before, after = _health(session, [(one, ticket) for one, ticket, _ in due], now)
    for one, ticket, score in due:
        signs = Signs(
            before.get(one.id), after.get(one.id), score, one.replied_at is not None,
            _again(session, one),
        )  # fmt: skip
        _conclude(session, one, ticket, assess(signs), now)
    return len(due)


def learn_timing(session: Session, now: datetime) -> bool:
    """Keep the time after which mails are answered most, once that is sure; whether it changed."""
    best = timing(sent_mails(session)).best
    kept = session.get(AppSetting, LEARNED)
    value = {"hours": best.hours_from, "n": best.answered.of} if best else None
    if value is None:
        if kept is not None:
            session.delete(kept)
        return kept is not None
    if kept is not None and kept.value == value:
        return False
    kept = kept or AppSetting(name=LEARNED)
    kept.value, kept.changed_at = value, now
    session.add(kept)
    return True


Pair = tuple[TicketFollowUp, Ticket]


def _health(
    session: Session, pairs: list[Pair], now: datetime
) -> tuple[dict[int, int | None], dict[int, int | None]]:
    """By follow-up the health when its ticket was opened, and now."""
    changes = health_changes(session, [one.customer_id for one, _ in pairs])
    schema = {"id": pl.Int64, "customer_id": pl.Int64, "at": MOMENT}
    found: list[dict[int, int | None]] = []
    for rows in (
        [(one.id, one.customer_id, ticket.opened_at) for one, ticket in pairs],
        [(one.id, one.customer_id, now) for one, _ in pairs],
    ):
        points = pl.DataFrame(rows, schema=schema, orient="row")
        found.append(dict(health_at(points, changes).iter_rows()))
    return found[0], found[1]


def _again(session: Session, one: TicketFollowUp) -> int:
    """Tickets of the root causes that the mail spoke of opened, or opened again, since it left."""
    f = TicketFollowUp
    causes = select(f.cluster_id).where(or_(f.id == one.id, f.carrier_id == one.id))
    rows = session.scalars(
        select(Ticket.id).where(
            Ticket.cluster_id.in_(causes), Ticket.state != "deleted",
            or_(
                Ticket.opened_at > one.sent_at, Ticket.solved_at > one.sent_at,
                Ticket.state.not_in(OVER),
            ),
        )
    )  # fmt: skip
    return len(rows.all())


def _conclude(
    session: Session, one: TicketFollowUp, ticket: Ticket, found: Assessment, now: datetime
) -> None:
    one.closed_at, one.why = now, f"{found.verdict}: {found.words}."[:300]
    customer = session.get_one(Customer, one.customer_id)
    query = {"id": public_id("ticket", ticket.id)}
    title = f"{found.verdict} two weeks after the mail about ticket {ticket.number}"
    key = f"{SOURCE}:{one.id}:assessed"
    note(
        session, customer.id, "signal", now, title, found.words, dedup_key=key, screen=SCREEN,
        query=query,
    )  # fmt: skip
    if found.verdict == BACK:
        close_signal(session, customer.id, f"{title}: {found.words}."[:500], now)
    elif found.verdict == NOT_BACK:
        facts: dict[str, object] = {"ticket": ticket.number, "signs": found.words}
        raise_signal(session, customer.id, f"{title}: {found.words}.", facts, now)
        _call(session, one, customer, title, found.words, now)
        if customer.csm_id is not None:
            notify(
                session, customer.csm_id, key, "ticket", f"{customer.name}: {title}", found.words,
                customer_id=customer.id, actions=[Action("Ticket", SCREEN, tuple(query.items()))],
                now=now,
            )  # fmt: skip


def _call(
    session: Session, one: TicketFollowUp, customer: Customer, title: str, words: str, now: datetime
) -> None:
    tasks.add(
        session,
        tasks.NewTask(
            dedup_key=f"{SOURCE}:{one.id}:not_back",
            title=f"Call {customer.name}: {title[0].lower()}{title[1:]}",
            detail=words,
            due_at=now + timedelta(days=2),
            owner_id=customer.csm_id,
            customer_id=customer.id,
            stakeholder_id=one.stakeholder_id,
            source=SOURCE,
            source_id=one.id,
        ),
        now=now,
    )
