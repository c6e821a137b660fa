"""How often a person and a customer may be contacted, counted where it cannot be raced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from data.tables import Customer, OutboxMail, RuleFiring, Stakeholder, Task, Touch
from services.plurals import plural

DAYS = 7
"""The window in which contacts are counted."""
ASKED_FOR = frozenset({"event_reminder", "event_cancelled", "event_moved", "event_seat_free"})
"""Kinds of mail that their recipient asked for, by registering for instance: no cap holds them back, and
they use none up."""


LIMIT = "is the limit."
"""How the words of a cap end, by which what was put off for one is found again."""


class Limits(Protocol):
    """What the sending policy says; 0 means no limit."""

    @property
    def per_stakeholder(self) -> int: ...
    @property
    def per_customer(self) -> int: ...


@dataclass(frozen=True)
class Caps:
    """Contacts within DAYS, this one included; 0 means no limit."""

    per_stakeholder: int = 2
    per_customer: int = 6


def over_cap(
    session: Session,
    *,
    stakeholder_id: int | None,
    customer_id: int | None,
    at: datetime,
    caps: Limits,
) -> str | None:
    """Words why one more contact at `at` is too many; None when it is not.

    Exact only for who calls `hold` before, and `reserve` after, in the same transaction: then nobody else
    can count the same free place.
    """
    return next(
        (
            f"{cap.whom} was contacted {plural(len(cap.times), 'time')} within {DAYS} days; "
            f"{cap.limit} {LIMIT}"
            for cap in _counted(session, stakeholder_id, customer_id, at, caps)
            if len(cap.times) >= cap.limit
        ),
        None,
    )


def free_at(
    session: Session,
    *,
    stakeholder_id: int | None,
    customer_id: int | None,
    at: datetime,
    caps: Limits,
) -> datetime:
    """The first moment from `at` on when one more contact is within the caps, as things stand."""
    # One microsecond more, as the window is closed at both ends.
    span = timedelta(days=DAYS, microseconds=1)
    full = [
        cap
        for cap in _counted(session, stakeholder_id, customer_id, at, caps)
        if len(cap.times) >= cap.limit
    ]
    return max([at, *(cap.times[-cap.limit] + span for cap in full)])


def reserve(session: Session, outbox_row: OutboxMail, now: datetime) -> None:
    """Count this mail from now on, in the transaction that marks it as on the wire."""
    if outbox_row.customer_id is None:
        return  # a colleague's digest or a test mail contacts no customer
    touch = session.scalar(select(Touch).where(Touch.outbox_id == outbox_row.id))
    if touch is None:
        touch = Touch(
            customer_id=outbox_row.customer_id,
            stakeholder_id=outbox_row.stakeholder_id,
            channel="mail",
            kind=outbox_row.kind,
            what=outbox_row.subject[:300],
            outbox_id=outbox_row.id,
            by_id=outbox_row.approved_by,
            at=now,
        )
        session.add(touch)
    touch.at, touch.released_at = now, None
    session.flush()  # the next count in this transaction is a query


def release(session: Session, outbox_id: int, now: datetime) -> None:
    """The provider refused the mail: it does not count. Asked twice is as asked once."""
    touch = session.scalar(
        select(Touch).where(Touch.outbox_id == outbox_id, Touch.released_at.is_(None))
    )
    if touch is not None:
        touch.released_at = now
        session.flush()  # as above


def hold(session: Session, stakeholder_id: int | None, customer_id: int | None) -> None:
    """Lock what contacts are counted for. Always the stakeholder first, so that two who hold one each cannot wait for each other.

    `key_share` leaves room for the check of foreign keys: a full lock would wait for everybody who has
    just added a row that points here, and two of those for each other.
    """
    for table, number in ((Stakeholder, stakeholder_id), (Customer, customer_id)):
        if number is not None:
            session.execute(
                select(table.id).where(table.id == number).with_for_update(key_share=True)
            )


@dataclass(frozen=True)
class _Cap:
    whom: str
    limit: int
    times: list[datetime]
    """Of the contacts within the days before and after, oldest first."""


def _counted(
    session: Session,
    stakeholder_id: int | None,
    customer_id: int | None,
    at: datetime,
    caps: Limits,
) -> list[_Cap]:
    found: list[_Cap] = []
    if stakeholder_id is not None and caps.per_stakeholder > 0:
        times = _times(session, "stakeholder_id", stakeholder_id, at)
        found.append(_Cap("This person", caps.per_stakeholder, times))
    if customer_id is not None and caps.per_customer > 0:
        times = _times(session, "customer_id", customer_id, at)
        found.append(_Cap("This customer", caps.per_customer, times))
    return found


def _times(session: Session, whose: str, number: int, at: datetime) -> list[datetime]:
    """Later ones count too: clocks of two servers differ, and a meeting may be entered ahead."""
    span = timedelta(days=DAYS)
    return list(
        session.scalars(
            select(Touch.at)
            .where(
                _counts(Touch, whose, number, at - span, at + span),
                ~_told_of_a_call(whose, number, at - span, at + span),
            )
            .order_by(Touch.at)
        )
    )


def _counts(
    touch: type[Touch], whose: str, number: int, since: datetime, until: datetime
) -> ColumnElement[bool]:
    return and_(
        getattr(touch, whose) == number,
        touch.released_at.is_(None),
        touch.at.between(since, until),
        touch.kind.not_in(ASKED_FOR),
    )


_CALL = aliased(Touch)


def _told_of_a_call(
    whose: str, number: int, since: datetime, until: datetime
) -> ColumnElement[bool]:
    """Somebody said of what a campaign rule found that they were in contact, and the call that was planned for it
    counts already: that is one contact."""
    planned = or_(
        Task.id == RuleFiring.task_id,
        and_(Task.source == "risk", Task.source_id == RuleFiring.signal_id),
    )
    return and_(
        Touch.channel == "call",
        exists().where(
            RuleFiring.customer_id == Touch.customer_id,
            RuleFiring.contacted_at == Touch.at,
            planned,
            Task.customer_id == Touch.customer_id,
            Task.state == "done",
            Task.done_at == _CALL.at,
            _CALL.id != Touch.id,
            _CALL.channel == "call",
            _counts(_CALL, whose, number, since, until),
        ),
    )
