"""The customers who could speak for us, read from the board and everything that speaks against asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import case, func, or_, select, true
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Opportunity, Person, Ticket
from services.access import Viewer, visible
from services.access.day import today
from services.scoring.advocacy.notable import (
    BLOCKS,
    CONTEXT,
    FACTS,
    TYPES,
    high_scorers,
    rated,
    remarks,
)
from services.scoring.board import default_as_of
from services.scoring.champions import Contact, Depths, champions, depths_of
from services.scoring.published import current
from services.scoring.standings import scores_on

UNDER_WAY = ("identified", "asked", "agreed")
MOST_SHOWN = 200
BEST_FIRST = ("score", "attended", "customer_id")
PIECE = 5_000
OPEN_TICKETS = ("new", "open", "pending", "on_hold")
MAJOR = "relationship_repair"
TICKET_REST = timedelta(days=30)
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


@dataclass(frozen=True)
class High:
    """The best of those who score high as of the board's day: `rows` as of `high_scorers`, `depths` of their
    people."""

    as_of: date
    rows: pl.DataFrame
    depths: Depths


def high(session: Session, by: Viewer, *, today: date) -> High:
    """Those that `by` sees. What is notable is so among all customers: the tenth that asks most is one of
    them all. It stays as it is until scores change."""
    as_of = default_as_of(session, today)
    version, book = current(session)
    scores = scores_on(session, true(), as_of=as_of, version=version, book=book)
    found = high_scorers(scores.select(*FACTS))
    own = [
        read_frame(
            session,
            select(Customer.id).where(Customer.id.in_(some), visible(by)),
            {"customer_id": pl.Int64},
        )
        for some in _pieces(found["customer_id"].to_list())
    ]
    if own:
        found = found.join(pl.concat(own), on="customer_id", how="semi")
    best = found.sort(*BEST_FIRST, descending=[True, True, False]).head(MOST_SHOWN)
    depths = depths_of(session, best["customer_id"].to_list(), as_of=as_of)
    return High(as_of, best, depths)


def candidates(
    session: Session, by: Viewer, now: datetime, *, known: High | None = None
) -> Candidates:
    """Those that `by` sees, as of the board's day; `known`: who scores high, where that is at hand."""
    best = known or high(session, by, today=now.date())
    as_of = best.as_of
    ids = best.rows["customer_id"].to_list()
    who = pl.concat(
        [pl.DataFrame(schema=_WHO), *(_who(session, by, some) for some in _pieces(ids))]
    )
    context = _context(session, who, now, today(session, by, now))
    rows = rated(best.rows, context).join(who, on="customer_id", how="inner")
    shown = rows.sort(*BEST_FIRST, descending=[True, True, False])
    people = champions(session, shown["customer_id"].to_list(), as_of=as_of, depths=best.depths)
    found = [_candidate(row, people) for row in shown.iter_rows(named=True)]
    return Candidates(
        as_of,
        tuple(one for one in found if one.free),
        tuple(one for one in found if not one.free),
    )


def _pieces(ids: list[int]) -> list[list[int]]:
    return [ids[at : at + PIECE] for at in range(0, len(ids), PIECE)]


def _who(session: Session, by: Viewer, ids: list[int]) -> pl.DataFrame:
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
        .where(Customer.id.in_(ids), visible(by))
    )
    return read_frame(session, statement, _WHO)


def _context(session: Session, who: pl.DataFrame, now: datetime, day: date) -> pl.DataFrame:
    """`day`: the reader's."""
    asked = read_frame(
        session,
        select(
            Opportunity.customer_id,
            func.max(Opportunity.asked_at),
            func.max(case((Opportunity.stage.in_(UNDER_WAY), 1), else_=0)),
        )
        .where(Opportunity.customer_id.in_(who["customer_id"].to_list()))
        .group_by(Opportunity.customer_id),
        {"customer_id": pl.Int64, "asked_at": pl.Datetime("us", "UTC"), "open": pl.Int64},
    )
    troubled = _troubled(session, who["customer_id"].to_list(), now)
    moment = pl.lit(now.astimezone(UTC))
    return (
        who.join(asked, on="customer_id", how="left")
        .with_columns(
            renews_in=(pl.col("renews_on") - pl.lit(day)).dt.total_days(),
            asked_ago=(moment - pl.col("asked_at")).dt.total_days(),
            under_way=pl.col("open").fill_null(0) == 1,
            left=(pl.col("churned_on") <= day).fill_null(value=False),
            ticket=pl.col("customer_id").is_in(troubled),
        )
        .select(*CONTEXT)
    )


def _troubled(session: Session, ids: list[int], now: datetime) -> list[int]:
    """Customers with an urgent or escalated ticket open, or a major one solved within TICKET_REST."""
    pressing = Ticket.state.in_(OPEN_TICKETS) & (
        (Ticket.severity == "urgent") | Ticket.escalated_at.is_not(None)
    )
    repaired = (Ticket.level == MAJOR) & (Ticket.solved_at >= now - TICKET_REST)
    return [
        number
        for some in _pieces(ids)
        for number in session.scalars(
            select(Ticket.customer_id)
            .where(Ticket.customer_id.in_(some), or_(pressing, repaired))
            .distinct()
        )
        if number is not None
    ]


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
