"""Tickets as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.export import to_csv, to_xlsx
from services.tickets.levels import overrides
from services.tickets.listing import listing
from services.tickets.records import (
    FOLLOW_UP_WORDS,
    LEVEL_WORDS,
    MOST_ROWS,
    SEVERITY_WORDS,
    STATE_WORDS,
    Filters,
    TicketRow,
)

_SCHEMA: dict[str, Any] = {
    "Ticket": pl.String,
    "Desk": pl.String,
    "Subject": pl.String,
    "Customer": pl.String,
    "Requester": pl.String,
    "State": pl.String,
    "Severity": pl.String,
    "Level": pl.String,
    "Points": pl.Int64,
    "Overridden": pl.Boolean,
    "Follow-up": pl.String,
    "Satisfaction": pl.String,
    "Tone": pl.String,
    "Reopened": pl.Int64,
    "People": pl.Int64,
    "Escalated to": pl.String,
    "Opened": pl.Datetime("us", "UTC"),
    "Solved": pl.Datetime("us", "UTC"),
    "Hours open": pl.Float64,
}
_OVERRIDES: dict[str, Any] = {
    "Ticket": pl.String,
    "Subject": pl.String,
    "Customer": pl.String,
    "Points": pl.Int64,
    "Rubric": pl.String,
    "Level": pl.String,
    "Why": pl.String,
    "By": pl.String,
    "At": pl.Datetime("us", "UTC"),
}


def download_tickets(
    session: Session, by: Viewer, now: datetime, *, filters: Filters, form: str = "xlsx"
) -> bytes:
    """All tickets that fit the filters, up to MOST_ROWS; `form` is 'xlsx' or 'csv'."""
    found = listing(session, by, now, filters=filters, limit=MOST_ROWS)
    frame = pl.DataFrame([_line(row) for row in found.rows], schema=_SCHEMA, orient="row")
    return _file(frame, f"Tickets {now.astimezone(UTC):%Y-%m-%d}", form)


def download_overrides(session: Session, by: Viewer, now: datetime, *, form: str = "xlsx") -> bytes:
    """Every level that a person set, with the reason."""
    lines = [
        (
            one.number, one.subject, one.customer, one.points, LEVEL_WORDS[one.rule_level],
            LEVEL_WORDS[one.level], one.why, one.by, one.at,
        )
        for one in overrides(session, by, now).rows
    ]  # fmt: skip
    frame = pl.DataFrame(lines, schema=_OVERRIDES, orient="row")
    return _file(frame, f"Overrides {now.astimezone(UTC):%Y-%m-%d}", form)


def _line(row: TicketRow) -> tuple[Any, ...]:
    return (
        row.number,
        row.desk,
        row.subject,
        row.customer,
        row.requester,
        STATE_WORDS[row.state],
        SEVERITY_WORDS.get(row.severity or ""),
        LEVEL_WORDS.get(row.level or ""),
        row.points,
        row.overridden,
        FOLLOW_UP_WORDS[row.follow_up],
        row.csat,
        row.sentiment,
        row.reopens,
        row.people,
        row.escalated_to,
        row.opened_at,
        row.solved_at,
        None if row.hours is None else round(row.hours, 1),
    )


def _file(frame: pl.DataFrame, title: str, form: str) -> bytes:
    return to_csv(frame) if form == "csv" else to_xlsx(frame, title=title)
