"""What the provider said, written down by whoever still holds the message."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from data.tables import Customer, Mailbox, OutboxMail, Person
from integrations.senders import HELD_UP, Outcome
from services import notifications, timeline, touches
from services.access import ADMINISTRATOR
from services.ids import public_id
from services.leases import Lease
from services.notifications import Action
from services.outbox import bounced, places
from services.outbox.moves import MOVES, move, move_held
from services.outbox.timing import MOST_REFUSALS, Timing, backoff

NOT_SURE = "The provider did not say whether it took it."
AT_LIMIT = "The mailbox has sent all that its provider allows for now. It goes on by itself."
_TITLES = {
    "failed": "A mail could not be sent",
    "blocked": "A mail was held back",
    "review": "A mail may or may not have gone out",
}


def record(
    session: Session, lease: Lease, outcome: Outcome, *, now: datetime, timing: Timing
) -> bool:
    """Write down what came of the call. False when the message is no longer ours.

    Then its lease ran out during the call. If the provider has the mail that is still the truth, and is
    kept as long as nobody is calling again; anything else is left to those who look it up.
    """
    row = held(session, lease.id)
    if row is None or row.token != lease.token or row.state != "wire":
        return row is not None and outcome.kind == "sent" and _late(session, row, outcome, now)
    if outcome.kind == "sent" and not _id_is_free(session, row.id, outcome.provider_id):
        outcome = Outcome("unknown", reply="The provider named another mail's id.")
    return _RECORDS[outcome.kind](session, row, lease, outcome, now, timing)


def held(session: Session, outbox_id: int) -> OutboxMail | None:
    """The row as it is in the database now, locked."""
    return session.scalar(
        select(OutboxMail)
        .where(OutboxMail.id == outbox_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def settle_sent(
    session: Session, row: OutboxMail, lease: Lease, was: str, said: dict[str, Any], now: datetime
) -> bool:
    """Mark a message that we hold as sent, and note it on the customer's timeline."""
    done = move_held(session, lease, (was, "sent"), now=now, sent_at=row.wire_at or now, **said)
    if done:
        noted_as_sent(session, row, now)
    return done


def release(session: Session, outbox_id: int, now: datetime) -> None:
    """It has not gone out: it does not count against the caps."""
    touches.release(session, outbox_id, now)


def _sent(
    session: Session, row: OutboxMail, lease: Lease, outcome: Outcome, now: datetime, _: Timing
) -> bool:
    return settle_sent(session, row, lease, "wire", _said(outcome), now)


def _refused_for_now(
    session: Session, row: OutboxMail, lease: Lease, outcome: Outcome, now: datetime, timing: Timing
) -> bool:
    if outcome == HELD_UP:
        release(session, row.id, now)
        return _held_up(session, lease, now, timing)
    if outcome.at_limit:
        release(session, row.id, now)
        return _at_limit(session, lease, "wire", outcome, now, timing)
    if row.attempts >= MOST_REFUSALS:
        return _refused_for_good(session, row, lease, outcome, now, timing)
    release(session, row.id, now)
    due_at = now + backoff(timing, row.attempts, outcome.retry_after)
    why = (
        f"The provider put it off: {outcome.reply}" if outcome.reply else "The provider put it off."
    )
    return move_held(
        session, lease, ("wire", "queued"),
        now=now, why=why[:500], due_at=due_at, reply=outcome.reply or None,
    )  # fmt: skip


def _held_up(session: Session, lease: Lease, now: datetime, timing: Timing) -> bool:
    """The provider was not asked, so it has not refused: this is no attempt, however often it happens."""
    return move_held(
        session, lease, ("wire", "queued"),
        now=now, why=HELD_UP.reply, due_at=now + backoff(timing, 1), attempts=OutboxMail.attempts - 1,
    )  # fmt: skip


def _at_limit(
    session: Session, lease: Lease, was: str, outcome: Outcome, now: datetime, timing: Timing
) -> bool:
    """It is the mailbox that may not send: no attempt of this mail, though it lasts for days."""
    why = f"{AT_LIMIT} {outcome.reply}"
    return move_held(
        session, lease, (was, "queued"),
        now=now, why=why[:500].strip(), due_at=now + backoff(timing, 1, outcome.retry_after),
        attempts=OutboxMail.attempts - 1, reply=outcome.reply or None,
    )  # fmt: skip


def _refused_for_good(
    session: Session, row: OutboxMail, lease: Lease, outcome: Outcome, now: datetime, _: Timing
) -> bool:
    places.give_back(session, row, now, alone=True)
    why = (
        f"The provider refused it: {outcome.reply}" if outcome.reply else "The provider refused it."
    )
    if outcome.nobody:
        why = f"{bounced.at_the_door(session, row, outcome.reply, now)} {why}".strip()
    tell_owner(session, row, "failed", why, now)
    return move_held(
        session, lease, ("wire", "failed"), now=now, why=why[:500], reply=outcome.reply or None
    )


def _unknown(
    session: Session, row: OutboxMail, lease: Lease, outcome: Outcome, now: datetime, timing: Timing
) -> bool:
    return move_held(
        session, lease, ("wire", "unknown"),
        now=now, why=NOT_SURE, due_at=now + timedelta(seconds=timing.settle),
        reply=outcome.reply or row.reply,
    )  # fmt: skip


def _revoked(
    session: Session, row: OutboxMail, lease: Lease, outcome: Outcome, now: datetime, _: Timing
) -> bool:
    release(session, row.id, now)
    revoke(session, row.mailbox_id, outcome.reply, now)
    return move_held(
        session, lease, ("wire", "queued"),
        now=now, why="The mailbox has to be connected again.", attempts=OutboxMail.attempts - 1,
    )  # fmt: skip


_RECORDS = {
    "sent": _sent,
    "refused_for_now": _refused_for_now,
    "refused_for_good": _refused_for_good,
    "unknown": _unknown,
    "revoked": _revoked,
}


def not_prepared(
    session: Session, lease: Lease, outcome: Outcome, *, now: datetime, timing: Timing
) -> bool:
    """Nothing has left: put a claimed message off, or give it up, as the provider said."""
    row = held(session, lease.id)
    if row is None or row.token != lease.token or row.state != "claimed":
        return False
    if outcome.kind == "revoked":
        revoke(session, row.mailbox_id, outcome.reply, now)
        why = "The mailbox has to be connected again."
        less = OutboxMail.attempts - 1
        return move_held(session, lease, ("claimed", "queued"), now=now, why=why, attempts=less)
    if outcome.at_limit:
        return _at_limit(session, lease, "claimed", outcome, now, timing)
    if outcome.kind == "refused_for_good" or row.attempts >= MOST_REFUSALS:
        places.give_back(session, row, now, alone=True)
        tell_owner(session, row, "failed", outcome.reply, now)
        return move_held(session, lease, ("claimed", "failed"), now=now, why=outcome.reply or None)
    due_at = now + backoff(timing, row.attempts, outcome.retry_after)
    why = f"The provider put it off: {outcome.reply}"[:500]
    return move_held(session, lease, ("claimed", "queued"), now=now, why=why, due_at=due_at)


def _late(session: Session, row: OutboxMail, outcome: Outcome, now: datetime) -> bool:
    if "sent" not in MOVES[row.state]:
        return False
    if not _id_is_free(session, row.id, outcome.provider_id):
        return False
    why = "The provider's answer came late."
    done = move(
        session, row.id, (row.state, "sent"),
        now=now, why=why, sent_at=row.wire_at or now, **_said(outcome),
    )  # fmt: skip
    if done:
        touches.reserve(session, row, row.wire_at or now)
        noted_as_sent(session, row, now)
    return done


def _id_is_free(session: Session, outbox_id: int, provider_id: str | None) -> bool:
    taken = exists().where(OutboxMail.provider_id == provider_id, OutboxMail.id != outbox_id)
    return provider_id is None or not session.scalar(select(taken))


def _said(outcome: Outcome) -> dict[str, Any]:
    return {
        "provider_id": outcome.provider_id,
        "thread_id": outcome.thread_id,
        "reply": outcome.reply or None,
    }


def noted_as_sent(session: Session, row: OutboxMail, now: datetime) -> None:
    """On the customer's timeline, once."""
    if row.customer_id is None:
        return
    timeline.note(
        session,
        row.customer_id,
        "mail",
        row.wire_at or now,
        f"Mail sent: {row.subject}",
        dedup_key=f"outbox:{row.id}:sent",
        stakeholder_id=row.stakeholder_id,
        screen="send_queue",
        query={"id": public_id("outbox", row.id)},
    )


def tell_owner(session: Session, row: OutboxMail, state: str, why: str, now: datetime) -> None:
    """Notify whoever the mail belongs to, else who approved it, each time it comes to this state: a mail that
    is tried again and fails again is news."""
    person_id = row.owner_id or row.approved_by
    if person_id is None:
        return
    company = session.scalar(select(Customer.name).where(Customer.id == row.customer_id))
    notifications.notify(
        session,
        person_id,
        f"outbox:{row.id}:{state}:{now.isoformat()}",
        f"mail_{state}",
        f"{_TITLES[state]}: {row.subject}",
        f"{company}. {why}" if company else why,
        customer_id=row.customer_id,
        actions=[Action("Open", "send_queue", (("id", public_id("outbox", row.id)),))],
        urgent=state != "blocked",
        now=now,
    )


def revoke(session: Session, mailbox_id: int, why: str, now: datetime) -> None:
    """Nothing leaves from this mailbox until it is connected again; whose it is, or the admins, learn so."""
    mailbox = session.scalars(
        select(Mailbox).where(Mailbox.id == mailbox_id).execution_options(populate_existing=True)
    ).one()
    if mailbox.state in ("revoked", "removed"):
        return
    words = why[:500] or "The provider no longer lets us in."
    mailbox.state, mailbox.why = "revoked", words
    admins = select(Person.id).where(Person.role == ADMINISTRATOR)
    whose = [mailbox.person_id] if mailbox.person_id else list(session.scalars(admins))
    for person_id in whose:
        notifications.notify(
            session,
            person_id,
            f"mailbox:{mailbox.id}:revoked:{now.isoformat()}",
            "mailbox_revoked",
            "A mailbox has to be connected again",
            words,
            actions=[Action("Mailboxes", "mailboxes")],
            urgent=True,
            now=now,
        )
