"""What workers left behind when they died, and what providers did not say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxMail
from integrations.senders import Found
from services import leases
from services.leases import Lease
from services.outbox import places
from services.outbox.gate import TOO_LATE
from services.outbox.moves import move_held, note
from services.outbox.recording import NOT_SURE, held, settle_sent, tell_owner
from services.outbox.timing import MOST_CLAIMS, Timing

_DIED = "Its worker ended before the provider was called."
_DIED_CALLING = "Its worker ended during the call to the provider."
_WORN = "Each worker that took it up ended. See the log of the worker."
_NO_MAILBOX = (
    "Its mailbox was removed. Open its draft and approve it again: it leaves from another."
)
_NO_MAILBOX_NOR_DRAFT = "Its mailbox was removed. The next one leaves from another."
_CANNOT_ASK = "This way of sending cannot be asked whether a mail went out."


@dataclass(frozen=True)
class Recovered:
    """How many of each."""

    queued: int
    unknown: int
    blocked: int


def recover(session: Session, *, now: datetime, timing: Timing) -> Recovered:
    """Take over what nobody holds any more.

    Claimed, lease over: queued again, since nothing had left. On the wire, lease over: unknown, to be
    looked up. Queued and too late, or of a mailbox that is gone: blocked.
    """
    lapsed = leases.let_lapse(
        session, OutboxMail, "claimed", now=now, state="queued", reason=_DIED, updated_at=now
    )
    note(session, lapsed, ("claimed", "queued"), now=now, why=_DIED)
    _give_up_on(session, lapsed, now)
    settle = now + timedelta(seconds=timing.settle)
    lost = leases.let_lapse(
        session, OutboxMail, "wire",
        now=now, state="unknown", reason=_DIED_CALLING, due_at=settle, updated_at=now,
    )  # fmt: skip
    note(session, lost, ("wire", "unknown"), now=now, why=_DIED_CALLING)
    return Recovered(len(lapsed), len(lost), _expire(session, now) + _strand(session, now))


def _give_up_on(session: Session, lapsed: list[int], now: datetime) -> None:
    if not lapsed:
        return
    worn = session.scalars(
        select(OutboxMail)
        .where(OutboxMail.id.in_(lapsed), OutboxMail.attempts >= MOST_CLAIMS)
        .execution_options(populate_existing=True)
    )
    for row in worn:
        row.state, row.reason = "failed", _WORN
        note(session, [row.id], ("queued", "failed"), now=now, why=_WORN)
        tell_owner(session, row, "failed", _WORN, now)
        places.give_back(session, row, now)


def _expire(session: Session, now: datetime) -> int:
    return _block(session, OutboxMail.expires_at <= now, TOO_LATE, now)


def _strand(session: Session, now: datetime) -> int:
    """Nobody claims for a mailbox that is gone, so its mail would wait without end."""
    removed = select(Mailbox.id).where(Mailbox.state == "removed")
    stranded, drafted = OutboxMail.mailbox_id.in_(removed), OutboxMail.draft_id.is_not(None)
    return _block(session, stranded & drafted, _NO_MAILBOX, now) + _block(
        session, stranded & ~drafted, _NO_MAILBOX_NOR_DRAFT, now
    )


def _block(session: Session, which: ColumnElement[bool], why: str, now: datetime) -> int:
    """Take queued messages out for a reason that waiting will not change; how many."""
    over = (
        select(OutboxMail.id)
        .where(OutboxMail.state == "queued", which)
        .with_for_update(skip_locked=True)
    )
    blocked = (
        update(OutboxMail)
        .where(OutboxMail.id.in_(over.scalar_subquery()))
        .values(state="blocked", reason=why, updated_at=now)
        .returning(OutboxMail.id)
        .execution_options(synchronize_session=False)
    )
    ids = list(session.execute(blocked).scalars())
    note(session, ids, ("queued", "blocked"), now=now, why=why)
    for row in session.scalars(
        select(OutboxMail).where(OutboxMail.id.in_(ids)).execution_options(populate_existing=True)
    ):
        tell_owner(session, row, "blocked", why, now)
    return len(ids)


def settle(
    session: Session, lease: Lease, found: Found | None, *, now: datetime, timing: Timing
) -> bool:
    """Write down what looking came to; None: this sender cannot be asked. False when no longer ours."""
    row = held(session, lease.id)
    if row is None or row.token != lease.token or row.state != "unknown":
        return False
    if found is None:
        return _to_a_person(session, row, lease, row.reason or NOT_SURE, _CANNOT_ASK, now)
    if found.kind == "sent" and _free(session, row.id, found.provider_id):
        said = {"provider_id": found.provider_id, "thread_id": found.thread_id}
        return settle_sent(session, row, lease, "unknown", said, now)
    since = now - row.wire_at if row.wire_at else timedelta.max
    if found.kind == "not_sent" and since >= timedelta(seconds=timing.sure):
        # It keeps its place under the caps: a worker that was held up may still hand it over.
        why = "It had not gone out, as its provider says."
        return move_held(session, lease, ("unknown", "queued"), now=now, why=why, due_at=now)
    if found.kind != "not_sent" and since >= timedelta(seconds=timing.give_up):
        said_so = found.reply or "It is neither waiting nor among the sent mails."
        return _to_a_person(session, row, lease, row.reason or NOT_SURE, said_so, now)
    again = now + timedelta(seconds=timing.look_every)
    return leases.fenced(
        session, OutboxMail, lease, "unknown", due_at=again, token=None, lease_until=None
    )


def _to_a_person(
    session: Session, row: OutboxMail, lease: Lease, what: str, why: str, now: datetime
) -> bool:
    words = f"{what} {why}"[:500]
    tell_owner(session, row, "review", words, now)
    return move_held(session, lease, ("unknown", "review"), now=now, why=words)


def _free(session: Session, outbox_id: int, provider_id: str | None) -> bool:
    """Never adopted from a look-up when another message has that id: then it is not ours."""
    if provider_id is None:
        return True
    taken = select(OutboxMail.id).where(
        OutboxMail.provider_id == provider_id, OutboxMail.id != outbox_id
    )
    return session.scalar(taken) is None
