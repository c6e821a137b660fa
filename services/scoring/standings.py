"""The board as somebody reads it: their customers, ranked among themselves, filtered and paged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables.access import Person
from data.tables.customers import Customer
from services.access import Viewer, visible
from services.scoring import store
from services.scoring.components import SPARK_MONTHS
from services.scoring.distribution import distribution
from services.scoring.load import load_facts
from services.scoring.score import NO_DATA, score_customers, with_ranks
from services.scoring.weights import COMPONENTS, WeightBook

NO_SEGMENT, NO_CSM = "No segment", "No CSM"
NOBODYS = 0
GROUPS = {"segment": "segment", "csm": "csm"}
PAGE_ROWS = 100

WHO: dict[str, Any] = {
    "customer_id": pl.Int64,
    "customer": pl.Utf8,
    "segment": pl.Utf8,
    "csm_id": pl.Int64,
    "csm": pl.Utf8,
    "arr": pl.Float64,
    "currency": pl.Utf8,
}
SHOWN = (
    "rank",
    "score",
    "state",
    "band",
    "percentile",
    *COMPONENTS,
    "attended",
    "eligible",
    "people",
    "last_attended",
    "trend",
    "missed_in_row",
    "months",
)
SORTS = (
    "rank",
    "customer",
    "score",
    "attended",
    "people",
    "trend",
    "csm",
    "arr",
    "last_attended",
    "missed_in_row",
)


@dataclass(frozen=True)
class BoardFilters:
    """What to keep; None keeps all. `search` looks for a part of the customer's name, and a `csm_id` of NOBODYS
    for customers without a CSM."""

    segment: str | None = None
    csm_id: int | None = None
    band: str | None = None
    trend: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class Standings:
    """All customers that `by` may see, best first: the columns WHO and SHOWN."""

    rows: pl.DataFrame
    as_of: date
    weight_version: int


@dataclass(frozen=True)
class BoardPage:
    """A page of the filtered board; `total` rows fit the filters, `of` customers are on the board."""

    rows: pl.DataFrame
    total: int
    of: int
    as_of: date
    weight_version: int


def standings_of(
    session: Session, by: Viewer, *, as_of: date, version: int, book: WeightBook
) -> Standings:
    """The customers that `by` may see with their scores of the day under these weights."""
    scores = scores_on(session, visible(by), as_of=as_of, version=version, book=book)
    rows = _who(session, by).join(scores, on="customer_id", how="left")
    rows = rows.with_columns(
        # Somebody may have been added since the scores were written.
        pl.col("state").fill_null(NO_DATA),
        pl.col("attended", "eligible", "people", "missed_in_row").fill_null(0),
        pl.col("months").fill_null([0] * SPARK_MONTHS),
        pl.col("trend").fill_null("new"),
    )
    return Standings(with_ranks(rows).select(*WHO, *SHOWN).sort("rank"), as_of, version)


def scores_on(
    session: Session, whose: ColumnElement[bool], *, as_of: date, version: int, book: WeightBook
) -> pl.DataFrame:
    """Rows of `score_customers` from the stored board when it is that of the day, else computed.

    `whose` is a condition on Customer.
    """
    if store.stamp(session) == store.Stamp(as_of, version):
        return store.stored_scores(session, whose)
    facts = load_facts(session, as_of=as_of)
    scores = score_customers(
        facts.attendances, facts.events, facts.customers, weights=book, as_of=as_of
    )
    theirs = read_frame(session, select(Customer.id).where(whose), {"customer_id": pl.Int64})
    return scores.join(theirs, on="customer_id", how="semi").select(list(store.SCORES))


def page_of(
    standings: Standings,
    filters: BoardFilters | None = None,
    *,
    sort: str = "rank",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = PAGE_ROWS,
) -> BoardPage:
    """The filtered rows in order; `limit=None` gives all of them, for exports and counts.

    `sort` is one of SORTS; anything else sorts by rank. Customers without a value come last.
    """
    found = _filtered(standings.rows, filters or BoardFilters())
    if (sort in SORTS and sort != "rank") or descending:
        key = sort if sort in SORTS else "rank"
        found = found.sort(_sort_key(key), "rank", descending=[descending, False], nulls_last=True)
    return BoardPage(
        rows=found.slice(offset, limit),
        total=found.height,
        of=standings.rows.height,
        as_of=standings.as_of,
        weight_version=standings.weight_version,
    )


@dataclass(frozen=True)
class Summary:
    """`bands` counts customers by band, high first; `average` is that of the scored ones."""

    customers: int
    scored: int
    average: float | None
    bands: dict[str, int]


def summary_of(rows: pl.DataFrame) -> Summary:
    counts = distribution(rows)
    mean: Any = rows["score"].mean()
    return Summary(
        customers=rows.height,
        scored=rows["score"].count(),
        average=mean,
        bands=dict(counts.select("band", "customers").iter_rows()),
    )


def distribution_of(rows: pl.DataFrame, group: str | None = None) -> pl.DataFrame:
    """Counts and shares per band, as `distribution`, for all or per 'segment' or 'csm' (column `group`)."""
    if group is None:
        return distribution(rows)
    column = GROUPS[group]
    missing = NO_SEGMENT if group == "segment" else NO_CSM
    counts = distribution(rows, column)  # the group without a value comes last
    return counts.rename({column: "group"}).with_columns(pl.col("group").fill_null(missing))


def _filtered(rows: pl.DataFrame, filters: BoardFilters) -> pl.DataFrame:
    conditions = [
        pl.col(name) == value
        for name in ("csm_id", "band", "trend")
        if (value := getattr(filters, name)) is not None and value != NOBODYS
    ]
    if filters.csm_id == NOBODYS:
        conditions.append(pl.col("csm_id").is_null())
    if filters.segment == NO_SEGMENT:
        conditions.append(pl.col("segment").is_null())
    elif filters.segment is not None:
        conditions.append(pl.col("segment") == filters.segment)
    wanted = (filters.search or "").strip().lower()
    if wanted:
        conditions.append(pl.col("customer").str.to_lowercase().str.contains(wanted, literal=True))
    return rows.filter(conditions) if conditions else rows


def _sort_key(name: str) -> pl.Expr:
    return pl.col(name).str.to_lowercase() if name in ("customer", "csm") else pl.col(name)


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
        )
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(visible(by))
    )
    return read_frame(session, statement, WHO)
