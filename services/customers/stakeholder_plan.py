"""The plan for a contacts file: which stakeholders are new, what changes, what is left out and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from integrations.formats.records import ParsedFile
from services.access import Viewer
from services.customers import cells, former, further, values
from services.customers.acquaintance import names_kept, recognise
from services.customers.addresses import address_rows
from services.customers.erased_rows import refuse_erased
from services.customers.known import STAKEHOLDER, Known, read_known, read_stakeholders
from services.customers.of_contacts import with_customer
from services.customers.plan import Plan
from services.customers.verdicts import compared, fold, renumbered, row_verdicts

LABELS = {
    "external_id": "Identifier",
    "customer_id": "Customer",
    "first_name": "First name",
    "last_name": "Last name",
    "title": "Job title",
    "role": "Role",
    "time_zone": "Time zone",
    "language": "Language",
    "unsubscribed": "Unsubscribed",
}
_READ = [
    *("external_id", "customer", "customer_name", "first_name", "last_name", "name", "email"),
    *("title", "role", "time_zone", "language", "unsubscribed", "champion"),
]
_NAMES = ("first_name", "last_name", "name", "customer", "customer_name")
_PLACEHOLDERS = [c for c in _READ if c not in _NAMES]
_WRITTEN = [c for c in STAKEHOLDER if c != "id"]
_FOREIGN = (
    "This customer is in somebody else's portfolio. Ask its CSM or an admin to import this row."
)
_CONFLICT = (
    "The same person is given with another customer in an earlier row; only that one counts."
)
_NOBODY = "There is neither a name nor an e-mail address in this row."
_IDENTITY = ("external_id", "first_name", "last_name")
_TAKEN = "An e-mail address was left out: another stakeholder has it"


def plan_stakeholders(session: Session, parsed: ParsedFile, *, by: Viewer) -> Plan:
    """Read-only. Rows of customers that are not there, or not `by`'s, are rejected with the reason."""
    known = read_known(session, by)
    people, stored = read_stakeholders(session)
    rows = _read_cells(parsed.rows)
    rows = former.settle_references(session, rows, "customer")
    rows = further.settle_references(rows, "customer", known)
    rows, emails = address_rows(rows)
    rows = refuse_erased(session, rows, emails)
    rows = with_customer(_refuse_nobody(rows, emails), emails, known)
    good = rows.filter(pl.col("problem").is_null())
    found, owners = recognise(
        good.select("line", "external_id", "customer_id", key=_full_name()),
        emails.join(good.select("line"), on="line"),
        people.select("id", "external_id", "customer_id", key=_full_name()),
        stored.select("email", "id"),
    )
    good = _refuse(good.join(found, on="line"), people, known)
    good = names_kept(good, people)
    usable = renumbered(good.filter(pl.col("problem").is_null()))
    good = _with_final_ids(good, usable)
    return _assembled(
        rows, good, _Work(usable, people, _wanted(good, usable, emails, owners), stored)
    )


@dataclass(frozen=True)
class _Work:
    """`usable` rows with their ids; `emails` of theirs: id, email, shown_as, line, position, ours."""

    usable: pl.DataFrame
    people: pl.DataFrame
    emails: pl.DataFrame
    stored: pl.DataFrame


def _full_name() -> pl.Expr:
    name = pl.concat_str(
        pl.col("first_name").fill_null(""), pl.col("last_name").fill_null(""), separator=" "
    )
    folded = name.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", " ")
    return folded.str.strip_chars()


def _read_cells(frame: pl.DataFrame) -> pl.DataFrame:
    rows = cells.clean(frame, _READ).with_columns(note=pl.lit(None, pl.Utf8))
    rows = cells.blank_placeholders(rows, _PLACEHOLDERS)
    rows = split_names(rows)
    too_long = pl.col("external_id").str.len_chars() > 100
    problem = pl.when(too_long).then(pl.lit("The identifier is longer than 100 characters."))
    rows = rows.with_columns(problem=pl.coalesce("problem", problem))
    rows = cells.limit(rows, ["first_name", "last_name"], 150, LABELS)
    rows = cells.limit(rows, ["title"], 200, LABELS)
    rows = cells.limit(rows, ["language"], 20, LABELS)
    for column, parse, kind in _PARSERS:
        rows = cells.convert(rows, column, LABELS.get(column, "Champion"), parse, kind)
    champion = pl.when(pl.col("champion")).then(pl.lit("champion"))
    return rows.with_columns(role=pl.coalesce(champion, "role"))


_PARSERS: list[tuple[str, Callable[[str], Any], Any]] = [
    ("time_zone", values.parse_zone, pl.Utf8),
    ("role", values.parse_role, pl.Utf8),
    ("unsubscribed", values.parse_yes, pl.Boolean),
    ("champion", values.parse_yes, pl.Boolean),
]


def split_names(rows: pl.DataFrame) -> pl.DataFrame:
    """First and last name out of a full one, `Ortiz, Dana` or `Dana Maria Ortiz`, where they are missing."""
    whole = pl.col("name").str.replace_all(r"\s+", " ")
    turned = whole.str.replace(r"^([^,]+), ([^,]+)$", "$2 $1")
    bare = pl.col("first_name").is_null() & pl.col("last_name").is_null()
    first = turned.str.replace(r" \S+$", "")
    last = turned.str.extract(r" (\S+)$")
    return rows.with_columns(
        first_name=pl.when(bare).then(first).otherwise(pl.col("first_name")),
        last_name=pl.when(bare).then(last).otherwise(pl.col("last_name")),
    )


def _refuse_nobody(rows: pl.DataFrame, emails: pl.DataFrame) -> pl.DataFrame:
    blank = pl.all_horizontal(pl.col(c).is_null() for c in _IDENTITY)
    nobody = blank & ~pl.col("line").is_in(emails["line"].unique().implode())
    return rows.with_columns(problem=pl.coalesce("problem", pl.when(nobody).then(pl.lit(_NOBODY))))


def _refuse(rows: pl.DataFrame, people: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Mark rows that `by` may not write, new people without customer or name, and second customers."""
    was = people.select("id", _was="customer_id")
    rows = rows.join(was, on="id", how="left", maintain_order="left")
    # Within a person's rows the one with an identifier speaks first, then the earlier one; the domain
    # of an address speaks where none of them names a customer.
    told = rows.with_columns(_told=pl.coalesce("customer_id", "_guess")).drop_nulls("_told")
    told = told.sort(pl.col("customer_id").is_null(), pl.col("external_id").is_null(), "line")
    first = told.unique("id", keep="first", maintain_order=True).select("id", _decided="_told")
    rows = rows.join(first, on="id", how="left", maintain_order="left")
    decided = pl.col("_decided")
    home = pl.coalesce("customer_id", pl.when(pl.col("id") < 0).then(decided))
    rows = rows.with_columns(customer_id=home)
    foreign = known.foreign.implode()
    problem = (
        pl.when(pl.col("customer_id").is_in(foreign) | pl.col("_was").is_in(foreign))
        .then(pl.lit(_FOREIGN))
        .when((pl.col("id") < 0) & decided.is_null())
        .then(pl.lit("There is no customer in this row."))
        .when((pl.col("id") < 0) & _nothing_known())
        .then(pl.lit(_NOBODY))
        .when(pl.col("customer_id") != decided)
        .then(pl.lit(_CONFLICT))
    )
    return rows.with_columns(problem=pl.coalesce("problem", problem)).drop("_was", "_decided")


def _nothing_known() -> pl.Expr:
    blank = pl.all_horizontal(pl.col(c).is_null() for c in ("first_name", "last_name", "email"))
    return blank.all().over("id")


def _with_final_ids(good: pl.DataFrame, usable: pl.DataFrame) -> pl.DataFrame:
    """`id` as renumbered, `found` as `recognise` gave it."""
    final = usable.select("line", final="id")
    marked = good.join(final, on="line", how="left", maintain_order="left")
    return marked.with_columns(found="id", id=pl.coalesce("final", "id")).drop("final")


def _wanted(
    good: pl.DataFrame, usable: pl.DataFrame, emails: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    """The addresses of usable rows with `ours`: whether they are this stakeholder's to have."""
    rows = good.join(usable.select("line"), on="line").select("line", "id", "found")
    whose = owners.select("email", owner="id")
    table = emails.join(rows, on="line").join(whose, on="email", how="left", maintain_order="left")
    table = table.with_columns(ours=pl.col("owner") == pl.col("found"))
    return table.select("id", "email", "shown_as", "line", "position", "ours").sort(
        "line", "position"
    )


def _assembled(rows: pl.DataFrame, good: pl.DataFrame, work: _Work) -> Plan:
    merged = compared(_ids_kept(work), work.people.select("id", *_WRITTEN), LABELS)
    merged = merged.with_columns(
        pl.col("unsubscribed").fill_null(value=False),
        pl.col("first_name", "last_name").fill_null(""),
    )
    added, primary = _addresses_to_write(work)
    changed = merged.filter((pl.col("id") > 0) & pl.col("changes").is_not_null())
    taken = work.emails.filter(~pl.col("ours")).select("line", _taken=pl.lit(_TAKEN)).unique()
    settled = good.join(taken, on="line", how="left", maintain_order="left")
    settled = cells.add_note(settled, pl.col("_taken")).drop("_taken")
    touched = pl.concat(
        [added.select("id"), work.stored.join(primary, on="email").select("id")]
    ).unique()
    links = [changed.select("id", label="changes"), touched.with_columns(label=pl.lit("E-mail"))]
    shown = rows.with_columns(name=_shown_name())
    return Plan(
        kind="stakeholders",
        rows=row_verdicts(shown, settled, links),
        added=merged.filter(pl.col("id") < 0).drop("changes").sort("id", descending=True),
        changed=changed.drop("changes"),
        more={"emails": added, "primary": primary},
    )


def _ids_kept(work: _Work) -> pl.DataFrame:
    """One row per stakeholder; the identifier somebody has already outlives one of another system."""
    theirs = work.people.select("id", _id="external_id")
    folded = fold(work.usable, _WRITTEN).join(theirs, on="id", how="left", maintain_order="left")
    return folded.with_columns(external_id=pl.coalesce("_id", "external_id")).drop("_id")


def _shown_name() -> pl.Expr:
    both = pl.concat_str("first_name", "last_name", separator=" ", ignore_nulls=True)
    return pl.when(both != "").then(both)


def _addresses_to_write(work: _Work) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Addresses to add, and stored ones whose `is_primary` changes: the file's first one is the primary."""
    ours = work.emails.filter(pl.col("ours")).unique(
        ["id", "email"], keep="first", maintain_order=True
    )
    first = ours.unique("id", keep="first", maintain_order=True).select("id", first="email")
    fresh = ours.join(work.stored, on="email", how="anti", maintain_order="left")
    fresh = fresh.join(first, on="id", maintain_order="left")
    added = fresh.select("id", "email", "shown_as", is_primary=pl.col("email") == pl.col("first"))
    stored = work.stored.join(first, on="id").with_columns(
        should=pl.col("email") == pl.col("first")
    )
    moved = stored.filter(pl.col("should") != pl.col("is_primary"))
    return added, moved.select("email", is_primary="should")
