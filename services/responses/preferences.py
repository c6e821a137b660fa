"""The page that every mail links to: what its recipient wants no more, in one press and without a login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.once import add_once
from data.tables import MailEvent, OutboxMail, Stakeholder
from services import notifications, suppression, timeline
from services.ids import public_id
from services.notifications import Action
from services.tracking import LENGTH

A_WHILE = timedelta(days=1)
CHOICES = ("topic", "everything", "again")
_UNKNOWN = (
    "This link belongs to no mail of ours. Copy the whole address from the mail and try again."
)


@dataclass(frozen=True)
class Preferences:
    """`address` is shown in part: the link may have been passed on."""

    address: str
    topic: str
    topic_off: bool
    everything_off: bool


@dataclass(frozen=True)
class Press:
    """Who pressed a button, as far as the request tells."""

    ip: str | None = None
    user_agent: str = ""


def preferences(session: Session, token: str) -> Preferences:
    """What stands for the recipient of the mail with this unsubscribe token; NotFound without one."""
    mail = _mail(session, token)
    return Preferences(
        _veiled(mail.recipient),
        suppression.topic_words(mail.topic),
        suppression.stands(session, mail.recipient, mail.topic),
        suppression.stands(session, mail.recipient),
    )


def choose(session: Session, token: str, choice: str, press: Press, *, now: datetime) -> None:
    """Unsubscribe from the mail's topic or from everything, or take that back (`again`).

    Pressed twice is as pressed once; said anew within A_WHILE after it was taken back, it holds and is told
    to nobody. NotFound for a token that is none, BadInput for another choice.
    """
    if choice not in CHOICES:
        raise BadInput("Choose one of the buttons on the page.")
    mail = _mail(session, token)
    if choice == "again":
        for topic in {mail.topic, suppression.EVERYTHING}:
            suppression.lift_own(session, mail.recipient, topic, now=now)
        return
    topic = mail.topic if choice == "topic" else suppression.EVERYTHING
    if suppression.stand_again(session, mail.recipient, topic, since=now - A_WHILE, now=now):
        return
    added = suppression.suppress(
        session, mail.recipient, topic, "unsubscribed",
        stakeholder_id=mail.stakeholder_id, outbox_id=mail.id, now=now,
    )  # fmt: skip
    if added is not None:
        _keep(session, mail, added, press, now)
        _tell(session, mail, added, topic, now)


def _mail(session: Session, token: str) -> OutboxMail:
    found = (
        session.scalar(select(OutboxMail).where(OutboxMail.unsubscribe == token))
        if len(token) == LENGTH
        else None
    )
    if found is None:
        raise NotFound(_UNKNOWN)
    return found


def _keep(session: Session, mail: OutboxMail, added: int, press: Press, now: datetime) -> None:
    add_once(
        session,
        MailEvent,
        outbox_id=mail.id,
        kind="unsubscribe",
        at=now,
        method="POST",
        ip=press.ip[:45] if press.ip else None,
        user_agent="".join(c if c.isprintable() else " " for c in press.user_agent)[:500],
        source="own",
        source_event_id=f"unsubscribe:{added}",
        verdict="human",
        reason="said_no",
    )


def _tell(session: Session, mail: OutboxMail, added: int, topic: str, now: datetime) -> None:
    """The customer's timeline and the one in whose name the mail went out."""
    if mail.customer_id is None:
        return
    person = session.get(Stakeholder, mail.stakeholder_id) if mail.stakeholder_id else None
    name = f"{person.first_name} {person.last_name}".strip() if person else ""
    title = f"{name or 'A stakeholder'} unsubscribed from “{suppression.topic_words(topic)}”"
    key = f"unsubscribe:{added}"
    customer = public_id("customer", mail.customer_id)
    timeline.note(
        session, mail.customer_id, "signal", now, title,
        dedup_key=key, stakeholder_id=mail.stakeholder_id, screen="suppression",
    )  # fmt: skip
    if mail.owner_id is not None:
        notifications.notify(
            session, mail.owner_id, key, "unsubscribed", title,
            "They get no more such mail. Speak with them if this is a surprise.",
            customer_id=mail.customer_id,
            actions=[Action("Customer", "customer", (("id", customer),))], now=now,
        )  # fmt: skip


def _veiled(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"
