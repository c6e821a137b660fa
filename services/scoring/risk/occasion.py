"""What the answer to a signal speaks of: its own reason, and figures of events from the signal of fading alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, RiskSignal
from services.scoring.risk.events import Background, backgrounds
from services.scoring.risk.records import KIND


@dataclass(frozen=True)
class Reason:
    """`claim` is what the CSM reads of it and `call` ends the title of the task. `opening` and `ask` are the
    mail's sentences; those of fading are made from what the customer was seen at."""

    claim: str
    call: str
    opening: str = ""
    ask: str = ""


_FADING = Reason("They come less than before", "they are fading from our events")
_TICKET = Reason(
    "They are not content with how a ticket was handled",
    "they are not content with our support",
    "I would like to hear from you how the help you have had from our support lately has been, and to put "
    "right what went wrong.",
    "What is still open for you, and what should we have done better?",
)
_MAIL = Reason(
    "They turn away from our mail",
    "they turn away from our mail",
    "I am writing to you myself, as our newsletters may not be what you need.",
    "Tell me what would be of use to you, and how you would like to hear from us: a few words are enough.",
)
_OTHER = Reason(
    "There is a reason to worry about them",
    "there is a reason to worry",
    "I would like to hear how things are going for you.",
    "What works for you, and what would be more useful to you now?",
)
_REASONS = {KIND: _FADING, "ticket": _TICKET, "campaign_left": _MAIL}


def reason_of(signal: RiskSignal) -> Reason:
    """The words for its kind."""
    return _REASONS.get(signal.kind, _OTHER)


def spoken_of(
    session: Session, signals: Sequence[RiskSignal], customers: Sequence[Customer], today: date
) -> dict[int, Background]:
    """By signal, what the mail that answers it is made of; `customers` are those of the signals."""
    fading = session.scalars(
        select(RiskSignal).where(
            RiskSignal.kind == KIND,
            RiskSignal.state != "closed",
            RiskSignal.customer_id.in_({signal.customer_id for signal in signals}),
        )
    )
    missed = dict.fromkeys((customer.id for customer in customers), 0)
    missed |= {one.customer_id: int(one.facts.get("missed") or 0) for one in fading}
    known = backgrounds(session, missed, customers, today)
    return {signal.id: _for(signal, known[signal.customer_id]) for signal in signals}


def _for(signal: RiskSignal, known: Background) -> Background:
    """Whoever turns away for another reason is not told of events they have missed, nor of those to come."""
    opening = reason_of(signal).opening
    return replace(known, opening=opening, seen=signal.sentence, upcoming=()) if opening else known
