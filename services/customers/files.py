"""A customer or contacts file from bytes to the database: read aside, previewed, loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, FileRefused
from data.tables import SavedMapping
from integrations.formats.fields import CANONICAL_FIELDS, JOINER, LATER, map_columns, with_later
from integrations.formats.records import ParsedFile
from integrations.sandbox import read_file
from services.access import Viewer
from services.customers.customer_plan import plan_customers
from services.customers.plan import ImportResult, Plan, apply, rejected_rows
from services.customers.stakeholder_plan import plan_stakeholders

PURPOSES = ("customers", "stakeholders")
LARGEST_MB = 50
"""A quarter of a million customers. The file is read in the request of the person who waits for it."""
_PEOPLE = {"first_name", "last_name", "email"}
_OF_PEOPLE = (
    "The rows of this file seem to be people. To load them with their addresses, choose Stakeholders; "
    "as customers, only their companies are read."
)
Mapped = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Source:
    """A file and what was chosen for it: `purpose` of PURPOSES, a mapping of fields to columns when the
    automatic one does not do, `day_first` for dates such as 03/04/2026."""

    body: bytes
    purpose: str
    mapping: Mapped | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class Preview:
    """What loading the file would do. While `needs_mapping`, there are no counts or rows yet.

    `rows`: line, name, verdict, note, changes. `rejected`: the file's cells of rejected rows and the
    reason. `fields`: canonical field, label, required; `mapping`: canonical field, column.
    """

    purpose: str
    label: str
    records: int
    counts: dict[str, int]
    rows: pl.DataFrame
    rejected: pl.DataFrame
    warnings: tuple[str, ...]
    columns: tuple[str, ...]
    fields: tuple[tuple[str, str, bool], ...]
    mapping: Mapped
    sample: tuple[tuple[str, ...], ...]
    needs_mapping: bool
    dates_ambiguous: bool

    def as_dict(self) -> dict[str, object]:
        """For programs: the counts, and the rows that have a note, at most 1,000."""
        told = self.rows.drop_nulls("note").head(1_000)
        return {
            "kind": self.purpose,
            "format": self.label,
            "records": self.records,
            **self.counts,
            "rows": told.select("line", "name", "verdict", "note").to_dicts(),
        }


def preview_file(session: Session, by: Viewer, source: Source) -> Preview:
    """FileRefused when the file as a whole cannot be used. Writes nothing."""
    parsed = _parsed(session, source)
    plan = None if parsed.needs_mapping else _plan(session, parsed, by, source)
    fields = CANONICAL_FIELDS[source.purpose]
    empty = pl.DataFrame()
    return Preview(
        purpose=source.purpose,
        label=parsed.label,
        records=parsed.records,
        counts=plan.counts if plan else {},
        rows=plan.rows.drop("id") if plan else empty,
        rejected=rejected_rows(parsed.rows, plan.rows) if plan else empty,
        warnings=(*parsed.warnings, *_other_purpose(parsed, source.purpose)),
        columns=parsed.columns,
        fields=tuple((name, field.label, field.required) for name, field in fields.items()),
        mapping=tuple(parsed.mapping.items()),
        sample=parsed.sample,
        needs_mapping=parsed.needs_mapping,
        dates_ambiguous=bool(plan and plan.dates_ambiguous),
    )


def load_file(
    source: Source,
    *,
    by: Viewer,
    now: datetime,
    within: Callable[..., AbstractContextManager[None]] | None = None,
) -> ImportResult:
    """Read, then import in one transaction of its own; a mapping chosen by hand is remembered.

    Participants must be matched again: `within` stands around the import in its transaction and does
    it (`services.uploads.rematch.rematching`).
    """
    with transaction(read_only=True) as session:
        parsed = _parsed(session, source)
    if parsed.needs_mapping:
        raise BadInput(_unmapped(parsed, source.purpose))
    with transaction() as session, within(session, now=now) if within else nullcontext():
        plan = _plan(session, parsed, by, source)
        if source.mapping:
            _remember(session, parsed, source.purpose, by, now)
        return apply(session, plan, by=by, now=now)


def _plan(session: Session, parsed: ParsedFile, by: Viewer, source: Source) -> Plan:
    if source.purpose == "customers":
        return plan_customers(session, parsed, by=by, day_first=source.day_first)
    return plan_stakeholders(session, parsed, by=by)


def _parsed(session: Session, source: Source) -> ParsedFile:
    purpose, day_first = source.purpose, source.day_first
    if purpose not in PURPOSES:
        raise BadInput("A file can be loaded as customers or as stakeholders.")
    unknown = sorted(dict(source.mapping or ()).keys() - CANONICAL_FIELDS[purpose].keys())
    if unknown:
        known = ", ".join(CANONICAL_FIELDS[purpose])
        raise BadInput(f"There is no field {', '.join(unknown)}. Map columns to any of: {known}.")
    if len(source.body) > LARGEST_MB * 1024 * 1024:
        raise FileRefused(
            f"The file has more than {LARGEST_MB} MB. Split it and load the parts one after the other."
        )
    with tempfile.TemporaryDirectory(prefix="cscx-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(source.body)
        chosen = dict(source.mapping) if source.mapping else None
        parsed = read_file(path, mapping=chosen, day_first=day_first, purpose=purpose)
        saved = None if chosen else session.get(SavedMapping, (parsed.layout_key, purpose))
        if saved and set(_columns_of(saved.mapping)) <= set(parsed.columns):
            mapping = with_later(saved.mapping, parsed.columns, purpose)
            parsed = read_file(path, mapping=mapping, day_first=day_first, purpose=purpose)
    if not parsed.needs_mapping and parsed.kind != purpose:
        raise FileRefused(
            f"This looks like {parsed.label}, not like {purpose}. Choose the other kind, or load it where it belongs."
        )
    return parsed


def _other_purpose(parsed: ParsedFile, purpose: str) -> tuple[str, ...]:
    people = map_columns(parsed.columns, "stakeholders").keys() >= _PEOPLE
    return (_OF_PEOPLE,) if people and purpose == "customers" else ()


def _columns_of(mapping: Mapping[str, str]) -> list[str]:
    return [column for columns in mapping.values() if columns for column in columns.split(JOINER)]


def _unmapped(parsed: ParsedFile, purpose: str) -> str:
    fields = CANONICAL_FIELDS[purpose]
    missing = [f.label for name, f in fields.items() if f.required and name not in parsed.mapping]
    found = ", ".join(parsed.columns[:20])
    return f"No column was recognised as {' and '.join(missing)}. The file has: {found}."


def _remember(
    session: Session, parsed: ParsedFile, purpose: str, by: Viewer, now: datetime
) -> None:
    # What somebody left open is not filled in later, as it is where nobody was asked.
    left_open = dict.fromkeys(LATER[purpose], "")
    session.merge(
        SavedMapping(
            layout_key=parsed.layout_key,
            purpose=purpose,
            mapping=left_open | dict(parsed.mapping),
            saved_by=by.person_id,
            saved_at=now,
        )
    )
