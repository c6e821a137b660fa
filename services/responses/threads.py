"""Which of our mails an incoming one belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Mailbox, OutboxMail, Person, Stakeholder, StakeholderEmail
from integrations.dsn import Report
from integrations.inbox.reading import Letter
from services.responses.reports import is_recipient, of_ours, same_recipient
from services.suppression import address_key

SAME_SUBJECT = timedelta(days=30)
"""How long after our mail one with its subject from its recipient answers it without saying so."""
ANY_SUBJECT = timedelta(days=2)
_OUT = ("sent", "wire", "unknown", "review")
_PREFIX = re.compile(
    r"(?i)^(?:\s*(?:re|aw|wg|fw|fwd|sv|vs|antw|odp|r|rif|res|回复|答复|返信)\s?(?:\[\d+\])?\s?[:：])+"
)


@dataclass(frozen=True)
class Place:
    """The mail it answers or reports on, and who wrote: its recipient, somebody else of the same customer, or
    for all we know a `stranger`."""

    mail: OutboxMail | None = None
    customer_id: int | None = None
    stakeholder_id: int | None = None
    stranger: bool = False


def place_of(
    session: Session, mailbox: Mailbox, letter: Letter, thread_id: str | None, at: datetime
) -> Place:
    """By what it refers to, else by the provider's thread, else by its sender and how long ago."""
    if letter.report is not None:
        return _place_of_report(session, mailbox, letter, letter.report, thread_id)
    mail = _by_reference(session, letter.refers_to) or _by_thread(session, mailbox, thread_id)
    sender = _stakeholder(session, letter.sender)
    if mail is None and sender is not None:
        mail = _by_sender(session, mailbox, letter, sender, at)
    if mail is not None:
        return _place_of_answer(mail, sender, letter)
    if sender is not None:
        return Place(None, sender.customer_id, sender.id)
    return Place()


def is_ours(session: Session, address: str) -> bool:
    """Whether a colleague or a mailbox of ours has the address: what we write is nobody's answer."""
    try:
        known = {address, address_key(address)}
    except BadInput:
        return False
    return any(
        session.scalar(select(column).where(func.lower(column).in_(known)).limit(1)) is not None
        for column in (Person.email, Mailbox.address)
    )


def _place_of_answer(mail: OutboxMail, sender: Stakeholder | None, letter: Letter) -> Place:
    """In a thread write also those whom the recipient forwarded it to, or put in copy."""
    if is_recipient(mail, letter.sender):
        return Place(mail, mail.customer_id, mail.stakeholder_id)
    if sender is not None and sender.customer_id == mail.customer_id:
        return Place(mail, mail.customer_id, sender.id)
    return Place(mail, mail.customer_id, stranger=True)


def _place_of_report(
    session: Session, mailbox: Mailbox, letter: Letter, report: Report, thread_id: str | None
) -> Place:
    """Mails that people write by hand stand in the threads of ours and refer to them. A report that names a
    mail unknown to us may be about ours under the id that Gmail gave it, but only if it names our recipient.
    """
    mail = _by_reference(session, [report.about] if report.about else [])
    mail = mail or _by_token(session, report.token)
    if mail is None and not report.token:
        refers_to = () if report.about else letter.refers_to
        near = _by_reference(session, refers_to) or _by_thread(session, mailbox, thread_id)
        named = any(one.recipient is not None for one in (report, *report.others))
        sure = near is not None and (named or not report.about)
        mail = near if near and sure and same_recipient(near, of_ours(near, report)) else None
    return Place(mail, mail.customer_id, mail.stakeholder_id) if mail else Place()


def _by_reference(session: Session, ids: Sequence[str]) -> OutboxMail | None:
    """The nearest of ours; `ids` are Message-IDs, the nearest first."""
    if not ids:
        return None
    rows = session.scalars(select(OutboxMail).where(OutboxMail.message_id.in_(ids)))
    found = {row.message_id: row for row in rows}
    return next((found[one] for one in ids if one in found), None)


def _by_token(session: Session, token: str | None) -> OutboxMail | None:
    """Gmail may give our mail another Message-ID on its way, hence our own header where it comes back."""
    if not token:
        return None
    start = OutboxMail.message_id.startswith(f"{token}@", autoescape=True)
    return session.scalar(select(OutboxMail).where(start).limit(1))


def _by_thread(session: Session, mailbox: Mailbox, thread_id: str | None) -> OutboxMail | None:
    if not thread_id:
        return None
    return session.scalar(
        select(OutboxMail)
        .where(OutboxMail.thread_id == thread_id, OutboxMail.mailbox_id == mailbox.id)
        .order_by(OutboxMail.id.desc())
        .limit(1)
    )


def _by_sender(
    session: Session, mailbox: Mailbox, letter: Letter, sender: Stakeholder, at: datetime
) -> OutboxMail | None:
    """The latest to this person from this mailbox, if what came still sounds like its answer."""
    o = OutboxMail
    mail = session.scalar(
        select(o)
        .where(o.stakeholder_id == sender.id, o.mailbox_id == mailbox.id, o.state.in_(_OUT))
        .where(or_(o.wire_at.is_(None), o.wire_at.between(at - SAME_SUBJECT, at)))
        .order_by(o.id.desc())
        .limit(1)
    )
    if mail is None or mail.wire_at is None:
        return None
    same = _bare(letter.subject) == _bare(mail.subject)
    return mail if same or at - mail.wire_at <= ANY_SUBJECT else None


def _bare(subject: str) -> str:
    return " ".join(_PREFIX.sub("", subject).lower().split())


def _stakeholder(session: Session, address: str) -> Stakeholder | None:
    try:
        key = address_key(address)
    except BadInput:
        return None
    return session.scalar(
        select(Stakeholder)
        .join(StakeholderEmail, StakeholderEmail.stakeholder_id == Stakeholder.id)
        .where(StakeholderEmail.email == key)
    )
