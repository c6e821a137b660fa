"""What an import would do, row by row, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.bulk import after_first_load, insert_frame, read_frame, update_frame
from data.keys import reserve_keys
from data.tables import (
    Base,
    Customer,
    CustomerDomain,
    CustomerIdentifier,
    CustomerName,
    Person,
    Stakeholder,
    StakeholderEmail,
)
from data.versions import FACTS, MATCHING, bump
from services.access import Viewer, audit
from services.customers.arr import note_lowered

CREATED, UPDATED, UNCHANGED, MERGED, REJECTED = (
    "created",
    "updated",
    "unchanged",
    "merged",
    "rejected",
)
VERDICTS = (CREATED, UPDATED, UNCHANGED, MERGED, REJECTED)
_LINKS = ((CustomerDomain, "domain"), (CustomerName, "name"), (CustomerIdentifier, "identifier"))
"""What there may be several of for one customer."""
ROW = {
    "line": pl.UInt32,
    "name": pl.Utf8,
    "verdict": pl.Utf8,
    "note": pl.Utf8,
    "changes": pl.Utf8,
    "id": pl.Int64,
}


@dataclass(frozen=True)
class Plan:
    """Nothing is written yet. Ids below zero are customers, stakeholders and people to be created.

    `rows` (ROW) has one row per record of the file: its verdict, what was left out and why (`note`),
    and what would change. `merged` is a further row of the same record, taken together with the
    first. `added` and `changed` hold whole rows of the main table, `more` whatever hangs on them:
    frames by table name, `parents` being (id, parent_id).
    """

    kind: str
    rows: pl.DataFrame
    added: pl.DataFrame
    changed: pl.DataFrame
    more: dict[str, pl.DataFrame]
    dates_ambiguous: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Rows by verdict, every verdict named."""
        found = dict(self.rows.group_by("verdict").len().iter_rows())
        return {verdict: found.get(verdict, 0) for verdict in VERDICTS}

    @property
    def writes(self) -> bool:
        return not (
            self.added.is_empty()
            and self.changed.is_empty()
            and all(frame.is_empty() for frame in self.more.values())
        )


@dataclass(frozen=True)
class ImportResult:
    """What an import did: rows by verdict, and the rows (ROW) with the ids they ended up with."""

    kind: str
    counts: dict[str, int]
    rows: pl.DataFrame

    def as_dict(self) -> dict[str, object]:
        """For programs: the counts, and the rows that were rejected or lost a value, at most 1,000."""
        told = self.rows.filter(pl.col("note").is_not_null()).head(1_000)
        listed = told.select("line", "name", "verdict", "note").to_dicts()
        return {"kind": self.kind, "records": self.rows.height, **self.counts, "rows": listed}


def apply(session: Session, plan: Plan, *, by: Viewer, now: datetime) -> ImportResult:
    """Write the plan, in the transaction in which it was made."""
    if not plan.writes:
        return ImportResult(plan.kind, plan.counts, plan.rows)
    people = _real_ids(session, Person, plan.more.get("people"))
    main = Customer if plan.kind == "customers" else Stakeholder
    own = _real_ids(session, main, plan.added)
    if plan.kind == "customers":
        note_lowered(session, _lowered_arr(session, plan.changed), by=by, now=now)
        handed = _handed_over(session, _with_real(plan.changed, people, "csm_id"))
        _write_customers(session, plan, own, people, now)
        _tell_handed_over(session, handed, by, now)
    else:
        _write_stakeholders(session, plan, own, now)
    bump(session, MATCHING, FACTS)
    counts = plan.counts
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    entity = plan.kind.removesuffix("s")
    audit(session, by, f"{entity}.imported", entity, None, said, now)
    return ImportResult(plan.kind, counts, _with_real(plan.rows, own))


def _lowered_arr(
    session: Session, changed: pl.DataFrame
) -> list[tuple[int, Decimal, Decimal | None]]:
    """Customers that get less ARR than they have, or none: id, before, after."""
    if changed.is_empty():
        return []
    known = select(Customer.id, Customer.arr).where(Customer.arr.is_not(None))
    before = read_frame(session, known, {"id": pl.Int64, "before": pl.Float64})
    lower = (
        changed.select("id", pl.col("arr").cast(pl.Float64))
        .join(before, on="id")
        .filter(pl.col("arr").is_null() | (pl.col("arr") < pl.col("before")))
    )
    return [
        (number, Decimal(f"{was:.2f}"), None if new is None else Decimal(f"{new:.2f}"))
        for number, new, was in lower.select("id", "arr", "before").iter_rows()
    ]


def _handed_over(session: Session, changed: pl.DataFrame) -> pl.DataFrame:
    """Customers that get another CSM than they have: `id`, `csm_id`, `before`."""
    if changed.is_empty():
        return changed
    known = select(Customer.id, Customer.csm_id)
    before = read_frame(session, known, {"id": pl.Int64, "before": pl.Int64})
    return (
        changed.select("id", pl.col("csm_id").cast(pl.Int64))
        .join(before, on="id")
        .filter(pl.col("csm_id").ne_missing(pl.col("before")))
    )


def _tell_handed_over(session: Session, handed: pl.DataFrame, by: Viewer, now: datetime) -> None:
    if handed.is_empty():
        return
    names: dict[int | None, str] = {None: "nobody"}
    names |= {row.id: row.name for row in session.execute(select(Person.id, Person.name))}
    for customer, csm, before in handed.select("id", "csm_id", "before").iter_rows():
        said = f"CSM from {names[before]} to {names[csm]}, by a file"
        audit(session, by, "customer.edited", "customer", customer, said, now)


def _real_ids(session: Session, table: type[Base], added: pl.DataFrame | None) -> pl.Series:
    """The id for -1, -2, … in that order."""
    count = 0 if added is None else added.height
    return reserve_keys(session, _table(table), count)


def _table(mapped: type[Base]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def _with_real(frame: pl.DataFrame, ids: pl.Series, column: str = "id") -> pl.DataFrame:
    """Ids below zero replaced by those that were reserved for them."""
    if ids.is_empty():
        return frame
    place = -pl.col(column) - 1
    real = pl.lit(ids).gather(pl.when(pl.col(column) < 0).then(place).otherwise(None))
    return frame.with_columns(
        pl.when(pl.col(column) < 0).then(real).otherwise(pl.col(column)).alias(column)
    )


def _stamped(frame: pl.DataFrame, now: datetime, *, new: bool) -> pl.DataFrame:
    moment = pl.lit(now).cast(pl.Datetime("us", "UTC")).dt.replace_time_zone(None)
    stamps = {"updated_at": moment} | ({"created_at": moment} if new else {})
    return frame.with_columns(**stamps)


def _write_customers(
    session: Session, plan: Plan, own: pl.Series, people: pl.Series, now: datetime
) -> None:
    colleagues = plan.more["people"]
    if colleagues.height:
        rows = _with_real(colleagues, people).with_columns(
            role=pl.lit("csm"), active=pl.lit(value=True)
        )
        stamped = _stamped(rows, now, new=True).drop("updated_at")
        insert_frame(session, _table(Person), stamped)
    added = _with_real(_with_real(plan.added, own), people, "csm_id")
    insert_frame(session, _table(Customer), _stamped(added, now, new=True).sort("id"))
    changed = _with_real(plan.changed, people, "csm_id")
    update_frame(session, _table(Customer), _stamped(changed, now, new=False), ["id"])
    for table, name in _LINKS:
        links = _with_real(plan.more[name], own).rename({"id": "customer_id"})
        insert_frame(session, _table(table), links.sort("customer_id", name))
    parents = _with_real(_with_real(plan.more["parents"], own), own, "parent_id")
    update_frame(session, _table(Customer), parents, ["id"])
    after_first_load(session, *map(_table, (Customer, *(table for table, _ in _LINKS))))


def _write_stakeholders(session: Session, plan: Plan, own: pl.Series, now: datetime) -> None:
    added = _with_real(plan.added, own)
    insert_frame(session, _table(Stakeholder), _stamped(added, now, new=True).sort("id"))
    update_frame(session, _table(Stakeholder), _stamped(plan.changed, now, new=False), ["id"])
    emails = _with_real(plan.more["emails"], own).rename({"id": "stakeholder_id"})
    insert_frame(session, _table(StakeholderEmail), emails.sort("email"))
    update_frame(session, _table(StakeholderEmail), plan.more["primary"], ["email"])
    after_first_load(session, _table(Stakeholder), _table(StakeholderEmail))


def rejected_rows(parsed_rows: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The file's own cells of rejected rows with the reason, to be corrected and imported again."""
    lost = rows.filter(pl.col("verdict") == REJECTED).select("line", reason="note")
    cells = parsed_rows.drop("problem", "raw", strict=False).join(lost, on="line")
    used = [c for c in cells.columns if c == "reason" or cells[c].null_count() < cells.height]
    return cells.select(used)
