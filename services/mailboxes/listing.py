"""The mailboxes a person sees, with how much has left and how much waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxMail, Person
from services.access import ADMINISTRATOR, Viewer
from services.mailboxes import google
from services.mailboxes.book import REMOVED, folder_of

MOST = 500
_DAY = timedelta(days=1)
_WAITING = ("queued", "claimed", "unknown", "review")


@dataclass(frozen=True)
class MailboxRow:
    """`person` is empty for the company's. `mine`: it is the asker's own. `editable`: they may change it.
    `sent` counts the last 24 hours. `place` is the server or folder, for those who may change it."""

    id: int
    kind: str
    address: str
    display_name: str
    person: str
    mine: bool
    editable: bool
    state: str
    why: str | None
    per_minute: int
    per_day: int
    calendar: bool
    place: str
    options: dict[str, Any]
    sent: int
    waiting: int
    checked_at: datetime | None


def listing(session: Session, by: Viewer, now: datetime) -> list[MailboxRow]:
    """One's own and the company's; for admins, everybody's. Never a secret."""
    query = (
        select(Mailbox, Person.name)
        .outerjoin(Person, Person.id == Mailbox.person_id)
        .where(Mailbox.state != REMOVED)
        .order_by(
            case((Mailbox.person_id == by.person_id, 0), else_=1),
            Mailbox.person_id.is_not(None),
            func.lower(Person.name),
            Mailbox.id,
        )
        .limit(MOST)
    )
    admin = by.role == ADMINISTRATOR
    if not admin:
        query = query.where(or_(Mailbox.person_id.is_(None), Mailbox.person_id == by.person_id))
    found = session.execute(query).all()
    ids = [mailbox.id for mailbox, _ in found]
    sent = _counts(session, ids, OutboxMail.wire_at > now - _DAY, OutboxMail.state == "sent")
    waiting = _counts(session, ids, OutboxMail.state.in_(_WAITING))
    return [
        _row(mailbox, name or "", by, sent.get(mailbox.id, 0), waiting.get(mailbox.id, 0))
        for mailbox, name in found
    ]


def google_is_set_up() -> bool:
    """Whether people can connect their Gmail here."""
    return google.client() is not None


def _row(mailbox: Mailbox, name: str, by: Viewer, sent: int, waiting: int) -> MailboxRow:
    mine = mailbox.person_id is not None and mailbox.person_id == by.person_id
    editable = mine or by.role == ADMINISTRATOR
    options = {k: v for k, v in mailbox.options.items() if k != "authority"} if editable else {}
    return MailboxRow(
        id=mailbox.id,
        kind=mailbox.kind,
        address=mailbox.address,
        display_name=mailbox.display_name,
        person=name,
        mine=mine,
        editable=editable,
        state=mailbox.state,
        why=mailbox.why,
        per_minute=mailbox.per_minute,
        per_day=mailbox.per_day,
        calendar=bool(mailbox.options.get("calendar")),
        place=_place(mailbox) if editable else "",
        options=options,
        sent=sent,
        waiting=waiting,
        checked_at=mailbox.checked_at,
    )


def _place(mailbox: Mailbox) -> str:
    if mailbox.kind == "eml":
        return str(folder_of(mailbox))
    if mailbox.kind == "smtp":
        return f"{mailbox.options.get('host', '')}:{mailbox.options.get('port', '')}"
    return "Gmail"


def _counts(session: Session, ids: list[int], *where: Any) -> dict[int, int]:
    query = (
        select(OutboxMail.mailbox_id, func.count().label("many"))
        .where(OutboxMail.mailbox_id.in_(ids), *where)
        .group_by(OutboxMail.mailbox_id)
    )
    return {row.mailbox_id: row.many for row in session.execute(query)}
