"""The morning's mail to each colleague for whom something waits: the Today page in short."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import AppError
from data.settings import settings
from data.tables import Mailbox, OutboxMail, Person
from integrations import mime
from services import outbox, rendering, tracking
from services.access.day import zone_of
from services.access.viewer import viewer_of
from services.drafts.second_looks import KIND as SECOND_LOOK
from services.ids import public_id
from services.mailboxes import from_line, mailbox_for
from services.notifications import NotificationRow
from services.outbox import Approved
from services.plurals import plural
from services.today.best import DRAFT, SIGNAL, TASK, Pick
from services.today.inbox import Inbox, inbox

log = logging.getLogger(__name__)
HOUR = 7
"""Of the person's own day, from which the digest may leave."""
WORKDAYS = 5
TEMPLATE = "spine/digest"
KIND, TOPIC = "digest", "internal"
MOST_LINES = 5
"""Named per section."""


def send_digests(session: Session, now: datetime) -> int:
    """Queue today's digests that are due and not there yet; how many were queued.

    A colleague gets one on working days of their zone, from seven in the morning, when something waits.
    """
    people = session.scalars(
        select(Person).where(
            Person.active.is_(True), Person.digest.is_(True), Person.email.is_not(None)
        )
    ).all()
    due = {person: key for person in people if (key := _due_key(session, person, now))}
    there = set(
        session.scalars(select(OutboxMail.dedup_key).where(OutboxMail.dedup_key.in_(due.values())))
    )
    waiting = [
        (person, key, found)
        for person, key in due.items()
        if key not in there
        and not (found := inbox(session, viewer_of(session, person, now), now)).nothing_new
    ]
    if not waiting:
        return 0
    # Without a mailbox nobody's can leave, so that ends the job; what is wrong with one person does not.
    shared = mailbox_for(session, None)
    return sum(
        _queued(session, _leaves_from(session, shared, person), person, key, found, now=now)
        for person, key, found in waiting
    )


def _leaves_from(session: Session, shared: Mailbox, person: Person) -> Mailbox:
    """The company's server. Where there is none, their own: in the folder of files nobody would find it."""
    return mailbox_for(session, person.id) if shared.kind == "eml" else shared


def _due_key(session: Session, person: Person, now: datetime) -> str | None:
    """The key of the person's digest of today, when its time has come."""
    local = now.astimezone(ZoneInfo(zone_of(session, person.id)))
    if local.weekday() >= WORKDAYS or local.hour < HOUR:
        return None
    return f"digest:{person.id}:{local:%Y-%m-%d}"


def _queued(
    session: Session, mailbox: Mailbox, person: Person, key: str, found: Inbox, *, now: datetime
) -> bool:
    """Whether it could be queued. Nothing of one that could not is left behind."""
    try:
        with session.begin_nested():
            _queue(session, mailbox, person, key, found, now=now)
    except AppError as error:
        # Not its words: they may name the address.
        log.warning("no_digest person=%s why=%s", person.id, type(error).__name__)
        return False
    return True


def _queue(
    session: Session, mailbox: Mailbox, person: Person, key: str, found: Inbox, *, now: datetime
) -> None:
    assert person.email is not None
    words = rendering.render(session, TEMPLATE, values(person.name, found, now))
    sender = from_line(session, mailbox, None)
    message_id = f"d{person.id}.{token_hex(12)}@{sender.address.rpartition('@')[2]}"
    raw = mime.build(
        mime.Mail(
            message_id=message_id,
            sender_name=sender.name,
            sender_address=sender.address,
            recipient_name=person.name,
            recipient_address=person.email,
            subject=words.subject,
            text=words.text,
            html=words.html,
            date=now,
            headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        )
    )
    tokens = tracking.signer(session)
    outbox.enqueue(
        session,
        Approved(
            dedup_key=key,
            draft_id=None,
            kind=KIND,
            topic=TOPIC,
            customer_id=None,
            stakeholder_id=None,
            owner_id=person.id,
            mailbox_id=mailbox.id,
            recipient=person.email,
            subject=words.subject,
            raw=raw,
            approved_hash=sha256(raw).hexdigest(),
            approved_by=None,
            message_id=message_id,
            tracking=tokens.token("open"),
            unsubscribe=tokens.token("unsubscribe"),
            due_at=now,
            expires_at=found.day_ends,
        ),
        now=now,
    )


def values(name: str, found: Inbox, now: datetime) -> dict[str, Any]:
    """What the template says: numbers first, then each kind with its first lines and a link."""
    base = settings().base_url.rstrip("/")
    news = _news(found)
    local = now.astimezone(ZoneInfo(found.zone))
    sections = [
        _section("Best next", [_best(pick) for pick in found.best], len(found.best), base),
        _section(
            "Drafts to approve",
            [
                (f"{draft.customer}: {draft.subject}", f"/draft?id={public_id('draft', draft.id)}")
                for draft in found.drafts
            ],
            found.drafts_count,
            base,
        ),
        _section(
            "For your second look",
            [
                (f"{draft.customer}: {draft.subject}", f"/draft?id={public_id('draft', draft.id)}")
                for draft in found.to_second
            ],
            found.second_looks,
            base,
        ),
        _section(
            "Due today or late",
            [
                (f"{task.customer}: {task.title}" if task.customer else task.title, "/")
                for task in found.tasks
            ],
            found.tasks_count,
            base,
        ),
        _section(
            "Mails that did not go out",
            [
                (
                    f"{mail.subject} ({mail.reason or mail.state})",
                    f"/send_queue?id={public_id('outbox', mail.id)}",
                )
                for mail in found.stuck
            ],
            found.stuck_count,
            base,
        ),
        _section(
            "News",
            [(note.title, "/") for note in news],
            found.unread,
            base,
        ),
    ]
    return {
        "first_name": name.partition(" ")[0],
        "day": f"{local:%A}, {local.day} {local:%B}",
        "summary": summary(found),
        "sections": [section for section in sections if section["lines"]],
        "today_url": f"{base}/",
        "settings_url": f"{base}/settings",
    }


def _best(pick: Pick) -> tuple[str, str]:
    """The customer, what it is worth, why now, and where to act on it."""
    worth = "" if pick.arr is None else f" ({pick.currency} {pick.arr:,.0f} a year)"
    first = pick.reasons[0]
    paths = {
        DRAFT: f"/draft?id={public_id('draft', first.number)}",
        SIGNAL: f"/risk?signal={public_id('signal', first.number)}",
        TASK: f"/customer?id={public_id('customer', pick.customer_id)}",
    }
    return f"{pick.customer}{worth}: {pick.why}", paths[first.kind]


def _news(found: Inbox) -> list[NotificationRow]:
    """What is unread, without the second looks, which have a section of their own."""
    return [
        note for note in found.notifications if note.read_at is None and note.kind != SECOND_LOOK
    ]


def summary(found: Inbox) -> str:
    """ "3 drafts and 1 task wait for you"; where that is all, how many customers are best next."""
    counts = [
        (found.drafts_count, "draft", "drafts"),
        (found.second_looks, "second look", "second looks"),
        (found.tasks_count, "task", "tasks"),
        (found.stuck_count, "stuck mail", "stuck mails"),
        (found.unread, "new thing", "new things"),
    ]
    parts = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    if not parts:
        best = len(found.best)
        return f"{plural(best, 'customer')} to turn to first" if best else "Nothing waits for you"
    said = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    waits = "waits" if len(parts) == 1 and said.startswith("1 ") else "wait"
    return f"{said} {waits} for you"


def _section(title: str, lines: Sequence[tuple[str, str]], count: int, base: str) -> dict[str, Any]:
    shown = [{"text": text, "url": f"{base}{path}"} for text, path in lines[:MOST_LINES]]
    if count > len(shown):
        shown.append({"text": f"and {count - len(shown):,} more", "url": f"{base}/"})
    return {"title": title, "lines": shown}
