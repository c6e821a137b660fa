"""The send queue as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Customer, Mailbox, OutboxEvent, OutboxMail, Person, Stakeholder
from services.access import Viewer, visible
from services.export import to_csv, to_xlsx
from services.ids import public_id
from services.outbox.policy import QUIET, SendPolicy, load
from services.outbox.quiet import open_at
from services.outbox.rests import Rest, rests

PAGE_SIZE, MOST = 50, 200
MOST_EXPORTED = 50_000
GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": ("queued", "claimed", "wire", "unknown"),
    "stuck": ("review", "failed", "blocked"),
    "sent": ("sent",),
    "cancelled": ("cancelled",),
}
_NEXT_FIRST = ("queued", "claimed", "wire", "unknown")


@dataclass(frozen=True)
class QueueFilters:
    """`group` is a key of GROUPS, `search` looks in subjects, recipients and customers."""

    group: str = "waiting"
    mailbox_id: int | None = None
    customer_id: int | None = None
    search: str = ""


@dataclass(frozen=True)
class QueueRow:
    """`reason`: why it waits, failed or was blocked; `until`: when that is over, where it is known and to
    come. `paused`: what a person has to do before its mailbox sends anything. `due_at`: when it leaves, a rest of
    its mailbox and quiet hours of the recipient included."""

    id: int
    state: str
    subject: str
    recipient: str
    customer: str
    customer_id: int | None
    mailbox: str
    kind: str
    due_at: datetime
    wire_at: datetime | None
    sent_at: datetime | None
    attempts: int
    reason: str
    until: datetime | None
    paused: str
    draft_id: int | None


@dataclass(frozen=True)
class QueueView:
    """One message with its history: (when, to which state, why, by whom)."""

    row: QueueRow
    reply: str
    history: tuple[tuple[datetime, str, str, str], ...]


def seen_by(by: Viewer) -> ColumnElement[bool]:
    """The condition on OutboxMail for what `by` may see: their customers' mail, and their own."""
    if by.sees_all:
        return true()
    theirs = select(Customer.id).where(visible(by))
    return or_(OutboxMail.owner_id == by.person_id, OutboxMail.customer_id.in_(theirs))


def counts(session: Session, by: Viewer) -> dict[str, int]:
    """How many messages each group of GROUPS holds."""
    rows = session.execute(
        select(OutboxMail.state, func.count().label("number"))
        .where(seen_by(by))
        .group_by(OutboxMail.state)
    )
    found = {row.state: row.number for row in rows}
    return {name: sum(found.get(state, 0) for state in states) for name, states in GROUPS.items()}


def listing(
    session: Session,
    by: Viewer,
    filters: QueueFilters | None = None,
    *,
    now: datetime,
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> tuple[list[QueueRow], int]:
    """A page of what `by` sees, and how many there are: what waits in the order it leaves, else the
    newest first."""
    wanted = filters or QueueFilters()
    # Of thousands before this page, and of those to count, no more is read than what puts them in order.
    page = _ordered(_among(by, wanted, OutboxMail.id), wanted)
    shown = session.scalars(page.offset(max(offset, 0)).limit(min(max(limit, 1), MOST))).all()
    rows = session.execute(_ordered(_columns().where(OutboxMail.id.in_(shown)), wanted)).all()
    return _rows(session, rows, now), total(session, by, wanted)


def total(session: Session, by: Viewer, filters: QueueFilters) -> int:
    """How many messages there are that fit."""
    return session.scalar(_among(by, filters, func.count(OutboxMail.id))) or 0


def view(session: Session, by: Viewer, outbox_id: int, *, now: datetime) -> QueueView:
    """One message. NotFound in the same words whether it is unknown or somebody else's."""
    found = session.execute(
        _columns().add_columns(OutboxMail.reply).where(OutboxMail.id == outbox_id, seen_by(by))
    ).first()
    if found is None:
        raise NotFound("There is no such message in your send queue.")
    events = session.execute(
        select(OutboxEvent.at, OutboxEvent.to_state, OutboxEvent.why, Person.name)
        .outerjoin(Person, Person.id == OutboxEvent.person_id)
        .where(OutboxEvent.outbox_id == outbox_id)
        .order_by(OutboxEvent.id.desc())
        .limit(MOST)
    )
    history = tuple((e.at, e.to_state, e.why or "", e.name or "") for e in events)
    (row,) = _rows(session, [found], now)
    return QueueView(row, found.reply or "", history)


def export(
    session: Session,
    by: Viewer,
    filters: QueueFilters | None = None,
    *,
    now: datetime,
    form: str = "xlsx",
) -> bytes:
    """Everything the filters let through, MOST_EXPORTED at most."""
    wanted = filters or QueueFilters()
    rows = session.execute(
        _ordered(_columns().where(*_conditions(by, wanted)), wanted).limit(MOST_EXPORTED)
    )
    frame = _frame(_rows(session, rows.all(), now))
    return to_csv(frame) if form == "csv" else to_xlsx(frame, title="Send queue")


def _frame(rows: Sequence[QueueRow]) -> pl.DataFrame:
    moment, text = pl.Datetime("us", "UTC"), pl.String
    kinds: dict[str, Any] = {
        "id": text, "state": text, "subject": text, "recipient": text, "customer": text,
        "mailbox": text, "kind": text, "due_at": moment, "sent_at": moment,
        "attempts": pl.Int64, "reason": text, "until": moment,
    }  # fmt: skip
    made = [{name: getattr(row, name) for name in kinds} for row in rows]
    for one, row in zip(made, rows, strict=True):
        one |= {"id": public_id("outbox", row.id), "reason": row.paused or row.reason}
    return pl.DataFrame(made, schema=kinds)


def _among(by: Viewer, wanted: QueueFilters, *columns: Any) -> Select[*tuple[Any, ...]]:
    """These columns of the messages that fit, joined with no more than what the filters look at."""
    query = select(*columns).select_from(OutboxMail)
    if wanted.search.strip():
        query = query.outerjoin(Customer, Customer.id == OutboxMail.customer_id)
    return query.where(*_conditions(by, wanted))


def _columns() -> Select[*tuple[Any, ...]]:
    o = OutboxMail
    return (
        select(
            o.id, o.state, o.subject, o.recipient, o.customer_id, o.kind, o.due_at, o.wire_at,
            o.sent_at, o.attempts, o.reason, o.draft_id,
            Customer.name.label("customer"), Mailbox.address, Stakeholder.first_name,
            Stakeholder.last_name, o.stakeholder_id, o.mailbox_id,
            func.coalesce(func.nullif(Stakeholder.time_zone, ""), Customer.time_zone).label("zone"),
        )
        .join(Mailbox, Mailbox.id == o.mailbox_id)
        .outerjoin(Customer, Customer.id == o.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == o.stakeholder_id)
    )  # fmt: skip


def _ordered(query: Select[*tuple[Any, ...]], wanted: QueueFilters) -> Select[*tuple[Any, ...]]:
    if GROUPS.get(wanted.group, _NEXT_FIRST) == _NEXT_FIRST:
        return query.order_by(OutboxMail.due_at, OutboxMail.id)
    return query.order_by(OutboxMail.updated_at.desc(), OutboxMail.id.desc())


def _conditions(by: Viewer, wanted: QueueFilters) -> list[ColumnElement[bool]]:
    states = GROUPS.get(wanted.group, _NEXT_FIRST)
    found = [seen_by(by), OutboxMail.state.in_(states)]
    if wanted.mailbox_id is not None:
        found.append(OutboxMail.mailbox_id == wanted.mailbox_id)
    if wanted.customer_id is not None:
        found.append(OutboxMail.customer_id == wanted.customer_id)
    words = wanted.search.strip().lower()
    if words:
        places = (OutboxMail.subject, OutboxMail.recipient, Customer.name)
        found.append(or_(*(func.lower(p).contains(words, autoescape=True) for p in places)))
    return found


def _rows(session: Session, rows: Sequence[Any], now: datetime) -> list[QueueRow]:
    policy = load(session)
    waiting = {row.mailbox_id for row in rows if row.state == "queued"}
    resting = rests(session, waiting, policy, now) if waiting else {}
    return [_row(row, policy, resting, now) for row in rows]


def _row(row: Any, policy: SendPolicy, resting: Mapping[int, Rest], now: datetime) -> QueueRow:
    name = f"{row.first_name or ''} {row.last_name or ''}".strip()
    rest = resting.get(row.mailbox_id) if row.state == "queued" else None
    leaves, why = _leaves(row, policy, rest, now)
    return QueueRow(
        id=row.id,
        state=row.state,
        subject=row.subject,
        recipient=f"{name} <{row.recipient}>" if name else row.recipient,
        customer=row.customer or "",
        customer_id=row.customer_id,
        mailbox=row.address,
        kind=row.kind,
        due_at=leaves,
        wire_at=row.wire_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        reason=why,
        until=leaves if why and row.state == "queued" and leaves > now else None,
        paused=rest.why if rest and rest.until is None else "",
        draft_id=row.draft_id,
    )


def _leaves(row: Any, policy: SendPolicy, rest: Rest | None, now: datetime) -> tuple[datetime, str]:
    """When one that waits leaves by the rules of now, and why not before. What is due is kept without them:
    they may be changed until then. Of two things in its way the one that lasts longer is told."""
    if row.state != "queued":
        return row.due_at, row.reason or ""
    due, why = row.due_at, row.reason or ""
    behind = rest is not None and rest.until is not None and rest.until > due
    if rest and rest.until and behind:
        due, why = rest.until, rest.why
    if row.customer_id is None and row.stakeholder_id is None:
        return due, why
    earliest = max(due, now)
    opens = open_at(earliest, row.zone, policy)
    if opens == earliest:
        return due, why
    return opens, QUIET if behind or not why else why
