"""The page on which a follow-up is rated: what it shows, and what a press of its buttons does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.once import add_once
from data.tables import (
    Customer,
    Rating,
    RiskSignal,
    RiskSignalEvent,
    Stakeholder,
    Ticket,
    TicketFollowUp,
)
from data.versions import TICKETS as VERSION
from data.versions import bump
from services import tasks, timeline
from services.ids import public_id
from services.notifications import Action, notify
from services.tickets.follow_up.records import SCREEN, SOURCE
from services.tickets.terms import POOR, RATING_OPEN, SIGNAL
from services.tracking import LENGTH

SCORES = {1: "Very bad", 2: "Bad", 3: "So-so", 4: "Good", 5: "Very good"}
LONGEST_COMMENT = 1_000
UNKNOWN = "This address belongs to no rating of ours. It may have been cut off: open it from the mail again."
CLOSED = "This rating is closed by now. Please reply to the mail instead: it reaches us."


@dataclass(frozen=True)
class RatingPage:
    """What they see. `score` is what they have given; `closed`: why nothing can be given any more."""

    number: str
    first_name: str
    company: str
    score: int | None
    comment: str
    closed: str | None


def page(session: Session, token: str, now: datetime) -> RatingPage:
    """For the rating with this token; NotFound without one. Changes nothing."""
    rating, ticket = _found(session, token)
    person = session.get(Stakeholder, rating.stakeholder_id) if rating.stakeholder_id else None
    customer = session.get_one(Customer, rating.customer_id)
    return RatingPage(
        ticket.number, person.first_name if person else "", customer.name, rating.score,
        rating.comment or "", CLOSED if _is_closed(rating, now) else None,
    )  # fmt: skip


def rate(
    session: Session, token: str, score: str, comment: str | None = None, *, now: datetime
) -> None:
    """Give a score, or another one than before. Pressed twice is as pressed once; without a `comment` the
    one there is stays.

    NotFound for a token that is none, BadInput for another score, InvalidMove when it is too late.
    """
    if score not in {str(known) for known in SCORES}:
        raise BadInput("Press one of the buttons on the page.")
    rating, ticket = _found(session, token, lock=True)
    if _is_closed(rating, now):
        raise InvalidMove(CLOSED)
    given = int(score)
    said = rating.comment if comment is None else " ".join(comment.split())[:LONGEST_COMMENT]
    if (rating.score, rating.comment or "") == (given, said or ""):
        return
    before, rating.score, rating.comment = rating.score, given, said or None
    rating.rated_at = now
    _tell(session, rating, ticket, before, now)
    if given <= POOR:
        _alarm(session, rating, ticket, now)
    elif before is not None and before <= POOR:
        _calm(session, rating, now)
    bump(session, VERSION)


def _found(session: Session, token: str, *, lock: bool = False) -> tuple[Rating, Ticket]:
    wanted = select(Rating).where(Rating.token == token)
    rating = (
        session.scalar(wanted.with_for_update() if lock else wanted)
        if len(token) == LENGTH
        else None
    )
    if rating is None:
        raise NotFound(UNKNOWN)
    follow_up = session.get_one(TicketFollowUp, rating.follow_up_id)
    return rating, session.get_one(Ticket, follow_up.ticket_id)


def _is_closed(rating: Rating, now: datetime) -> bool:
    return now > rating.asked_at + RATING_OPEN


def _tell(
    session: Session, rating: Rating, ticket: Ticket, before: int | None, now: datetime
) -> None:
    """The customer's timeline, and whoever looks after it; a poor one at once."""
    customer = session.get_one(Customer, rating.customer_id)
    person = session.get(Stakeholder, rating.stakeholder_id) if rating.stakeholder_id else None
    name = (f"{person.first_name} {person.last_name}".strip() if person else "") or "Somebody"
    changed = f" (before: {before})" if before is not None and before != rating.score else ""
    title = f"{name} rated how ticket {ticket.number} was handled: {rating.score} of 5{changed}"
    key = f"rating:{rating.id}:{now:%Y%m%d%H%M%S%f}"
    query = {"id": public_id("ticket", ticket.id)}
    timeline.note(
        session, customer.id, "reply", now, title, rating.comment or "", dedup_key=key,
        stakeholder_id=rating.stakeholder_id, screen=SCREEN, query=query,
    )  # fmt: skip
    if customer.csm_id is not None:
        poor = (rating.score or 0) <= POOR
        shown = (("id", public_id("customer", customer.id)),)
        notify(
            session, customer.csm_id, key, "ticket_rating", title, rating.comment or "",
            customer_id=customer.id, urgent=poor,
            actions=[Action("Ticket", SCREEN, tuple(query.items())), Action("Customer", "customer", shown)],
            now=now,
        )  # fmt: skip


def _alarm(session: Session, rating: Rating, ticket: Ticket, now: datetime) -> None:
    """A poor rating: somebody calls tomorrow, and the customer counts as at risk until it is better."""
    customer = session.get_one(Customer, rating.customer_id)
    tasks.add(
        session,
        tasks.NewTask(
            dedup_key=f"{SOURCE}:{rating.follow_up_id}:poor",
            title=f"Call {customer.name}: ticket {ticket.number} was rated {rating.score} of 5",
            detail=rating.comment or "",
            due_at=now + timedelta(days=1),
            owner_id=customer.csm_id,
            customer_id=customer.id,
            stakeholder_id=rating.stakeholder_id,
            source=SOURCE,
            source_id=rating.follow_up_id,
        ),
        now=now,
    )
    sentence = f"Rated how ticket {ticket.number} was handled {rating.score} of 5."
    raise_signal(
        session, customer.id, sentence, {"ticket": ticket.number, "score": rating.score}, now
    )


def raise_signal(
    session: Session, customer_id: int, sentence: str, facts: dict[str, object], now: datetime
) -> None:
    """A risk signal of this room; where one stands, it says the newest."""
    number = add_once(
        session, RiskSignal, customer_id=customer_id, kind=SIGNAL, level="alert", state="open",
        sentence=sentence, facts=facts, as_of=now.date(), opened_at=now, seen_at=now,
    )  # fmt: skip
    move = "opened"
    if number is None:
        known = _standing(session, customer_id)
        if known is None:
            return
        known.sentence, known.facts, known.seen_at = sentence, facts, now
        number, move = known.id, "seen"
    session.add(
        RiskSignalEvent(signal_id=number, at=now, move=move, level="alert", sentence=sentence)
    )


def close_signal(session: Session, customer_id: int, why: str, now: datetime) -> bool:
    """Close this room's signal of a customer, where one stands."""
    known = _standing(session, customer_id)
    if known is None:
        return False
    known.state, known.closed_at, known.closed_why = "closed", now, why
    session.add(
        RiskSignalEvent(
            signal_id=known.id, at=now, move="closed", level=known.level, sentence=known.sentence,
            why=why,
        )
    )  # fmt: skip
    return True


def _calm(session: Session, rating: Rating, now: datetime) -> None:
    close_signal(
        session, rating.customer_id, f"The rating was changed to {rating.score} of 5.", now
    )


def _standing(session: Session, customer_id: int) -> RiskSignal | None:
    return session.scalar(
        select(RiskSignal)
        .where(
            RiskSignal.customer_id == customer_id,
            RiskSignal.kind == SIGNAL,
            RiskSignal.state != "closed",
        )
        .with_for_update()
    )
