"""One delivery at the door: who sends it, is it them, and keep it before saying yes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import NotFound, SignInNeeded
from data.once import add_once
from data.tables import HookDelivery, Integration
from data.types import EPOCH
from integrations.hooks import VENDORS, Said
from integrations.hooks.records import digest
from services import jobs
from services.hooks.kept import NOTED_EVERY, former_until, more_secrets, refused_at, set_option
from services.mailboxes import unseal

log = logging.getLogger(__name__)
TAKE_IN = "hooks.take_in"
TAKE_IN_MAIL = "campaigns.take_in"
TAKE_IN_TICKETS = "tickets.take_in"
MAIL_SLOT = timedelta(seconds=5)
"""What is told of mail, or of tickets, is taken in by one job per slot, whoever sent it."""
SLOT = timedelta(minutes=5)
"""One job looks after all that came in a slot of this length."""
AFTER_THE_END = timedelta(minutes=2)
"""What was sent just before the end may arrive just after it."""


@dataclass(frozen=True)
class Known:
    """An account that may send. `secrets` as they are: the present one, the one before, and those
    beside them. Whichever fits is believed."""

    integration_id: int
    vendor: str
    secrets: tuple[str, ...]
    refused_at: datetime | None = None


def find(session: Session, vendor: str, address: str, *, now: datetime) -> Known:
    """NotFound, in the same words, when there is no such address or it has been switched off."""
    row = session.scalar(
        select(Integration).where(
            Integration.address == address,
            Integration.vendor == vendor,
            Integration.state == "ready",
        )
    )
    if row is None:
        raise NotFound("There is nothing at this address.")
    until = former_until(row)
    more = [one["sealed"].encode() for one in more_secrets(row)]
    held = [row.secret, row.former_secret if until and now < until else None, *more]
    opened = tuple(unseal(one) for one in held if one)
    return Known(row.id, row.vendor, opened, refused_at(row))


def believed(known: Known, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> Said:
    """What the delivery says. SignInNeeded when it is not from them, or too old; BadInput when it is
    no body of theirs. Touches no database: a forger makes no work."""
    vendor = VENDORS[known.vendor]
    if vendor.has_secret and not known.secrets:
        raise SignInNeeded("This address has no secret yet.")
    if not vendor.verify(headers, raw, known.secrets, now):
        log.warning("hook_refused integration=%s", known.integration_id)
        raise SignInNeeded("The signature is wrong or too old.")
    return vendor.sort(headers, raw, known.secrets)


def worth_noting(known: Known, *, now: datetime) -> bool:
    """Whether an admin should hear that it was refused: once a minute, so that a forger makes no work."""
    return known.refused_at is None or now - known.refused_at >= NOTED_EVERY


def note_refusal(session: Session, known: Known, *, now: datetime) -> None:
    """Keep when something came that was not believed: a wrong secret would otherwise look like silence."""
    row = session.get(Integration, known.integration_id, with_for_update=True)
    if row is not None:
        set_option(row, "refused_at", now.isoformat())


def store(session: Session, known: Known, said: Said, raw: bytes, *, now: datetime) -> bool:
    """Keep it, with the job that takes it in; False when it came before."""
    _heard(session, known.integration_id, now)
    if not said.stored:
        return False
    added = add_once(
        session,
        HookDelivery,
        integration_id=known.integration_id,
        vendor_event_id=said.number,
        kind=said.kind,
        subject=said.subject,
        body=raw,
        received_at=now,
        state="new" if said.subject else "ignored",
    )
    if added is None:
        return False
    if said.subject:
        _ask(session, known, said, added, now)
    return True


def _ask(session: Session, known: Known, said: Said, delivery_id: int, now: datetime) -> None:
    """A job for when it has been quiet, one per slot; and one soon when no more is expected."""
    if VENDORS[known.vendor].read is not None:
        ask_for_mail(session, now)
        return
    if VENDORS[known.vendor].tickets is not None:
        ask_for_tickets(session, now)
        return
    settles = VENDORS[known.vendor].settles
    wanted = {"integration": known.integration_id, "subject": said.subject}
    subject = digest((said.subject or "").encode())[:24]
    stem = f"hook:{known.integration_id}:{subject}"
    if said.closes:
        due = now + min(AFTER_THE_END, settles)
        payload = wanted | {"closed": True}
        jobs.add(session, TAKE_IN, f"{stem}:closed:{delivery_id}", payload, due_at=due, now=now)
    if settles:
        due = now - (now - EPOCH) % SLOT + SLOT + settles
        jobs.add(session, TAKE_IN, f"{stem}:{due.isoformat()}", wanted, due_at=due, now=now)


def ask_for_mail(session: Session, now: datetime) -> None:
    """A job at the end of this slot. What is committed after it ran waits for the clock's next one."""
    _ask_at_the_end_of_the_slot(session, TAKE_IN_MAIL, now)


def ask_for_tickets(session: Session, now: datetime) -> None:
    """As `ask_for_mail`."""
    _ask_at_the_end_of_the_slot(session, TAKE_IN_TICKETS, now)


def _ask_at_the_end_of_the_slot(session: Session, kind: str, now: datetime) -> None:
    due = now - (now - EPOCH) % MAIL_SLOT + MAIL_SLOT
    jobs.add(session, kind, f"{kind}:{due.isoformat()}", due_at=due, now=now)


def _heard(session: Session, integration_id: int, now: datetime) -> None:
    """Not at each delivery: thousands arrive at once, and would wait for each other over one row."""
    session.execute(
        update(Integration)
        .where(
            Integration.id == integration_id,
            (Integration.heard_at.is_(None)) | (Integration.heard_at < now - NOTED_EVERY),
        )
        .values(heard_at=now)
        .execution_options(synchronize_session=False)
    )
