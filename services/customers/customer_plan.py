"""The plan for a customer file: who is new, what changes, what is left out and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from integrations.formats.records import ParsedFile
from services.access import ADMINISTRATOR, CSM, Viewer
from services.customers import cells, former, further, namesakes, values
from services.customers.colleagues import Colleagues
from services.customers.dates import day_order, undecided
from services.customers.hosts import domain_rows, other_names, without_free_mail
from services.customers.identity import identify
from services.customers.known import (
    CUSTOMER,
    DAYS,
    LABELS,
    LISTS,
    TEXTS,
    Known,
    name_frame,
    read_known,
    read_people,
)
from services.customers.parents import find_parents
from services.customers.plan import Plan
from services.customers.verdicts import compared, fold, renumbered, row_verdicts

_COLUMNS = [c for c in CUSTOMER if c not in ("id", "parent_id", "csm_id")]
_READ = [*_COLUMNS, "other_id", "domain", "aliases", "parent", "csm_name", "csm_email"]
_WRITTEN = [*_COLUMNS, "csm_id"]
_LEFT_OUT_OF_MERGED = [c for c in _READ if c not in ("external_id", "domain", "aliases")]
_FOR_PARENTS = ["id", "external_id", "name", "parent_id"]
_PLACEHOLDERS = [c for c in _READ if c not in ("name", "aliases", "parent")]
_FOREIGN = (
    "This customer is in somebody else's portfolio. Ask its CSM or an admin to import this row."
)


@dataclass(frozen=True)
class _Work:
    """The file's records on their way: `usable` are those that lead to a customer."""

    usable: pl.DataFrame
    domains: pl.DataFrame
    known: Known
    merged: pl.DataFrame
    """One row per customer of the file, as it will be, with `changes`."""


def plan_customers(
    session: Session, parsed: ParsedFile, *, by: Viewer, day_first: bool | None = None
) -> Plan:
    """Read-only. `day_first` settles dates such as 03/04/2026 when the file does not."""
    known = read_known(session, by)
    order = day_first if day_first is not None else day_order(parsed, DAYS)
    rows = _read_cells(parsed.rows, day_first=order)
    settled = former.settle_rows(session, further.own_if_alone(rows), _LEFT_OUT_OF_MERGED)
    settled = further.one_each(former.settle_references(session, settled, "parent"))
    settled = further.settle_merged(session, settled, known, _LEFT_OUT_OF_MERGED)
    good, domains = domain_rows(settled.filter(pl.col("problem").is_null()))
    others = other_names(good).select("line", key=cells.folded("name"))
    key, used = cells.folded("name"), namesakes.in_use(by)
    keyed = good.select("line", "external_id", "other_id", key=key, used=used)
    led = namesakes.with_leaders(keyed, domains, known)
    found = identify(led.drop("duplicate_of"), domains, others, known)
    found = found.join(led.select("line", "duplicate_of"), on="line")
    good = _refuse(namesakes.told(good.join(found, on="line"), domains, known), known)
    colleagues = Colleagues(read_people(session), vouched=by.role == ADMINISTRATOR)
    good = _with_csm(further.beside(session, good, _LEFT_OUT_OF_MERGED), colleagues, by)
    usable = namesakes.duplicates_first(renumbered(good.filter(pl.col("problem").is_null())))
    work = _Work(usable, domains, known, _merged(usable, known))
    return _assembled(rows, good, work, colleagues)


def _read_cells(frame: pl.DataFrame, *, day_first: bool | None) -> pl.DataFrame:
    # Files call it the health score; to us it is what the CRM reports, one part of ours.
    frame = frame.rename({"health_score": "reported_health"}, strict=False)
    rows = cells.clean(frame, _READ).with_columns(note=pl.lit(None, pl.Utf8))
    rows = cells.blank_placeholders(rows, _PLACEHOLDERS)
    rows = rows.with_columns(
        pl.col("name").str.replace_all(r"\s+", " "), arr_currency=pl.col("arr")
    )
    for problem, when in (
        ("There is no name and no identifier in this row.", _nothing_to_go_by()),
        ("The name is longer than 300 characters.", pl.col("name").str.len_chars() > 300),
        (
            "The identifier is longer than 100 characters.",
            pl.col("external_id").str.len_chars() > 100,
        ),
    ):
        rows = rows.with_columns(
            problem=pl.coalesce("problem", pl.when(when).then(pl.lit(problem)))
        )
    texts = ["other_id", *(t for t in TEXTS if t != "time_zone")]
    rows = cells.limit(rows, texts, 100, LABELS | {"other_id": "Further identifier"})
    for column, parse, kind in _parsers(day_first=day_first):
        rows = cells.convert(rows, column, LABELS.get(column, "ARR"), parse, kind)
    return rows.with_columns(currency=pl.coalesce("currency", "arr_currency"))


def _nothing_to_go_by() -> pl.Expr:
    return pl.all_horizontal(pl.col("name", "external_id", "other_id").is_null())


def _parsers(*, day_first: bool | None) -> list[tuple[str, Callable[[str], Any], Any]]:
    return [
        ("time_zone", values.parse_zone, pl.Utf8),
        ("arr_currency", values.currency_of_amount, pl.Utf8),
        ("arr", lambda text: float(values.parse_amount(text).value), pl.Float64),
        ("currency", values.parse_currency, pl.Utf8),
        ("reported_health", values.parse_health, pl.Int64),
        *((c, lambda text: values.parse_day(text, day_first=day_first), pl.Date) for c in DAYS),
        *((c, _list_text, pl.Utf8) for c in LISTS),
    ]


def _list_text(text: str) -> str:
    found = values.split_list(text)
    if len(found) > 50 or any(len(one) > 200 for one in found):
        raise ValueError("more than 50 entries, or one longer than 200 characters")
    return json.dumps(found)


def _refuse(rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Mark rows of customers that `by` may not change, and new customers without a name."""
    foreign = pl.col("id").is_in(known.foreign.implode())
    nameless = (pl.col("id") < 0) & pl.col("name").is_null().all().over("id")
    rows = cells.add_note(rows, _other_id(known))
    problem = (
        pl.when(foreign)
        .then(pl.lit(_FOREIGN))
        .when(nameless)
        .then(pl.lit("No customer has this identifier yet, and a new one needs a name."))
        .when(pl.col("via") == "unclear")
        .then(namesakes.unclear())
    )
    return rows.with_columns(problem=pl.coalesce("problem", problem))


def _other_id(known: Known) -> pl.Expr:
    """For rows that give a customer another identifier than the one it has."""
    ids = known.customers.drop_nulls("external_id")
    own = pl.col("id").replace_strict(ids["id"], ids["external_id"], default=None)
    known_too = pl.col("external_id").is_in(known.further["identifier"].implode())
    kept = pl.col("other_id").is_not_null() | known_too
    text = "Known here under another identifier, which is kept"
    return pl.when((own != pl.col("external_id")) & ~kept).then(pl.lit(text))


def _with_csm(rows: pl.DataFrame, colleagues: Colleagues, by: Viewer) -> pl.DataFrame:
    """`csm_id`; where the file names none, new customers are those of the CSM who loads it, or of whoever is
    the only colleague yet."""
    usable = rows.filter(pl.col("problem").is_null())
    pairs = usable.select("csm_name", "csm_email").unique(maintain_order=True).iter_rows()
    found = colleagues.resolve(pair for pair in pairs if any(pair))
    keys = ["csm_name", "csm_email"]
    rows = rows.join(found.rename({"problem": "_csm"}), on=keys, how="left", nulls_equal=True)
    rows = cells.add_note(rows, pl.col("_csm")).drop("_csm")
    if by.role == CSM or colleagues.alone(by.person_id):
        mine = pl.when(pl.col("id") < 0).then(pl.lit(by.person_id, pl.Int64))
        rows = rows.with_columns(csm_id=pl.coalesce("csm_id", mine))
    return rows.sort("line")


def _merged(usable: pl.DataFrame, known: Known) -> pl.DataFrame:
    incoming = fold(usable, _WRITTEN)
    incoming = _names_kept(incoming, usable, known)
    merged = compared(incoming, known.customers, LABELS)
    defaults = {"currency": "USD", **dict.fromkeys(LISTS, "[]")}
    return merged.with_columns(pl.col(c).fill_null(value) for c, value in defaults.items())


def _names_kept(incoming: pl.DataFrame, usable: pl.DataFrame, known: Known) -> pl.DataFrame:
    """A customer that does not have its id from this file keeps its name when the file uses another of
    its names; an id that it has already outlives one of another system."""
    adopts = known.customers.filter(pl.col("external_id").is_null())["id"]
    theirs = known.customers.select("id", _id="external_id")
    own = (pl.col("via") == "external id") & (pl.col("external_id") == pl.col("_id"))
    named = own | pl.col("id").is_in(adopts.implode())
    mine = usable.drop_nulls("external_id").join(theirs, on="id", how="left")
    by_id = mine.filter(named)["id"].unique()
    alias = known.names.filter(~pl.col("main")).select("id", _key="key", _alias=pl.lit(value=True))
    marked = incoming.with_columns(_key=cells.folded("name"))
    marked = marked.join(alias, on=["id", "_key"], how="left", maintain_order="left")
    marked = marked.join(theirs, on="id", how="left", maintain_order="left")
    keep = pl.col("_alias").fill_null(value=False) & ~pl.col("id").is_in(by_id.implode())
    return marked.with_columns(
        name=pl.when(~keep).then(pl.col("name")), external_id=pl.coalesce("_id", "external_id")
    ).drop("_key", "_alias", "_id")


def _assembled(rows: pl.DataFrame, good: pl.DataFrame, work: _Work, colleagues: Colleagues) -> Plan:
    domains, needless = _new_domains(work)
    aliases = _new_names(work)
    after = _as_after(work, aliases)
    identifiers, taken = further.new(work.usable.filter(pl.col("duplicate_of").is_null()), after)
    parents, orphans = _new_parents(work, further.added(after, identifiers))
    there = work.merged.filter(pl.col("id") > 0)
    changed = there.filter(pl.col("changes").is_not_null())
    settled = _noted(good, work.usable, pl.concat([needless, taken, orphans]))
    said = {
        "Identifiers": identifiers,
        "Domains": domains,
        "Other names": aliases,
        "Parent": parents,
    }
    links = [f.select("id", label=pl.lit(label)) for label, f in said.items()]
    verdicts = row_verdicts(rows, settled, [changed.select("id", label="changes"), *links])
    return Plan(
        kind="customers",
        rows=verdicts,
        added=work.merged.filter(pl.col("id") < 0).drop("changes").sort("id", descending=True),
        changed=changed.drop("changes"),
        more={
            "people": colleagues.new_people(),
            "domain": domains,
            "name": aliases,
            "identifier": identifiers,
            "parents": parents,
        },
        dates_ambiguous=undecided(verdicts["note"]),
    )


def _noted(good: pl.DataFrame, usable: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """`good` with the final ids, and `told` (id, note) said at the first row of each customer."""
    final = usable.select("line", _id="id")
    settled = good.join(final, on="line", how="left", maintain_order="left")
    settled = settled.with_columns(id=pl.coalesce("_id", "id"))
    by_id = told.group_by("id", maintain_order=True).agg(_told=pl.col("note").str.join("; "))
    settled = settled.join(by_id, on="id", how="left", maintain_order="left")
    first = pl.col("line") == pl.col("line").min().over("id")
    return cells.add_note(settled, pl.when(first).then(pl.col("_told"))).drop("_told", "_id")


def _new_domains(work: _Work) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Domains to add (id, domain), and notes (id, note) on free-mail ones that were refused."""
    wanted = work.domains.join(work.usable.select("line", "id"), on="line")
    wanted = wanted.select("id", "domain").unique(maintain_order=True)
    wanted = wanted.join(work.known.domains, on=["id", "domain"], how="anti", maintain_order="left")
    kept, needless = without_free_mail(wanted, work.known.domains)
    text = pl.format("Domain {} left out: anybody can have an address there", pl.col("domain"))
    return kept, needless.select("id", note=text)


def _new_names(work: _Work) -> pl.DataFrame:
    """Other names to add (id, name): the file's, and a name that is being replaced."""
    pieces = other_names(work.usable).join(work.usable.select("line", "id"), on="line")
    before = work.merged.select("id", now="name").join(work.known.customers, on="id")
    replaced = before.filter(cells.folded("now") != cells.folded("name"))
    used = work.usable.select("id", "name")  # rows of one customer may spell it differently
    found = [pieces.select("id", "name"), replaced.select("id", "name"), used]
    every = pl.concat(found).drop_nulls()
    keyed = every.with_columns(key=cells.folded("name")).unique(
        ["id", "key"], keep="first", maintain_order=True
    )
    own = work.merged.select("id", key=cells.folded("name"))
    aliases = work.known.names.filter(~pl.col("main"))
    keyed = keyed.join(own, on=["id", "key"], how="anti", maintain_order="left")
    return keyed.join(aliases, on=["id", "key"], how="anti", maintain_order="left").select(
        "id", "name"
    )


def _new_parents(work: _Work, after: Known) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Parents to set (id, parent_id), and notes (id, note) on those that could not be."""
    wanted = fold(
        work.usable.with_columns(pl.col("parent").str.replace_all(r"\s+", " ")), ["parent"]
    )
    wanted = wanted.drop_nulls("parent").with_columns(key=cells.folded("parent"))
    found = find_parents(further.settle_references(wanted, "parent", after), after)
    was = work.known.customers.select("id", was="parent_id")
    moved = found.drop_nulls("parent_id").join(was, on="id", how="left", maintain_order="left")
    moved = moved.filter(pl.col("parent_id").ne_missing(pl.col("was")))
    return moved.select("id", "parent_id"), found.drop_nulls("problem").select("id", note="problem")


def _as_after(work: _Work, aliases: pl.DataFrame) -> Known:
    """Customers and names as they will be after the import; further identifiers as they are."""
    untouched = work.known.customers.join(work.merged, on="id", how="anti")
    was = work.known.customers.select("id", "parent_id")
    merged = work.merged.join(was, on="id", how="left")
    customers = pl.concat(
        [untouched.select(_FOR_PARENTS), merged.select(_FOR_PARENTS)], how="vertical"
    )
    others = work.known.names.filter(~pl.col("main")).select("id", "name")
    return Known(
        customers,
        work.known.domains,
        name_frame(customers, pl.concat([others, aliases])),
        work.known.foreign,
        work.known.further,
    )
