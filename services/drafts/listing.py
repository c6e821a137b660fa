"""Drafts as a list: filtered, in an order that does not shift while one works through it, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, case, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Approval, Customer, Draft, DraftEvent, OutboxMail, Person, Stakeholder
from data.types import EPOCH
from services.access import Viewer
from services.drafts.access import approvers_of, seen_by
from services.drafts.reading import seen_among
from services.drafts.records import OPEN, SEVERITY_RANK, WAITING, DraftPage, DraftRow, Filters
from services.drafts.wholes import carrier, listed, settled_within
from services.export import to_csv, to_xlsx
from services.ids import public_id

PAGE_SIZE = 25
MOST_ON_A_PAGE = 200
MOST_AT_ONCE = 10_000
MOST_EXPORTED = 50_000
_NO_PAGE = "This page of the list is not there. Begin at the first one."
_LARGEST = 2**63 - 1
"""Databases know no larger number."""
_MOMENT = pl.Datetime("us", "UTC")
EXPORTED: dict[str, Any] = {
    "id": pl.String,
    "state": pl.String,
    "severity": pl.String,
    "kind": pl.String,
    "subject": pl.String,
    "customer": pl.String,
    "recipient": pl.String,
    "owner": pl.String,
    "not_before": _MOMENT,
    "created_at": _MOMENT,
}
_ORDER = case({name: -rank for name, rank in SEVERITY_RANK.items()}, value=Draft.severity)
"""What is most severe comes first."""


def listing(
    session: Session,
    by: Viewer,
    filters: Filters | None = None,
    *,
    after: str | None = None,
    limit: int = PAGE_SIZE,
) -> DraftPage:
    """A page of the drafts that `by` sees. Those that wait: the most severe first, then the oldest; settled
    ones: the newest first. BadInput when `after` is not what an earlier page gave.
    """
    wanted = filters or Filters()
    size = min(max(limit, 1), MOST_ON_A_PAGE)
    found = _first(session, by, wanted, size + 1, after)
    # Put in order by what is in the draft alone; only those shown are told whom they are to.
    rows = {row.id: row for row in session.execute(_columns().where(Draft.id.in_(found[:size])))}
    shown = [rows[number] for number in found[:size] if number in rows]
    seen = seen_among(session, by, [row.id for row in shown])
    sending = _sending(session, [row.id for row in shown if row.state == "approved"])
    more = len(found) > size
    return DraftPage(
        tuple(_row(row, seen, sending) for row in shown),
        cursor_of(shown[-1].severity, shown[-1].created_at, shown[-1].id) if more else None,
    )


def next_waiting(session: Session, by: Viewer, filters: Filters, *, after_draft: int) -> int | None:
    """The draft that comes after this one in the list, else the first one; None when no other waits. One that
    `by` has approved and that needs somebody else as well waits for them no more."""
    open_to_me = or_(Draft.state != "second_look", ~_approved_by(by))
    here = session.execute(
        select(Draft.severity, Draft.created_at).where(Draft.id == after_draft)
    ).first()
    if here is not None:
        cursor = cursor_of(here.severity, here.created_at, after_draft)
        if found := _first(session, by, filters, 1, cursor, open_to_me):
            return found[0]
    first = _first(session, by, filters, 2, None, open_to_me)
    return next((number for number in first if number != after_draft), None)


def _first(
    session: Session,
    by: Viewer,
    wanted: Filters,
    count: int,
    after: str | None = None,
    only: ColumnElement[bool] | None = None,
) -> Sequence[int]:
    """The ids alone of so many of the list."""
    found: list[Any] = []
    for states in _as_listed(wanted):
        query = _among(by, wanted, Draft.id, Draft.created_at).where(states)
        query = _ordered(query if only is None else query.where(only), wanted, after)
        found += session.execute(query.limit(count)).all()
    if "approved" in wanted.states:  # from two places, the newest first
        found.sort(key=lambda row: (row.created_at, row.id), reverse=True)
    return [row.id for row in found[:count]]


def _as_listed(wanted: Filters) -> list[ColumnElement[bool]]:
    """What tells the drafts in the states that are asked for, in pieces that each have an index: a part of an
    approved mail is listed as that is."""
    if not wanted.states:
        return [true()]
    own = Draft.state.in_(wanted.states)
    if "approved" in wanted.states:
        return [own, settled_within() & Draft.state.not_in(wanted.states)]
    return [own & ~settled_within() if {"held", "cancelled"} & set(wanted.states) else own]


def _approved_by(by: Viewer) -> ColumnElement[bool]:
    return exists().where(
        Approval.draft_id == Draft.id,
        Approval.person_id == by.person_id,
        Approval.voided_at.is_(None),
    )


def total(session: Session, by: Viewer, filters: Filters) -> int:
    """How many drafts fit these filters."""
    count = _among(by, filters, func.count(Draft.id))
    return sum(session.scalar(count.where(states)) or 0 for states in _as_listed(filters))


def looked_at(session: Session, by: Viewer, filters: Filters) -> list[tuple[int, int]]:
    """(id, revision) of waiting drafts within these filters that `by` has opened in this form and may
    approve: what `approve_many` takes. The order is the list's."""
    if by.person_id is None:
        return []
    owners = approvers_of(session, by)
    query = (
        _among(by, filters, Draft.id, Draft.revision)
        .where(Draft.state.in_(WAITING), or_(*_as_listed(filters)))
        .where(
            # By draft, for which there is an index: by person it would be all of theirs for each draft.
            exists().where(
                DraftEvent.draft_id == Draft.id,
                DraftEvent.revision == Draft.revision,
                DraftEvent.person_id == by.person_id,
            )
        )
        .order_by(_ORDER, Draft.created_at, Draft.id)
        .limit(MOST_AT_ONCE)
    )
    if owners is not None:
        query = query.where(Draft.owner_id.in_(owners))
    return [(row.id, row.revision) for row in session.execute(query)]


def export(session: Session, by: Viewer, filters: Filters, *, form: str) -> bytes:
    """The whole filtered list as `csv` or `xlsx`."""
    rows = session.execute(
        _ordered(
            _columns().where(*_conditions(by, filters), or_(*_as_listed(filters))), filters, None
        ).limit(MOST_EXPORTED)
    ).all()
    frame = pl.DataFrame(
        [
            {
                "id": public_id("draft", row.id),
                "state": row.state,
                "severity": row.severity,
                "kind": row.kind,
                "subject": row.subject,
                "customer": row.customer,
                "recipient": f"{row.first_name} {row.last_name}".strip(),
                "owner": row.owner,
                "not_before": row.not_before,
                "created_at": row.created_at,
            }
            for row in rows
        ],
        schema=EXPORTED,
    )
    labels = {name: name.replace("_", " ").capitalize() for name in frame.columns}
    return to_csv(frame, labels) if form == "csv" else to_xlsx(frame, labels, title="Drafts")


def cursor_of(severity: str, created_at: datetime, draft_id: int) -> str:
    """The place of a draft in the list, as text."""
    micros = (created_at - EPOCH) // timedelta(microseconds=1)
    return f"{SEVERITY_RANK[severity]}.{micros}.{draft_id}"


def _columns() -> Any:
    d = Draft
    return (
        select(
            d.id, d.revision, listed().label("state"), d.kind, d.severity, d.subject, d.customer_id, d.not_before,
            d.expires_at, d.created_at, Customer.name.label("customer"), Person.name.label("owner"),
            Stakeholder.first_name, Stakeholder.last_name,
        )
        .join(Customer, Customer.id == d.customer_id)
        .join(Stakeholder, Stakeholder.id == d.stakeholder_id)
        .outerjoin(Person, Person.id == d.owner_id)
    )  # fmt: skip


def _among(by: Viewer, wanted: Filters, *columns: Any) -> Any:
    """These columns of the drafts that fit, joined with no more than what the filters look at: where 10,000
    wait, each table more is looked into as often."""
    query = select(*columns).select_from(Draft)
    everything = by.sees_all and by.lens is None
    if wanted.search.strip() or not (_own(by, wanted) or everything):
        query = query.join(Customer, Customer.id == Draft.customer_id)
    if wanted.search.strip():
        query = query.join(Stakeholder, Stakeholder.id == Draft.stakeholder_id)
    return query.where(*_conditions(by, wanted))


def _own(by: Viewer, wanted: Filters) -> bool:
    """Only drafts of `by`, who sees these whosever the customer is."""
    return wanted.mine and by.person_id is not None and by.person_id in by.desks


def _conditions(by: Viewer, wanted: Filters) -> list[ColumnElement[bool]]:
    found = [true() if _own(by, wanted) else seen_by(by)]
    exact = (
        (Draft.kind, wanted.kind),
        (Draft.customer_id, wanted.customer_id),
        (Draft.severity, wanted.severity),
        (Draft.owner_id, by.person_id if wanted.mine else wanted.owner_id),
    )
    found += [column == value for column, value in exact if value is not None]
    if words := wanted.search.strip()[:100]:
        parts = (Draft.subject, Customer.name, Stakeholder.first_name, Stakeholder.last_name)
        found.append(or_(*(part.icontains(words, autoescape=True) for part in parts)))
    return found


def _ordered(query: Any, wanted: Filters, after: str | None) -> Any:
    place = _place(after) if after else None
    if set(wanted.states) and set(wanted.states) <= set(OPEN):
        order: tuple[Any, ...] = (_ORDER, Draft.created_at, Draft.id)
        if place:
            query = query.where(tuple_(*order) > (-place[0], place[1], place[2]))
        return query.order_by(*order)
    if place:
        query = query.where(tuple_(Draft.created_at, Draft.id) < (place[1], place[2]))
    return query.order_by(Draft.created_at.desc(), Draft.id.desc())


def _place(cursor: str) -> tuple[int, datetime, int]:
    try:
        rank, micros, number = (int(part) for part in cursor.split("."))
        place = rank, EPOCH + timedelta(microseconds=micros), number
    except (ValueError, OverflowError):
        raise BadInput(_NO_PAGE) from None
    if max(abs(rank), abs(number)) > _LARGEST:
        raise BadInput(_NO_PAGE)
    return place


def _sending(session: Session, draft_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(Draft.id, OutboxMail.state)
        .join(OutboxMail, OutboxMail.draft_id == carrier())
        .where(Draft.id.in_(draft_ids), OutboxMail.state != "cancelled")
        .order_by(OutboxMail.id)
    )
    return dict(rows.all())


def _row(row: Any, seen: set[int], sending: dict[int, str]) -> DraftRow:
    return DraftRow(
        id=row.id,
        revision=row.revision,
        state=row.state,
        kind=row.kind,
        severity=row.severity,
        subject=row.subject,
        customer_id=row.customer_id,
        customer=row.customer,
        recipient=f"{row.first_name} {row.last_name}".strip(),
        owner=row.owner,
        not_before=row.not_before,
        expires_at=row.expires_at,
        created_at=row.created_at,
        seen=row.id in seen,
        sending=sending.get(row.id),
    )
