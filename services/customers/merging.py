"""Two records of one customer made into one, and apart again.

The one that goes is deleted; all of it is kept in the audit entry, so that it can come back. Callers
stand `services.uploads.rematch.rematching` around both, so that matches and scores follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, delete, func, insert, select, update
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import (
    AuditEntry,
    Customer,
    CustomerDomain,
    CustomerName,
    CustomerScore,
    Participant,
    Person,
)
from data.tables.base import Base
from data.versions import ATTENDANCE, FACTS, MATCHING, bump
from services.access import ADMINISTRATOR, MANAGER, Viewer, audit, require_customer, require_role
from services.customers import (
    former,
    merge_answers,
    merge_fields,
    merge_opportunities,
    merge_signals,
    merge_twins,
)
from services.customers.arr import arr_of, note_lowered
from services.customers.merge_parents import rejoin, take_over

MERGED, UNMERGED = "customer.merged", "customer.unmerged"
_OWN_WAY = {"customer", "customer_domain", "customer_name", "customer_score", "participant"}
"""Tables that refer to customers and are not moved row by row."""
_WORDS = {
    "stakeholder": "stakeholders",
    "customer_identifier": "further identifiers",
    "match_answer": "answers of the match review",
    "timeline_entry": "timeline entries",
    "inbound_mail": "replies",
    "outbox": "mails",
    "touch": "contacts made",
    "risk_signal": "risk signals",
    "opportunity": "advocacy opportunities",
    "health_change": "changes of health",
    "rule_firing": "actions of campaign rules",
    "ticket_follow_up": "follow-ups of tickets",
}


@dataclass(frozen=True)
class MergePreview:
    """`moves`: what goes over, as (words, count). `fills`: fields that the one that stays gets, as (label,
    value). `drops`: where both say something, as (label, what stays, what is lost)."""

    kept: str
    gone: str
    moves: tuple[tuple[str, int], ...]
    fills: tuple[tuple[str, str], ...]
    drops: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Merge:
    """A merge that can be taken back. `id` is that of its audit entry."""

    id: int
    name: str
    at: datetime
    by: str | None


def preview_merge(session: Session, by: Viewer, customer_id: int, other_id: int) -> MergePreview:
    """What `merge` would do."""
    kept, gone = _pair(session, by, customer_id, other_id)
    counted = [
        (_WORDS.get(column.table.name, f"{column.table.name}s").replace("_", " "), column)
        for column in _movable()
    ]
    own: list[tuple[str, Any]] = [
        ("domains", CustomerDomain.customer_id),
        ("other names", CustomerName.customer_id),
        ("people seen at events", Participant.customer_id),
        ("customers below it", Customer.parent_id),
    ]
    moves = [
        (words, session.scalar(select(func.count()).where(column == gone.id)) or 0)
        for words, column in own + counted
    ]
    return MergePreview(
        kept.name,
        gone.name,
        tuple(move for move in moves if move[1]),
        *merge_fields.told(kept, gone),
    )


def merge(session: Session, customer_id: int, other_id: int, *, by: Viewer, now: datetime) -> int:
    """Move everything of `other_id` to `customer_id` and delete it; the id of the audit entry.

    What the one that stays says of itself wins; what it leaves open is filled in. Managers and admins.
    """
    kept, gone = _pair(session, by, customer_id, other_id)
    detail: dict[str, Any] = {"gone": merge_fields.image(gone)}
    detail["names"], detail["added_names"] = _move_texts(
        session, CustomerName.name, gone, kept, also=gone.name
    )
    detail["domains"], detail["added_domains"] = _move_texts(
        session, CustomerDomain.domain, gone, kept
    )
    detail["signals"] = merge_signals.keep_one_open(session, kept, gone, now)
    detail["opportunities"] = merge_opportunities.keep_one(session, kept, gone.id, by, now)
    detail["follow_ups"] = merge_twins.drop(session, gone.id, kept.id)
    detail["moved"] = {
        _name(column): _move(session, column, gone.id, kept.id) for column in _movable()
    }
    detail["withdrawn"] = merge_answers.settle(session, kept.id, by, now)
    detail["family"] = take_over(session, kept, gone)
    detail["former"] = former.remember(session, kept, gone, by, now)
    if was := arr_of(session, [gone.id], now)[gone.id].highest:
        left = [(kept.id, was, kept.arr if kept.arr is not None else gone.arr)]
        note_lowered(session, left, by=by, now=now, how=", that of a merged one")
    detail["filled"] = merge_fields.fill(session, kept, gone)
    kept.updated_at = now
    session.execute(
        update(Participant).where(Participant.customer_id == gone.id).values(customer_id=kept.id)
    )
    session.execute(delete(CustomerScore).where(CustomerScore.customer_id == gone.id))
    session.flush()
    session.execute(delete(Customer).where(Customer.id == gone.id))
    session.expunge(gone)
    audit(session, by, MERGED, "customer", kept.id, gone.name, now, detail=detail)
    bump(session, ATTENDANCE, FACTS, MATCHING)
    session.flush()
    return standing(session, kept.id)[0].id


def unmerge(session: Session, entry_id: int, *, by: Viewer, now: datetime) -> int:
    """Take a merge back; the id of the customer that is there again (a new one if its old id is taken).

    What moved and still is where it was moved to goes back; what came since stays where it came.
    """
    require_role(by, ADMINISTRATOR, MANAGER)
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.action != MERGED or entry.entity_id is None:
        raise NotFound("There is no such merge. Reload the page.")
    kept = require_customer(session, by, entry.entity_id)
    if entry_id not in {row.id for row in standing(session, kept.id)}:
        raise InvalidMove("This merge has been taken back already.")
    detail = entry.detail or {}
    arr = kept.arr
    merge_fields.empty_again(session, kept, detail["filled"])
    if arr is not None:  # what was written meanwhile stays, and was written for that much
        note_lowered(session, [(kept.id, arr, kept.arr)], by=by, now=now)
    number = merge_fields.revive(session, detail["gone"])
    for text, added, every in (
        (CustomerName.name, detail["added_names"], detail["names"]),
        (CustomerDomain.domain, detail["added_domains"], detail["domains"]),
    ):
        _texts_back(session, text, added, every, {kept.id: number})
    for column in _movable():
        _move_back(session, column, detail["moved"].get(_name(column), []), kept.id, number)
    merge_answers.reinstate(session, detail["withdrawn"])
    closed = [(int(number), str(state)) for number, state in detail.get("signals", [])]
    merge_signals.open_again(session, closed, number, now)
    merge_opportunities.restore(session, detail.get("opportunities", []), by, now)
    merge_twins.bring_back(session, detail.get("follow_ups", []), number)
    rejoin(session, kept, number, detail["family"])
    former.forget(session, detail["former"], number, by, now)
    audit(session, by, UNMERGED, "customer", kept.id, entry.what, now, detail={"entry": entry_id})
    bump(session, FACTS, MATCHING)
    return number


def merges(session: Session, by: Viewer, customer_id: int) -> list[Merge]:
    """What was merged into a customer and can be taken back, newest first."""
    require_customer(session, by, customer_id)
    found = []
    for row in standing(session, customer_id):
        person = session.get(Person, row.person_id) if row.person_id else None
        found.append(Merge(row.id, row.what, row.at, person.name if person else None))
    return found


def merged_ids(session: Session, customer_id: int) -> list[int]:
    """Former ids of what is part of this customer now: their history is its history."""
    return [row.detail["gone"]["id"] for row in standing(session, customer_id) if row.detail]


def standing(session: Session, customer_id: int) -> list[AuditEntry]:
    """Its merges that were not taken back, the newest first."""
    entries = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.entity == "customer",
            AuditEntry.entity_id == customer_id,
            AuditEntry.action.in_((MERGED, UNMERGED)),
        )
        .order_by(AuditEntry.id.desc())
    ).all()
    undone = {(row.detail or {}).get("entry") for row in entries if row.action == UNMERGED}
    return [row for row in entries if row.action == MERGED and row.id not in undone]


def _pair(
    session: Session, by: Viewer, customer_id: int, other_id: int
) -> tuple[Customer, Customer]:
    require_role(by, ADMINISTRATOR, MANAGER)
    if customer_id == other_id:
        raise BadInput("Choose another customer: this is the same one.")
    kept, gone = (require_customer(session, by, number) for number in (customer_id, other_id))
    # In the order of their ids, so that two who merge the same pair wait for each other in turn.
    locked = select(Customer.id).where(Customer.id.in_((kept.id, gone.id))).order_by(Customer.id)
    session.execute(locked.with_for_update())
    return kept, gone


def _movable() -> list[Column[Any]]:
    """Columns that say whose a row is; tables of features that do not exist yet come by themselves."""
    return [
        column
        for table in Base.metadata.sorted_tables
        if table.name not in _OWN_WAY
        for column in table.columns
        if any(key.column is Customer.__table__.c.id for key in column.foreign_keys)
    ]


def _name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def _key(column: Column[Any]) -> Column[Any]:
    table = column.table
    assert isinstance(table, Table)
    (key,) = table.primary_key.columns
    return key


def _move(session: Session, column: Column[Any], gone: int, kept: int) -> list[Any]:
    """The keys of the rows that moved."""
    keys = list(session.scalars(select(_key(column)).where(column == gone)))
    session.execute(
        update(column.table)  # type: ignore[arg-type]
        .where(column == gone)
        .values({column.name: kept})
        .execution_options(synchronize_session=False)
    )
    return keys


def _move_back(
    session: Session, column: Column[Any], keys: list[Any], kept: int, back: int
) -> None:
    for start in range(0, len(keys), 500):  # below every driver's limit of parameters
        some = _key(column).in_(keys[start : start + 500])
        statement = update(column.table).where(some, column == kept).values({column.name: back})  # type: ignore[arg-type]
        session.execute(statement)


def _texts_back(
    session: Session, text: Any, added: list[str], every: list[str], back: dict[int, int]
) -> None:
    """Names or domains: those that were new to the one go, the other has all of its own again."""
    table: Any = text.class_
    ((kept, number),) = back.items()
    session.execute(delete(table).where(table.customer_id == kept, text.in_(added)))
    if every:
        rows = [{"customer_id": number, text.key: one} for one in every]
        session.execute(insert(table), rows)


def _move_texts(
    session: Session, text: Any, gone: Customer, kept: Customer, *, also: str | None = None
) -> tuple[list[str], list[str]]:
    """Names or domains: those that the one had, and those that are new to the other."""
    table = text.class_
    had, has = (
        [str(one) for one in session.scalars(select(text).where(table.customer_id == number))]
        for number in (gone.id, kept.id)
    )
    wanted = dict.fromkeys([*had, *([also] if also else [])])
    added = [str(one) for one in wanted if one not in has and (not also or one != kept.name)]
    session.execute(delete(table).where(table.customer_id == gone.id))
    if added:
        session.execute(insert(table), [{"customer_id": kept.id, text.key: one} for one in added])
    return had, added
