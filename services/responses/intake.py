"""Mail that comes in: which of ours it answers, what it is, and what follows from it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from data.once import add_once
from data.tables import InboundMail, Mailbox, MailEvent, OutboxMail
from integrations.dsn import Report
from integrations.inbox import InboundMessage
from integrations.inbox.reading import Letter, read
from services import suppression
from services.outbox import places
from services.responses import telling
from services.responses.reports import of_ours, same_recipient
from services.responses.threads import Place, is_ours, place_of
from services.suppression import EVERYTHING

log = logging.getLogger(__name__)
BY_WORDS = "by_words"
"""In the detail of an event: only its words call it automatic, so a colleague may know better."""


def event_key(inbound_id: int) -> str:
    """`source_event_id` of what came in."""
    return f"inbound:{inbound_id}"


@dataclass(frozen=True)
class _Taken:
    """A message that concerns us. `kind` is one of those of InboundMail, or that of a report; of a mail of ours that
    somebody else answered it is "other", for it is not the recipient's answer and no figure counts it."""

    kind: str
    letter: Letter
    place: Place


def take_in(
    session: Session, mailbox: Mailbox, messages: Sequence[InboundMessage], *, now: datetime
) -> int:
    """Keep what concerns our mails or stakeholders and act on it; how many were new.

    Anything else in the mailbox is private and leaves no trace. The same message again changes nothing.
    """
    return sum(_taken_in(session, mailbox, message, now) for message in messages)


def _taken_in(session: Session, mailbox: Mailbox, message: InboundMessage, now: datetime) -> bool:
    """Whether it was new. One that cannot be taken in is left out: anybody may write to a mailbox, and
    nobody shall keep it from reading on. A database in trouble ends it all, to be tried again."""
    number = mailbox.id
    try:
        with session.begin_nested():
            return _take_one(session, mailbox, message, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is about this message alone
        # Not its words: they may hold what the mail says.
        log.warning("mail_left_out mailbox=%s why=%s", number, type(error).__name__)
        return False


def _take_one(session: Session, mailbox: Mailbox, message: InboundMessage, now: datetime) -> bool:
    letter = read(message.raw)
    place = place_of(session, mailbox, letter, message.thread_id, message.received_at)
    letter = _of_ours(letter, place)
    kind = _kind(session, letter, place)
    if kind is None:
        return False
    taken = _Taken(kind, letter, place)
    added = _keep(session, mailbox, message, taken, now)
    if added is not None:
        _act(session, taken, session.get_one(InboundMail, added), now)
    return added is not None


def _of_ours(letter: Letter, place: Place) -> Letter:
    """Of a report about several recipients what it says of ours. That the mail reached them is an automatic answer,
    whatever became of others."""
    if letter.report is None or place.mail is None:
        return letter
    report = of_ours(place.mail, letter.report)
    if report.kind == "delivered":
        return replace(letter, report=None, automatic=True)
    return replace(letter, report=report)


def _kind(session: Session, letter: Letter, place: Place) -> str | None:
    """None when it is none of our business."""
    if letter.report is not None:
        return letter.report.kind if place.mail is not None else None
    concerns = place.mail is not None or place.stakeholder_id is not None
    if not concerns or is_ours(session, letter.sender):
        return None
    if place.mail is not None:
        if letter.automatic:
            return "auto_reply"
        return "other" if place.stranger else "reply"
    if place.stakeholder_id is not None and not letter.automatic:
        return "other"
    return None


def _keep(
    session: Session, mailbox: Mailbox, message: InboundMessage, taken: _Taken, now: datetime
) -> int | None:
    letter, place = taken.letter, taken.place
    return add_once(
        session,
        InboundMail,
        mailbox_id=mailbox.id,
        provider_id=message.provider_id[:200],
        message_id=letter.message_id,
        outbox_id=place.mail.id if place.mail else None,
        customer_id=place.customer_id,
        stakeholder_id=place.stakeholder_id,
        kind=_KEPT_AS.get(taken.kind, taken.kind),
        sender=letter.sender,
        subject=letter.subject,
        text=letter.text,
        status=letter.report.status if letter.report else None,
        at=message.received_at,
        read_at=now,
    )


def _act(session: Session, taken: _Taken, kept: InboundMail, now: datetime) -> None:
    mail, letter = taken.place.mail, taken.letter
    if mail is None:
        return
    if taken.kind in _VERDICTS:
        _event(session, mail, taken, kept)
    if letter.report is not None:
        _heed(session, mail, letter.report, now)
        telling.tell_report(session, mail, kept, letter.report, now=now)
    else:
        telling.tell_answer(session, mail, kept, by_words=letter.by_words, now=now)


_KEPT_AS = {"complaint": "other", "passed_on": "auto_reply"}
_VERDICTS = {
    "reply": ("human", "answered"),
    "auto_reply": ("machine", "auto_reply"),
    "bounce": ("machine", "server"),
    "complaint": ("human", "reported"),
}


def _event(session: Session, mail: OutboxMail, taken: _Taken, kept: InboundMail) -> None:
    verdict, reason = _VERDICTS[taken.kind]
    add_once(
        session,
        MailEvent,
        outbox_id=mail.id,
        kind=taken.kind,
        at=min(kept.at, kept.read_at),
        detail=_detail(mail, taken.letter),
        source="inbox",
        source_event_id=event_key(kept.id),
        verdict=verdict,
        reason=reason,
    )


def _detail(mail: OutboxMail, letter: Letter) -> dict[str, Any] | None:
    report = letter.report
    if report is not None:
        return {"status": report.status, "dead": report.dead and same_recipient(mail, report)}
    return {BY_WORDS: True} if letter.by_words else None


def _heed(session: Session, mail: OutboxMail, report: Report, now: datetime) -> None:
    """Nobody is suppressed on a stranger's word: the report is about a mail of ours, whose id only its
    recipient and the servers on its way know, and about the address that this mail went to."""
    if not same_recipient(mail, report):
        return
    whose = {"stakeholder_id": mail.stakeholder_id, "outbox_id": mail.id}
    if report.kind == "complaint":
        suppression.suppress(session, mail.recipient, EVERYTHING, "complaint", **whose, now=now)
    elif report.dead:
        suppression.suppress(
            session, mail.recipient, EVERYTHING, "hard_bounce",
            note=f"{report.status} {report.words}", **whose, now=now,
        )  # fmt: skip
        places.give_back(session, mail, now)
