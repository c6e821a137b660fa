"""Drafts as a list: filtered, in an order that does not shift while one works through it, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Draft, DraftEvent, OutboxMail
from data.types import EPOCH
from services.access import Viewer
from services.drafts.access import approvers_of
from services.drafts.reading import seen_among
from services.drafts.records import SEVERITY_RANK, WAITING, DraftPage, DraftRow, Filters
from services.drafts.selecting import (
    ORDER,
    PLACE,
    SHOWN,
    among,
    as_listed,
    asked,
    columns,
    conditions,
    counted,
    ordered,
)
from services.drafts.wholes import carrier
from services.export import heads_of, to_csv, to_xlsx
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
    rows = {row.id: row for row in session.execute(SHOWN, {"drafts": found[:size]})}
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
    here = session.execute(PLACE, {"draft_id": after_draft}).first()
    if here is not None:
        cursor = cursor_of(here.severity, here.created_at, after_draft)
        if found := _first(session, by, filters, 1, cursor, undecided=True):
            return found[0]
    first = _first(session, by, filters, 2, undecided=True)
    return next((number for number in first if number != after_draft), None)


def _first(
    session: Session,
    by: Viewer,
    wanted: Filters,
    count: int,
    after: str | None = None,
    *,
    undecided: bool = False,
) -> Sequence[int]:
    """The ids alone of so many of the list. `undecided`: without those that `by` has approved."""
    told: dict[str, Any] = {"most": count}
    if after:
        rank, at, number = _place(after)
        told |= {"rank": -rank, "at": at, "number": number}
    found: list[Any] = []
    for query in asked(by, wanted, placed=bool(after), undecided=undecided):
        found += session.execute(query, told).all()
    if "approved" in wanted.states:  # from two places, the newest first
        found.sort(key=lambda row: (row.created_at, row.id), reverse=True)
    return [row.id for row in found[:count]]


def total(session: Session, by: Viewer, filters: Filters) -> int:
    """How many drafts fit these filters."""
    return sum(session.scalar(query) or 0 for query in counted(by, filters))


def looked_at(session: Session, by: Viewer, filters: Filters) -> list[tuple[int, int]]:
    """(id, revision) of waiting drafts within these filters that `by` has opened in this form and may
    approve: what `approve_many` takes. The order is the list's."""
    if by.person_id is None:
        return []
    owners = approvers_of(session, by)
    query = (
        among(by, filters, Draft.id, Draft.revision)
        .where(Draft.state.in_(WAITING), or_(*as_listed(filters)))
        .where(
            # By draft, for which there is an index: by person it would be all of theirs for each draft.
            exists().where(
                DraftEvent.draft_id == Draft.id,
                DraftEvent.revision == Draft.revision,
                DraftEvent.person_id == by.person_id,
            )
        )
        .order_by(ORDER, Draft.created_at, Draft.id)
        .limit(MOST_AT_ONCE)
    )
    if owners is not None:
        query = query.where(Draft.owner_id.in_(owners))
    return [(row.id, row.revision) for row in session.execute(query)]


def export(session: Session, by: Viewer, filters: Filters, *, form: str) -> bytes:
    """The whole filtered list as `csv` or `xlsx`."""
    rows = session.execute(
        ordered(columns().where(*conditions(by, filters), or_(*as_listed(filters))), filters).limit(
            MOST_EXPORTED
        )
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
    heads = heads_of(frame.columns)
    return to_csv(frame, heads) if form == "csv" else to_xlsx(frame, heads, title="Drafts")


def cursor_of(severity: str, created_at: datetime, draft_id: int) -> str:
    """The place of a draft in the list, as text."""
    micros = (created_at - EPOCH) // timedelta(microseconds=1)
    return f"{SEVERITY_RANK[severity]}.{micros}.{draft_id}"


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
