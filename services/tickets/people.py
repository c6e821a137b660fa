"""Requesters: the people who write in tickets, and whom we take them for."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_large, update_frame
from data.tables import Ticket, TicketRequester
from services.matching.addresses import email_keys
from services.matching.book import CustomerBook
from services.matching.cascade import match
from services.matching.kept import differs, stored_match
from services.matching.prepared import PreparedBook
from services.matching.verdict import MATCH

REQUESTER: dict[str, Any] = {
    "id": pl.Int64,
    "person_key": pl.String,
    "email": pl.String,
    "name": pl.String,
    "organisation": pl.String,
    "ref": pl.String,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "band": pl.String,
    "confidence": pl.Float64,
    "evidence": pl.String,
    "question_kind": pl.String,
    "question_key": pl.String,
    "candidates": pl.String,
}
PERSON = ("email", "name", "organisation", "ref")


def with_keys(people: pl.DataFrame) -> pl.DataFrame:
    """PERSON with `person_key`: the address, else the desk's own id, else name and organisation; null
    where nobody is named."""
    by_name = pl.concat_str(
        pl.lit("name:"),
        pl.col("name").str.to_lowercase(),
        pl.lit("|"),
        pl.col("organisation").str.to_lowercase().fill_null(""),
    )
    return people.with_columns(
        person_key=pl.coalesce(
            email_keys(people["email"]), pl.concat_str(pl.lit("ref:"), pl.col("ref")), by_name
        )
    )


def requesters(
    session: Session, people: pl.DataFrame, book: CustomerBook | PreparedBook
) -> pl.DataFrame:
    """REQUESTER of everybody in `people` (PERSON with person_key); those who are new are added.

    Somebody known by an id of the desk alone is the person whose address came with the same id, once one
    did. The caller has taken the turn.
    """
    wanted = people.filter(pl.col("person_key").is_not_null())
    one = wanted.group_by("person_key").agg(pl.col(c).drop_nulls().min() for c in PERSON)
    known = _with_ids(session, _among(session, one), one)
    fresh = one.join(known, on="person_key", how="anti").sort("person_key")
    if fresh.is_empty():
        return known
    first = (session.scalar(select(func.max(TicketRequester.id))) or 0) + 1
    fresh = fresh.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64) + first)
    added = matched(fresh, book)
    insert_frame(session, _table(), added)
    return pl.concat([known, added])


def _with_ids(session: Session, known: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """With the desk's own id of those whose address was known before it."""
    ids = told.filter(pl.col("ref").is_not_null()).select("person_key", told="ref")
    both = known.join(ids, on="person_key", how="left", maintain_order="left")
    learned = both.filter(pl.col("ref").is_null(), pl.col("told").is_not_null())
    update_frame(session, _table(), learned.select("id", ref="told").sort("id"), ["id"])
    return both.with_columns(ref=pl.coalesce("ref", "told")).select(REQUESTER.keys())


def adopt(session: Session, who: pl.DataFrame) -> list[int]:
    """Give the tickets of those known by an id alone to whom that id belongs, now that it came with an
    address; the ids of the tickets that changed. `who`: REQUESTER. Who wrote is told by address alone."""
    alone = pl.col("person_key").str.starts_with("ref:")
    nobody = who.filter(alone).select("ref", was="id")
    named = who.filter(~alone, pl.col("ref").is_not_null()).unique("ref", keep="first")
    pairs = nobody.join(named, on="ref", how="inner")
    changed: list[int] = []
    for row in pairs.iter_rows(named=True):
        found = select(Ticket.id).where(Ticket.requester_id == row["was"])
        ids = session.scalars(found).all()
        if ids:
            whose = {name: row[name] for name in ("customer_id", "stakeholder_id")}
            moved = update(Ticket).where(Ticket.requester_id == row["was"])
            session.execute(moved.values(requester_id=row["id"], **whose))
            changed += ids
    return changed


def matched(people: pl.DataFrame, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """REQUESTER of `people` (id, person_key and PERSON), by the same cascade as participants."""
    found = match(people.select("email", "name", company="organisation"), book)
    whole = people.select("id", "person_key", *PERSON).hstack(stored_match(found))
    return whole.select(pl.col(name).cast(kind) for name, kind in REQUESTER.items())


def by_ref(people: pl.DataFrame) -> pl.DataFrame:
    """Of REQUESTER, who stands for each id of a desk: ref, id. Whoever has an address comes first."""
    named = people.filter(pl.col("ref").is_not_null())
    ordered = named.sort(pl.col("person_key").str.starts_with("ref:"), "id")
    return ordered.unique("ref", keep="first", maintain_order=True).select("ref", "id")


def rematch(session: Session, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """Match all requesters anew; gives those that changed, as REQUESTER."""
    known = everyone(session)
    if known.is_empty():
        return known
    found = matched(known, book)
    both = found.join(known, on="id", suffix="_was", maintain_order="left")
    changed = both.filter(differs()).select(*REQUESTER)
    update_frame(session, _table(), changed.select("id", *MATCH), ["id"])
    return changed


def everyone(session: Session) -> pl.DataFrame:
    """REQUESTER of all."""
    columns = [TicketRequester.__table__.c[name] for name in REQUESTER]
    return read_large(session, select(*columns).order_by(TicketRequester.id), REQUESTER)


def _among(session: Session, wanted: pl.DataFrame) -> pl.DataFrame:
    """Those who are known by one of these keys, or by the same id of a desk."""
    known = everyone(session)
    keys = known["person_key"].is_in(wanted["person_key"].implode())
    refs = known["ref"].is_in(wanted["ref"].drop_nulls().implode()).fill_null(value=False)
    return known.filter(keys | refs)


def _table() -> Table:
    table = TicketRequester.__table__
    assert isinstance(table, Table)
    return table
