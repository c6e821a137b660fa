"""The customers who could speak for us, read from the board and everything that speaks against asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import case, func, select, true
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Opportunity, Person
from services.access import Viewer, visible
from services.scoring.advocacy.notable import BLOCKS, CONTEXT, FACTS, TYPES, rated, remarks
from services.scoring.board import default_as_of
from services.scoring.champions import Contact, champions
from services.scoring.published import current
from services.scoring.standings import scores_on

UNDER_WAY = ("identified", "asked", "agreed")
MOST_SHOWN = 200
_WHO = {
    "customer_id": pl.Int64,
    "customer": pl.Utf8,
    "segment": pl.Utf8,
    "csm_id": pl.Int64,
    "csm": pl.Utf8,
    "arr": pl.Float64,
    "currency": pl.Utf8,
    "health": pl.Int64,
    "renews_on": pl.Date,
    "churned_on": pl.Date,
}


@dataclass(frozen=True)
class Candidate:
    """`remarks`: what is notable, in words; `types`: what to ask for, codes of TYPES; `blocks`: codes of
    BLOCKS that speak against asking (none: a candidate). `champion`: whom to ask."""

    customer_id: int
    customer: str
    segment: str | None
    csm_id: int | None
    csm: str | None
    arr: float | None
    currency: str
    health: int | None
    renews_on: date | None
    score: int
    attended: int
    eligible: int
    acts: tuple[str, ...]
    remarks: tuple[str, ...]
    types: tuple[str, ...]
    blocks: tuple[str, ...]
    champion: Contact | None

    @property
    def free(self) -> bool:
        return not self.blocks

    @property
    def type_words(self) -> str:
        return " + ".join(TYPES[one] for one in self.types)

    @property
    def block_words(self) -> str:
        return "; ".join(BLOCKS[one] for one in self.blocks)


@dataclass(frozen=True)
class Candidates:
    """`rows` are free to be asked, best first; `others` score high too, and say what speaks against it."""

    as_of: date
    rows: tuple[Candidate, ...]
    others: tuple[Candidate, ...]


def candidates(
    session: Session, by: Viewer, now: datetime, *, tickets: pl.DataFrame | None = None
) -> Candidates:
    """Those that `by` sees, as of the board's day.

    tickets: customer_id Int64 of customers with an urgent or major ticket open or just solved.
    """
    as_of = default_as_of(session, now.date())
    version, book = current(session)
    # Of everybody, also whom `by` does not see: the tenth that asks most is one of all customers.
    scores = scores_on(session, true(), as_of=as_of, version=version, book=book)
    who = _who(session, by)
    context = _context(session, who, now, tickets)
    rows = rated(scores.select(*FACTS), context).join(who, on="customer_id", how="inner")
    shown = rows.sort("score", "attended", "customer_id", descending=[True, True, False])
    shown = shown.head(MOST_SHOWN)
    people = champions(session, shown["customer_id"].to_list(), as_of=as_of)
    found = [_candidate(row, people) for row in shown.iter_rows(named=True)]
    return Candidates(
        as_of,
        tuple(one for one in found if one.free),
        tuple(one for one in found if not one.free),
    )


def _who(session: Session, by: Viewer) -> pl.DataFrame:
    statement = (
        select(
            Customer.id,
            Customer.name,
            Customer.segment,
            Customer.csm_id,
            Person.name,
            Customer.arr,
            Customer.currency,
            Customer.health_score,
            Customer.renews_on,
            Customer.churned_on,
        )
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(visible(by))
    )
    return read_frame(session, statement, _WHO)


def _context(
    session: Session, who: pl.DataFrame, now: datetime, tickets: pl.DataFrame | None
) -> pl.DataFrame:
    asked = read_frame(
        session,
        select(
            Opportunity.customer_id,
            func.max(Opportunity.asked_at),
            func.max(case((Opportunity.stage.in_(UNDER_WAY), 1), else_=0)),
        ).group_by(Opportunity.customer_id),
        {"customer_id": pl.Int64, "asked_at": pl.Datetime("us", "UTC"), "open": pl.Int64},
    )
    urgent = tickets["customer_id"].to_list() if tickets is not None else []
    moment, today = pl.lit(now.astimezone(UTC)), now.date()
    return (
        who.join(asked, on="customer_id", how="left")
        .with_columns(
            renews_in=(pl.col("renews_on") - pl.lit(today)).dt.total_days(),
            asked_ago=(moment - pl.col("asked_at")).dt.total_days(),
            under_way=pl.col("open").fill_null(0) == 1,
            left=(pl.col("churned_on") <= today).fill_null(value=False),
            ticket=pl.col("customer_id").is_in(urgent),
        )
        .select(*CONTEXT)
    )


def _candidate(row: Mapping[str, Any], people: Mapping[int, Contact]) -> Candidate:
    plain = (
        *("customer_id", "customer", "segment", "csm_id", "csm", "arr", "currency", "health"),
        *("renews_on", "score", "attended", "eligible"),
    )
    return Candidate(
        **{name: row[name] for name in plain},
        acts=tuple(row["acts"]),
        remarks=tuple(remarks(row)),
        types=tuple(row["types"]),
        blocks=tuple(row["blocks"]),
        champion=people.get(row["customer_id"]),
    )


def among(found: Candidates, customer_ids: Sequence[int]) -> list[Candidate]:
    """Those of these customers that score high enough to be looked at, in the order asked for."""
    known = {one.customer_id: one for one in (*found.rows, *found.others)}
    return [known[number] for number in dict.fromkeys(customer_ids) if number in known]
