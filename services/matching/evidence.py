"""All that is known about rows no address decides: owners of the domain, meanings of the name, people, bans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from services.matching.company import resolve
from services.matching.names import company_keys, person_parts
from services.matching.people import find_people
from services.matching.weighing import weighed

if TYPE_CHECKING:
    from services.matching.domains import DomainFacts
    from services.matching.prepared import PreparedBook

ROW_PAIR = ["row", "customer_id"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Frames of `row` and `customer_id`, pairs somebody ruled out already taken away."""

    owners: pl.DataFrame  # + answered: the customer owns the row's domain
    typos: pl.DataFrame  # + near: the domain is one slip from this customer's
    companies: pl.DataFrame  # + p, said: what the company name may mean
    people: pl.DataFrame  # + stakeholder_id, person: the name is on that customer's list
    weighed: pl.DataFrame  # companies of rows without owner, + person, confidence
    mended: pl.DataFrame  # key, near -> recorded, who: the address with its domain put right
    namesakes: pl.DataFrame  # + stakeholder_id: the only person of that name anywhere
    parts: pl.DataFrame  # root, full, customer_id, verdict: answered of a part of a domain


def name_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the keys of company (`full`, `core`, `compact`) and person (`whole`, `given`, `family`)."""
    rows = rows.join(company_keys(rows["company"]), left_on="company", right_on="name", how="left")
    return rows.join(person_parts(rows["name"]), on="name", how="left")


def with_keys(rows: pl.DataFrame, facts: DomainFacts, book: PreparedBook) -> pl.DataFrame:
    """`rows` with their `name_keys`: adds those of the domain (`root`, `free`, `nobody`, `free_near`), and
    `name_nobody`.
    """
    rows = rows.join(facts.about, on="domain", how="left")
    silent = book.answered("name", "nobody")["key"].implode()
    return rows.with_columns(
        pl.col("free", "nobody").fill_null(value=False),
        name_nobody=pl.col("full").is_in(silent).fill_null(value=False),
    )


def gather(rows: pl.DataFrame, facts: DomainFacts, book: PreparedBook) -> Evidence:
    """`rows` as `with_keys` leaves them."""
    banned = _banned(rows, facts, book)
    owners = rows.select("row", "domain").join(facts.owners, on="domain")
    owners = _allowed(owners, banned).select(*ROW_PAIR, "answered")
    typos = rows.select("row", "domain").join(facts.typos, on="domain")
    typos = _allowed(typos, banned).select(*ROW_PAIR, "near")
    companies = rows.select("row", "full").join(_meanings(rows, book), on="full")
    companies = _allowed(companies, banned).select(*ROW_PAIR, "p", "said")
    free_roam = companies.join(owners, on="row", how="anti")
    pairs = [frame.select(ROW_PAIR) for frame in (owners, typos, free_roam)]
    names = rows.select("row", "whole", "given", "family")
    people = find_people(pl.concat(pairs).unique().join(names, on="row"), book)
    about = rows.filter(~pl.col("name_nobody")).select("row", "root", "free", "domain")
    pairs_by_name = free_roam.join(about, on="row").join(people, on=ROW_PAIR, how="left")
    return Evidence(
        owners=owners,
        typos=typos,
        companies=companies,
        people=people,
        weighed=weighed(pairs_by_name, book),
        mended=_mended(rows, typos, book),
        namesakes=_allowed(_namesakes(rows, book), banned),
        parts=book.parts,
    )


def _banned(rows: pl.DataFrame, facts: DomainFacts, book: PreparedBook) -> pl.DataFrame:
    """`row`, `customer_id`: pairs somebody ruled out for the row's address, domain or company name."""
    by_key = [
        rows.join(book.answered(kind, "never"), left_on=column, right_on="key").select(ROW_PAIR)
        for kind, column in (("email", "key"), ("name", "full"))
    ]
    by_domain = rows.join(facts.never, on="domain").select(ROW_PAIR)
    return pl.concat([*by_key, by_domain]).unique()


def _allowed(pairs: pl.DataFrame, banned: pl.DataFrame) -> pl.DataFrame:
    return pairs.join(banned, on=ROW_PAIR, how="anti") if banned.height else pairs


def _mended(rows: pl.DataFrame, typos: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Mistyped addresses that are recorded once the domain is put right."""
    customers = rows.select("row", "key").join(typos.select("row", "near"), on="row").drop("row")
    free = rows.select("key", near="free_near").drop_nulls()
    pairs = pl.concat([customers, free]).unique()
    local = pl.col("key").str.extract(r"^([^@]*@)")
    pairs = pairs.with_columns(email=pl.concat_str(local, pl.col("near")))
    known = book.email_verdicts.filter(pl.col("customer_id").is_not_null())
    known = known.select("email", recorded="customer_id", who="stakeholder_id")
    return pairs.join(known, on="email").drop("email")


def _meanings(rows: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Distinct company names -> `full`, `customer_id`, `p`, `said`; an answer stands in for any likeness."""
    keys = rows.filter(~pl.col("name_nobody")).select("full", "core", "compact").unique("full")
    said = keys.join(book.answered("name", "is"), left_on="full", right_on="key")
    said = said.select("full", "customer_id", p=0.99 / pl.len().over("full"), said=True)
    rest = keys.join(said, on="full", how="anti")
    guessed = resolve(rest, book).with_columns(said=pl.lit(value=False))
    return pl.concat([said, guessed], how="vertical_relaxed")


def _namesakes(rows: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """People whose name one stakeholder alone bears, for rows that say nothing better."""
    lost = rows.filter(pl.col("domain").is_null() | pl.col("free")).filter(
        pl.col("family").is_not_null()
    )
    known = book.people.filter(pl.col("stakeholder_id").n_unique().over("whole") == 1)
    known = known.select("whole", "customer_id", "stakeholder_id").unique()
    return lost.select("row", "whole").join(known, on="whole").drop("whole")
