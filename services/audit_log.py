"""The audit log as admins read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import AuditEntry, Person
from services.access.audit import audit
from services.access.day import zone_of
from services.access.viewer import ADMINISTRATOR, Viewer, require_role
from services.export import to_csv, to_xlsx
from services.ids import PREFIXES

MOST = 500
MOST_EXPORTED = 200_000
APP = "The app"
SCHEMA = {
    "id": pl.Int64,
    "at": pl.Datetime("us", "UTC"),
    "person": pl.String,
    "action": pl.String,
    "entity": pl.String,
    "entity_id": pl.Int64,
    "what": pl.String,
    "detail": pl.String,
}
HEADS = {
    "at": "When (UTC)",
    "person": "Who",
    "action": "Did",
    "record": "Record",
    "what": "What",
    "detail": "Detail",
}


@dataclass(frozen=True)
class Filters:
    """All that are given hold together. `since` and `until` are days of the reader's zone, both included;
    `noun` is what the action begins with ("token"), `record` an id as people see it ("cus_42")."""

    person_id: int | None = None
    noun: str | None = None
    record: str | None = None
    since: date | None = None
    until: date | None = None
    words: str | None = None


@dataclass(frozen=True)
class Page:
    """`rows` has the columns of HEADS, newest first; `total` counts all that fit."""

    rows: pl.DataFrame
    total: int


def listing(
    session: Session, by: Viewer, filters: Filters, *, offset: int = 0, limit: int = 100
) -> Page:
    """What people did, and what the app did by itself. Admins only."""
    require_role(by, ADMINISTRATOR)
    conditions = _conditions(session, by, filters)
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0
    newest = _rows(conditions).offset(max(offset, 0)).limit(min(max(limit, 1), MOST))
    return Page(_worded(read_frame(session, newest, SCHEMA)), total)


def export(session: Session, by: Viewer, filters: Filters, *, form: str = "xlsx") -> bytes:
    """All that fit, newest first, 200,000 at most; `form` is 'xlsx' or 'csv'. Admins only."""
    require_role(by, ADMINISTRATOR)
    newest = _rows(_conditions(session, by, filters)).limit(MOST_EXPORTED)
    rows = _worded(read_frame(session, newest, SCHEMA))
    return to_csv(rows, HEADS) if form == "csv" else to_xlsx(rows, HEADS, title="Audit log")


def note_export(session: Session, by: Viewer, filters: Filters, now: datetime) -> None:
    """That somebody takes it with them. Admins only."""
    require_role(by, ADMINISTRATOR)
    said = ", ".join(name for name, value in vars(filters).items() if value is not None)
    audit(
        session, by, "audit_log.exported", "audit_entry", None, f"by {said}" if said else "all", now
    )


def choices(session: Session, by: Viewer) -> tuple[dict[int, str], list[str]]:
    """Who and what occurs in the log, for the filters: names by person, and nouns of actions."""
    require_role(by, ADMINISTRATOR)
    actions = session.scalars(select(AuditEntry.action).distinct())
    people = session.execute(
        select(Person.id, Person.name)
        .where(Person.id.in_(select(AuditEntry.person_id).distinct()))
        .order_by(func.lower(Person.name))
    )
    return {row.id: row.name for row in people}, sorted({one.split(".")[0] for one in actions})


def _rows(conditions: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    e = AuditEntry
    return (
        select(
            e.id, e.at, Person.name, e.action, e.entity, e.entity_id, e.what, cast(e.detail, String)
        )
        .outerjoin(Person, Person.id == e.person_id)
        .where(*conditions)
        .order_by(e.id.desc())
    )


def _conditions(session: Session, by: Viewer, wanted: Filters) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(zone_of(session, by.person_id))
    found: list[ColumnElement[bool]] = []
    if wanted.person_id is not None:
        found.append(AuditEntry.person_id == wanted.person_id)
    if wanted.noun:
        found.append(AuditEntry.action.startswith(f"{wanted.noun}.", autoescape=True))
    if wanted.record:
        found.append(_about(wanted.record))
    if wanted.since:
        found.append(AuditEntry.at >= datetime.combine(wanted.since, time(), zone))
    if wanted.until:
        end = datetime.combine(wanted.until + timedelta(days=1), time(), zone)
        found.append(AuditEntry.at < end)
    if wanted.words and wanted.words.strip():
        words = wanted.words.strip()
        found.append(
            AuditEntry.what.icontains(words, autoescape=True)
            | AuditEntry.action.icontains(words, autoescape=True)
        )
    return found


def _about(record: str) -> ColumnElement[bool]:
    """Of this record; of none when it is no id of ours."""
    prefix, _, digits = record.strip().partition("_")
    entities = [entity for entity in PREFIXES if PREFIXES[entity] == prefix]
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0
    return AuditEntry.entity.in_(entities) & (AuditEntry.entity_id == number)


def _worded(rows: pl.DataFrame) -> pl.DataFrame:
    entity = pl.col("entity")
    prefix = entity.replace_strict(PREFIXES, default=entity, return_dtype=pl.String)
    number = pl.col("entity_id").cast(pl.String)
    return rows.select(
        "at",
        pl.col("person").fill_null(APP),
        pl.col("action").str.replace_all(r"[._]", " "),
        pl.when(number.is_null())
        .then(entity)
        .otherwise(pl.concat_str(prefix, pl.lit("_"), number))
        .alias("record"),
        "what",
        pl.col("detail").fill_null("").replace("null", ""),
    )
