"""An answer that only its words call automatic: a colleague who reads it may know that a person wrote it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import InboundMail, MailEvent, OutboxMail
from services.access import Viewer, require_customer
from services.access.audit import audit
from services.responses import telling
from services.responses.intake import BY_WORDS, event_key
from services.responses.reports import is_recipient

_GONE = "There is no such answer in your portfolio. Open it from the customer's mails."


def by_person(session: Session, inbound_id: int, *, by: Viewer, now: datetime) -> None:
    """A person wrote this: it is told, and counts, like any reply. Again, it changes nothing."""
    _say(session, inbound_id, person=True, by=by, now=now)


def by_machine(session: Session, inbound_id: int, *, by: Viewer, now: datetime) -> None:
    """Takes `by_person` back."""
    _say(session, inbound_id, person=False, by=by, now=now)


def _say(session: Session, inbound_id: int, *, person: bool, by: Viewer, now: datetime) -> None:
    answer, event = _answer(session, by, inbound_id)
    if person is (answer.kind != "auto_reply"):
        return
    mail = session.get_one(OutboxMail, answer.outbox_id)
    theirs = answer.stakeholder_id is not None or is_recipient(mail, answer.sender)
    answer.kind = ("reply" if theirs else "other") if person else "auto_reply"
    _judge(session, event, answer)
    telling.untell(session, answer, now=now)
    telling.tell_answer(session, mail, answer, by_words=True, now=now)
    audit(
        session, by, "answer.judged", "inbound_mail", answer.id,
        "A person wrote it" if person else "A machine wrote it after all", now,
    )  # fmt: skip


def _answer(session: Session, by: Viewer, inbound_id: int) -> tuple[InboundMail, MailEvent]:
    """Locked, so that two who press at once do not both change it."""
    answer = session.get(InboundMail, inbound_id, with_for_update=True, populate_existing=True)
    if answer is None or answer.customer_id is None:
        raise NotFound(_GONE)
    require_customer(session, by, answer.customer_id)
    event = session.scalar(
        select(MailEvent).where(
            MailEvent.source == "inbox", MailEvent.source_event_id == event_key(inbound_id)
        )
    )
    if event is None or not (event.detail or {}).get(BY_WORDS):
        raise NotFound(_GONE)
    return answer, event


def _judge(session: Session, event: MailEvent, answer: InboundMail) -> None:
    """Anew under another number: who reads events from the last one on has read the old one."""
    machine = answer.kind == "auto_reply"
    verdict, reason = ("machine", "auto_reply") if machine else ("human", "confirmed")
    anew = MailEvent(
        outbox_id=event.outbox_id,
        kind="reply" if answer.kind == "reply" else "auto_reply",
        at=event.at,
        detail=event.detail,
        source=event.source,
        source_event_id=event.source_event_id,
        verdict=verdict,
        reason=reason,
    )
    session.delete(event)
    session.flush()
    session.add(anew)
    session.flush()
