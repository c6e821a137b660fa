"""Who is this row about? Evidence is tried from the surest down; the first that speaks decides.

A verdict depends on the row and the book alone, never on the other rows or their order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from services.matching import stages
from services.matching.addresses import email_keys
from services.matching.book import CustomerBook
from services.matching.domains import DomainFacts, study
from services.matching.evidence import gather, name_keys, with_keys
from services.matching.prepared import PreparedBook, prepare
from services.matching.verdict import FLAT, finished, offers, spread
from services.matching.words import NOTETAKER_NAME

MANY = 20_000
"""Rows from which two threads are quicker than one."""


def match(people: pl.DataFrame, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """Rows with `email`, `company`, `name` -> the same rows in the same order, as RESULT columns.

    band: 'automatic' (confidence >= .90), 'review' (>= .50), 'unmatched', or 'excluded' (own
    staff, test addresses, recorders). `customer_id` and `stakeholder_id` are set for 'automatic'
    only; for the others `candidates` holds up to three, best first. `question_kind`/`question_key`
    name the one answer ('domain', 'name', or 'email' for a recorded address of several customers)
    that would settle all rows like this one; both null when only a person can tell. A key
    `domain|company` is of some at the domain alone (see parts.py).
    """
    ready = book if isinstance(book, PreparedBook) else prepare(book)
    rows = people.select(pl.col(c).cast(pl.Utf8) for c in ("email", "company", "name"))
    names = rows["name"].drop_nulls().unique()
    recorders = names.filter(names.str.contains(NOTETAKER_NAME))
    # Most rows carry a recorded address spelled as recorded: they need nothing but this join.
    sure = ready.sure.select("email", "place")
    places = rows.join(sure, on="email", how="left", maintain_order="left")["place"]
    if recorders.len():
        places = places.set(rows["name"].is_in(recorders.implode()).fill_null(value=False), None)
    late = np.flatnonzero(places.is_null().to_numpy())
    distinct, order = _distinct(rows[late])
    decided, offered = _in_halves(distinct.with_row_index("row"), ready)
    found = pl.concat([ready.sure.select(FLAT), decided.sort("row").select(FLAT)])
    places = places.scatter(late, order + ready.sure.height)
    candidates = spread(offered, order.to_numpy(), late, rows.height)
    return found.select(pl.all().gather(places)).with_columns(candidates)


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The different rows, and for each row the number of its like among them (UInt32)."""
    # Rows with different hashes differ, and telling so is far cheaper than grouping texts.
    if rows.hash_rows().n_unique() == rows.height:
        return rows, pl.Series(np.arange(rows.height, dtype=np.uint32))
    groups = rows.with_row_index("at").group_by(rows.columns).agg("at").with_row_index("row")
    return groups.select(rows.columns), groups.select("row", "at").explode("at").sort("at")["row"]


def _in_halves(rows: pl.DataFrame, book: PreparedBook) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`_decide`; of many rows two halves at a time, as most of its steps leave a core free."""
    if rows.height < MANY:
        return _decide(rows, book)
    # By company, so that each name is compared in one of the halves only.
    first = rows.select(pl.coalesce("company", "email", "name").hash() % 2 == 0).to_series()
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(_decide, rows.filter(~first), book)
        halves = (_decide(rows.filter(first), book), other.result())
    decided, offered = (pl.concat(parts) for parts in zip(*halves, strict=True))
    return decided, offered.sort("row", maintain_order=True)


def _decide(rows: pl.DataFrame, book: PreparedBook) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Distinct rows -> FLAT columns with `row`, and all candidates as OFFER columns."""
    rows = rows.with_columns(key=email_keys(rows["email"]))
    rows = rows.with_columns(domain=pl.col("key").str.split("@").list.get(1, null_on_oob=True))
    found: list[pl.DataFrame] = []
    pending = rows
    for step in (stages.outside, stages.email, stages.trial):
        found.append(step(pending, book))
        pending = pending.join(found[-1], on="row", how="anti")
    facts, pending = _studied(pending, book)
    found += _by_name(pending, facts, book)
    offered = offers(found)
    keyed = rows.select("row", "key", "domain", "company").join(
        pending.select("row", "root", "free", "full"), on="row", how="left"
    )
    first = offered.unique("row", keep="first").select("row", first="customer_id")
    told = pl.concat([part.drop("candidates") for part in found]).join(keyed, on="row")
    told = told.join(first, on="row", how="left")
    told = told.with_columns(subject=pl.coalesce("customer_id", "first"))
    return finished(told, book.customers), offered


def _studied(pending: pl.DataFrame, book: PreparedBook) -> tuple[DomainFacts, pl.DataFrame]:
    """What is known of the domains, and the rows `with_keys`; domains and names at the same time."""
    with ThreadPoolExecutor(1) as pool:
        names = pool.submit(name_keys, pending)
        facts = study(pending["domain"], book)
        return facts, with_keys(names.result(), facts, book)


def _by_name(pending: pl.DataFrame, facts: DomainFacts, book: PreparedBook) -> list[pl.DataFrame]:
    """The steps that need the company's and the person's name."""
    if pending.is_empty():
        return []
    evidence = gather(pending, facts, book)
    verdicts: list[pl.DataFrame] = []
    for step in stages.BY_NAME:
        verdicts.append(step(pending, evidence))
        pending = pending.join(verdicts[-1], on="row", how="anti")
    return verdicts
