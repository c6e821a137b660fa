"""The rows behind each figure of an analysis, all of them, and both as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from sqlalchemy.orm import Session

from data.errors import BadInput
from services.access import Viewer
from services.attendance.analysis.loading import Known
from services.attendance.analysis.outcomes import around
from services.attendance.analysis.rates import rates, since
from services.attendance.analysis.report import (
    HALVES,
    NO_TOPIC,
    AnalysisFilters,
    analysis,
    chosen,
    overview,
    worth_rows,
)
from services.attendance.analysis.tickets import change_rows, ticket_rows
from services.attendance.analysis.training import again_rows, people_rows
from services.attendance.analysis.worth import attending
from services.export import heads_of, to_csv, to_xlsx

MOST_SHOWN = 5_000
ROWS_OF = {
    "seats": "one per event and customer; the events nobody attended as well",
    "reach": "one per customer",
    "lift": "one per customer and event",
    "worth": "one per customer that attended",
    "people": "one per person and training attended or begun",
    "again": "one per customer",
    "support": "one per training and customer compared, with its tickets on the topic",
    "tickets": "one per ticket and training it counts for",
    "follow_up": "one per event and customer whose 72 hours are over",
}
"""What can be asked for, and what a row of it is."""


@dataclass(frozen=True)
class Shown:
    """The first MOST_SHOWN rows of `total`."""

    rows: pl.DataFrame
    total: int


def rows_shown(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters, what: str
) -> Shown:
    """As `rows_behind`, as many as a screen can bear."""
    rows = rows_behind(session, by, today, filters=filters, what=what)
    return Shown(rows.head(MOST_SHOWN), rows.height)


def rows_behind(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters, what: str
) -> pl.DataFrame:
    """A key of ROWS_OF. Their sums are the figures that `analysis` gives for the same filters."""
    known, held = chosen(session, by, filters, today)
    ids = held["event_id"].to_list()
    half = today - timedelta(days=filters.days // 2)
    made: dict[str, Callable[[], pl.DataFrame]] = {
        "seats": lambda: _seats(known, held, half),
        "reach": lambda: _reach(known, ids),
        "lift": lambda: _lift(known, held, today),
        "worth": lambda: _worth(known, ids),
        "people": lambda: people_rows(session, known, ids),
        "again": lambda: again_rows(known, ids, today),
        "support": lambda: change_rows(session, by, today, filters=filters),
        "tickets": lambda: ticket_rows(session, by, today, filters=filters),
    }
    if what not in made:
        raise BadInput("There are no such rows. Choose a view of the event analysis.")
    return made[what]()


def _seats(known: Known, held: pl.DataFrame, half: date) -> pl.DataFrame:
    """event, held_on, type, topic, half (of the period), customer, segment, people, questions."""
    named = pl.when(pl.col("held_on") > half).then(pl.lit("second")).otherwise(pl.lit("first"))
    return (
        held.join(known.seats, on="event_id", how="left")
        .join(
            known.customers.select("customer_id", "customer", "segment"), on="customer_id", how="left"
        )
        .select(
            "held_on", pl.col("name").alias("event"), "type", pl.col("topic").fill_null(NO_TOPIC),
            named.alias("half"), "customer", "segment",
            pl.col("people", "questions").fill_null(0),
        )
        .sort("held_on", "event", "customer", descending=[True, False, False])
    )  # fmt: skip


def _reach(known: Known, ids: list[int]) -> pl.DataFrame:
    """customer, segment, reached, events, people (seats), last_on."""
    dated = known.seats.filter(pl.col("event_id").is_in(ids)).join(
        known.events.select("event_id", "held_on"), on="event_id"
    )
    came = dated.group_by("customer_id").agg(
        events=pl.len().cast(pl.Int64), people=pl.col("people").sum(), last_on=pl.col("held_on").max()
    )  # fmt: skip
    return (
        known.customers.select("customer_id", "customer", "segment")
        .join(came, on="customer_id", how="left")
        .with_columns(pl.col("events", "people").fill_null(0))
        .select(
            "customer", "segment", (pl.col("events") > 0).alias("reached"), "events", "people",
            "last_on",
        )
        .sort("people", "customer", descending=[True, False])
    )  # fmt: skip


def _worth(known: Known, ids: list[int]) -> pl.DataFrame:
    """customer, segment, currency, arr, events, seats, cost, cost_currency."""
    rows = attending(known, ids).drop("customer_id")
    return rows.with_columns(cost_currency=pl.lit(known.cost_currency)).sort(
        "segment", "currency", "arr", "customer", descending=[False, False, True, False]
    )


def _lift(known: Known, held: pl.DataFrame, today: date) -> pl.DataFrame:
    """event, held_on, customer, segment, came, before and after (shares of the events open to the
    customer), change, compared (somebody of the same segment and quarter of start did the other)."""
    rows = around(known, held["event_id"].to_list(), today).with_columns(
        compared=pl.col("treated").n_unique().over("stratum") == 2
    )
    named = known.customers.select("customer_id", named="customer")
    return (
        rows.join(named, left_on="customer", right_on="customer_id")
        .join(held.select("event_id", "held_on", event="name"), on="event_id")
        .select(
            "event", "held_on", pl.col("named").alias("customer"), "segment", came="treated",
            before="before", after="after", change=pl.col("after") - pl.col("before"),
            compared="compared",
        )
        .sort("held_on", "event", "came", "customer", descending=[True, False, True, False])
    )  # fmt: skip


def export(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters, what: str, form: str
) -> bytes:
    """A table of the analysis (`months`, `topics`, `by_segment`) or the rows behind one (ROWS_OF, but the
    follow-ups), as `csv` or `xlsx`."""
    tables: dict[str, Callable[[], pl.DataFrame]] = {
        "months": lambda: overview(session, by, today, filters=filters).months,
        "topics": lambda: overview(session, by, today, filters=filters).topics,
        "by_segment": lambda: worth_rows(analysis(session, by, today, filters=filters).worth),
    }
    if what in tables:
        return _file(tables[what](), what, form)
    return _file(rows_behind(session, by, today, filters=filters, what=what), what, form)


def export_follow_ups(
    session: Session, by: Viewer, now: datetime, *, filters: AnalysisFilters, form: str
) -> bytes:
    """The follow-ups that the rates count, as `csv` or `xlsx`."""
    found = rates(
        session, by, now, since=since(now, filters.days), segment=filters.segment,
        event_type=filters.type,
    )  # fmt: skip
    return _file(found.rows.drop("event_id", "customer_id"), "follow_up", form)


def _file(rows: pl.DataFrame, what: str, form: str) -> bytes:
    heads, title = heads_of(rows.columns) | HALVES, what.replace("_", " ").capitalize()
    return to_csv(rows, heads) if form == "csv" else to_xlsx(rows, heads, title=title)
