"""The last gate before the wire: decide apart, then mark, in the transaction that looked.

What is looked at stays as it is until the mark is committed: rows are locked, and a "do not contact" or
another policy is committed either before the gate looks or after the mark (see services.wire). So no cap
is passed by two workers at once, and no call begins for a mail that was not marked when somebody said no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from data.tables import (
    Customer,
    Mailbox,
    OutboxMail,
    Person,
    Stakeholder,
    StakeholderEmail,
    Touch,
)
from services import suppression, touches, wire
from services.leases import Lease
from services.outbox import four_eyes, holds, places, quiet, rates, recalls
from services.outbox import policy as policies
from services.outbox.moves import move_held
from services.outbox.policy import QUIET, SendPolicy
from services.outbox.rates import Full
from services.outbox.recording import tell_owner

OTHER_TEXT = "This is not the text that was approved, so it was not sent."
NOT_APPROVED = "Its approval was taken back, so it was not sent."
TOO_LATE = "It would have come too late."
NOT_THEIRS = "This is no longer an address of the recipient. Open its draft and approve it again."
NO_COLLEAGUE = "Nobody here has this address any more. An admin can correct it under People."
INTERNAL = "internal"
"""The topic of mail to colleagues."""
_SOON = timedelta(seconds=30)


@dataclass(frozen=True)
class Facts:
    """What the gate looks at. `open_at` and `free_at`: when quiet hours and caps let it through."""

    now: datetime
    right_text: bool
    approved: bool
    theirs: bool
    expires_at: datetime | None
    suppressed: str | None
    paused: str | None
    full: Full | None
    over_cap: str | None
    free_at: datetime
    open_at: datetime
    held: str | None = None
    """Why a feature wants it to wait."""
    internal: bool = False
    second_missing: str | None = None
    """Why a second person has to approve it by now."""


@dataclass(frozen=True)
class Decision:
    """`until` is when to try again, for one that waits; `rests` says that its whole mailbox does."""

    kind: Literal["go", "wait", "block", "recall"]
    why: str | None = None
    until: datetime | None = None
    rests: bool = False


def decide(facts: Facts) -> Decision:
    """What must never go is blocked before anything waits, since waiting would not make it right."""
    refused = _refused(facts)
    if refused:
        return Decision("block", refused)
    if facts.second_missing:
        return Decision("recall", facts.second_missing)
    waits = _waits(facts)
    if waits is None:
        return Decision("go")
    if facts.expires_at is not None and waits.until and waits.until >= facts.expires_at:
        return Decision("block", f"{waits.why} {TOO_LATE}")
    return waits


def _refused(facts: Facts) -> str | None:
    if not facts.right_text:
        return OTHER_TEXT
    if not facts.approved:
        return NOT_APPROVED
    if not facts.theirs:
        return NO_COLLEAGUE if facts.internal else NOT_THEIRS
    if facts.expires_at is not None and facts.expires_at <= facts.now:
        return TOO_LATE
    return facts.suppressed


def _waits(facts: Facts) -> Decision | None:
    if facts.paused:
        return Decision("wait", facts.paused, facts.now + _SOON, rests=True)
    if facts.held:
        return Decision("wait", facts.held, facts.now + holds.AGAIN)
    if facts.over_cap:
        return Decision("wait", facts.over_cap, max(facts.free_at, facts.now + _SOON))
    if facts.open_at > facts.now:
        return Decision("wait", QUIET, facts.open_at)
    if facts.full:
        return Decision("wait", facts.full.why, facts.full.until, rests=True)
    return None


@dataclass(frozen=True)
class Passed:
    """What became of a claimed message at the gate. `lease` is the longer one, when it may go."""

    decision: Decision
    lease: Lease | None = None


def pass_gate(session: Session, lease: Lease, *, now: datetime, seconds: float) -> Passed | None:
    """Look once more, then mark the message as on the wire for `seconds`, or as waiting or blocked.

    None when it is no longer ours. After a "go" is committed, and only then, the provider may be called.
    """
    row = session.scalar(
        select(OutboxMail)
        .where(
            OutboxMail.id == lease.id,
            OutboxMail.token == lease.token,
            OutboxMail.state == "claimed",
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    reserved = _reserved(session, row.id)
    mailbox = _hold(session, row, now)
    decision = decide(_facts(session, row, mailbox, policies.load(session), now))
    if decision.kind == "go":
        until = now + timedelta(seconds=seconds)
        move_held(
            session, lease, ("claimed", "wire"),
            now=now, calls=row.mailbox_id, wire_at=now, token=lease.token, lease_until=until,
        )  # fmt: skip
        touches.reserve(session, row, now)
        return Passed(decision, Lease(lease.id, lease.token, until))
    if reserved:
        touches.reserve(session, row, reserved)
    if decision.kind == "recall":
        decision = _recalled(session, row, lease, decision, now)
    elif decision.kind == "wait":
        _put_off(session, row, lease, decision, now)
    else:
        move_held(session, lease, ("claimed", "blocked"), now=now, why=decision.why)
        tell_owner(session, row, "blocked", decision.why or "", now)
    return Passed(decision)


def _reserved(session: Session, outbox_id: int) -> datetime | None:
    """Since when the message counts against the caps already."""
    live = Touch.released_at.is_(None)
    return session.scalar(select(Touch.at).where(Touch.outbox_id == outbox_id, live))


def _recalled(
    session: Session, row: OutboxMail, lease: Lease, decision: Decision, now: datetime
) -> Decision:
    """Back to those who approve. While somebody is at its draft this minute, it waits for them."""
    why = decision.why or ""
    if not recalls.taken_back(session, row, why, now):
        waits = Decision("wait", why, now + _SOON)
        _put_off(session, row, lease, waits, now)
        return waits
    move_held(session, lease, ("claimed", "cancelled"), now=now, why=why)
    places.give_back(session, row, now, alone=True)
    return decision


def _put_off(
    session: Session, row: OutboxMail, lease: Lease, decision: Decision, now: datetime
) -> None:
    """Waiting is no attempt. A message that waits for its mailbox keeps its place in the queue."""
    due_at = row.due_at if decision.rests else decision.until
    move_held(
        session, lease, ("claimed", "queued"),
        now=now, why=decision.why, due_at=due_at, attempts=OutboxMail.attempts - 1,
    )  # fmt: skip


def _hold(session: Session, row: OutboxMail, now: datetime) -> Mailbox:
    """Lock all that the decision rests on, before anything of it is read."""
    mailbox = session.scalars(
        select(Mailbox)
        .where(Mailbox.id == row.mailbox_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    # It does not stand in its own way, where an earlier call for it may have come to something.
    touches.release(session, row.id, now)
    touches.hold(session, row.stakeholder_id, row.customer_id)
    wire.before_the_mark(session)
    return mailbox


def _facts(
    session: Session, row: OutboxMail, mailbox: Mailbox, policy: SendPolicy, now: datetime
) -> Facts:
    over_cap = touches.over_cap(
        session,
        stakeholder_id=row.stakeholder_id,
        customer_id=row.customer_id,
        at=now,
        caps=policy,
    )
    why = (
        suppression.blocked(session, row.recipient, row.topic, row.stakeholder_id)
        if _to_customer(row)
        else None
    )
    return Facts(
        now=now,
        right_text=sha256(row.raw).hexdigest() == row.approved_hash,
        approved=four_eyes.approved(session, row),
        theirs=_still_theirs(session, row),
        internal=row.topic == INTERNAL,
        expires_at=row.expires_at,
        suppressed=why.words if why else None,
        paused=paused_words(policy, mailbox),
        full=rates.full(session, mailbox, now),
        over_cap=None if row.kind in touches.ASKED_FOR else over_cap,
        free_at=_free_at(session, row, policy, now) if over_cap else now,
        open_at=quiet.open_at(now, _zone(session, row), policy) if _to_customer(row) else now,
        held=holds.held(session, row, now),
        second_missing=four_eyes.second_missing(session, row, policy, now),
    )


def _free_at(session: Session, row: OutboxMail, policy: SendPolicy, now: datetime) -> datetime:
    return touches.free_at(
        session,
        stakeholder_id=row.stakeholder_id,
        customer_id=row.customer_id,
        at=now,
        caps=policy,
    )


def paused_words(policy: SendPolicy, mailbox: Mailbox) -> str | None:
    """Why nothing leaves from this mailbox now; None when mail does."""
    if policy.paused:
        return f"All sending is paused. {policy.paused_why}".strip()
    if mailbox.state != "ready":
        return f"The mailbox is {mailbox.state}. {mailbox.why or ''}".strip()
    return None


def _to_customer(row: OutboxMail) -> bool:
    """A digest or a test mail goes to a colleague, who has no quiet hours and no suppression here."""
    return row.customer_id is not None or row.stakeholder_id is not None


def _still_theirs(session: Session, row: OutboxMail) -> bool:
    """Somebody may have corrected the address, or moved on, since the mail was frozen; a colleague may have left."""
    if row.topic == INTERNAL:
        at_work = exists().where(
            Person.active.is_(True), func.lower(Person.email) == row.recipient.lower()
        )
        return bool(session.scalar(select(at_work)))
    if row.stakeholder_id is None:
        return True
    return bool(
        session.scalar(
            select(
                exists().where(
                    StakeholderEmail.email == suppression.address_key(row.recipient),
                    StakeholderEmail.stakeholder_id == row.stakeholder_id,
                )
            )
        )
    )


def _zone(session: Session, row: OutboxMail) -> str | None:
    own = (
        session.scalar(select(Stakeholder.time_zone).where(Stakeholder.id == row.stakeholder_id))
        if row.stakeholder_id
        else None
    )
    return own or session.scalar(select(Customer.time_zone).where(Customer.id == row.customer_id))
