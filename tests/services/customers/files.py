"""Customer and contact files as the reader hands them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer
from integrations.formats.fields import CANONICAL_FIELDS
from integrations.formats.records import ParsedFile, no_events
from services.access import SYSTEM, Viewer
from services.customers import ImportResult, import_customers, import_stakeholders

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def parsed(purpose: str, records: Sequence[Mapping[str, str | None]]) -> ParsedFile:
    fields = list(CANONICAL_FIELDS[purpose])
    rows = pl.DataFrame(
        [[record.get(field) for field in fields] for record in records],
        schema=dict.fromkeys(fields, pl.Utf8),
        orient="row",
    ).with_columns(
        line=pl.int_range(2, 2 + len(records), dtype=pl.UInt32),
        problem=pl.lit(None, pl.Utf8),
        raw=pl.lit(None, pl.Utf8),
    )
    return ParsedFile(
        format="generic",
        label="Customer list",
        source="generic",
        kind=purpose,
        events=no_events(),
        rows=rows,
        columns=tuple(fields),
        mapping={},
        needs_mapping=False,
        sample=(),
        layout_key="k",
        warnings=(),
        records=len(records),
        blank=0,
        day_first=None,
        dates_ambiguous=False,
    )


def load(session: Session, *records: Mapping[str, str | None], by: Viewer = SYSTEM) -> ImportResult:
    return import_customers(session, parsed("customers", records), by=by, now=NOW)


def load_people(
    session: Session, *records: Mapping[str, str | None], by: Viewer = SYSTEM
) -> ImportResult:
    return import_stakeholders(session, parsed("stakeholders", records), by=by, now=NOW)


def verdicts(result: ImportResult) -> list[str]:
    return result.rows.sort("line")["verdict"].to_list()


def notes(result: ImportResult) -> list[str | None]:
    return result.rows.sort("line")["note"].to_list()


def customer(session: Session, name: str) -> Customer:
    session.expire_all()  # imports write beneath the session
    return session.scalars(select(Customer).where(Customer.name == name)).one()
