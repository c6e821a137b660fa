"""The figures of success: all of them, one with its rows, and all that is behind them as one workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.attendance import analysis
from services.attendance.analysis import Analysis
from services.figures import Lift
from services.impact.figures import Figure, Measured, judged, of_lift
from services.impact.registry import METRICS, Metric, find_metric
from services.impact.wanted import Wanted, lens_of
from services.plurals import counted

MOST_ROWS = 2_000
"""Rows that a screen is given; a file has all."""
MONTHS: dict[str, Any] = {
    "month": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "top": pl.String, "bottom": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """One figure with what it is made of: `rows` are the first MOST_ROWS of `total`, `months` of MONTHS.
    `measured` is None for what the analysis of events makes."""

    measured: Measured | None
    months: pl.DataFrame
    rows: pl.DataFrame
    total: int


def measured(session: Session, by: Viewer, *, at: datetime, wanted: Wanted) -> tuple[Measured, ...]:
    """All but what the analysis of events makes, which `complete` adds; NotAllowed for who leads nobody.

    `at` is the moment the figures are of: an argument, so that whoever caches them says how old they may be.
    """
    lens = lens_of(by, wanted)
    return tuple(_measured(one, one.read(session, lens, at, wanted)) for one in METRICS if one.read)


def complete(found: Sequence[Measured], lift: Lift) -> tuple[Measured, ...]:
    """All of METRICS in their order, with the lift that the analysis of events found. Pure."""
    known = {one.key: one for one in found}
    return tuple(
        known.get(one.key) or judged(one.key, of_lift(lift), one.aim) for one in METRICS
    )  # fmt: skip


def opened(session: Session, by: Viewer, *, key: str, at: datetime, wanted: Wanted) -> Opened:
    """The figure of the rows, and the rows; NotFound for an unknown key."""
    metric = find_metric(key)
    rows = rows_of(session, by, metric, at=at, wanted=wanted)
    if metric.read is None:
        months = analysis.months_of_lift(
            session, lens_of(by, wanted, segment=False), at.date(), filters=wanted.events
        )
        return Opened(None, _months_of_lift(months), rows.head(MOST_ROWS), rows.height)
    return Opened(
        _measured(metric, rows), by_month(metric, rows), rows.head(MOST_ROWS), rows.height
    )  # fmt: skip


def rows_of(
    session: Session, by: Viewer, metric: Metric, *, at: datetime, wanted: Wanted
) -> pl.DataFrame:
    """All rows that the figure is made of."""
    if metric.read is not None:
        return metric.read(session, lens_of(by, wanted), at, wanted)
    lens = lens_of(by, wanted, segment=False)
    return analysis.rows_behind(session, lens, at.date(), filters=wanted.events, what="lift")


def by_month(metric: Metric, rows: pl.DataFrame) -> pl.DataFrame:
    """MONTHS: the figure of the rows of each month, the earliest first. Pure."""
    told = rows.with_columns(month=pl.col(metric.month_of).dt.strftime("%Y-%m"))
    made = [
        (month, metric.decide(some.drop("month")))
        for (month,), some in sorted(told.group_by("month"), key=lambda one: str(one[0][0]))
    ]
    return pl.DataFrame(
        [(month, one.value, one.low, one.high, one.top, one.bottom) for month, one in made],
        schema=MONTHS, orient="row",
    )  # fmt: skip


def _measured(metric: Metric, rows: pl.DataFrame) -> Measured:
    months: tuple[tuple[str, float | None], ...] = ()
    if not metric.lift:  # a lift of one month is drawn thousands of times: for who opens it
        months = tuple(by_month(metric, rows).select("month", "value").iter_rows())
    return judged(metric.key, metric.decide(rows), metric.aim, months=months)


def _months_of_lift(rows: pl.DataFrame) -> pl.DataFrame:
    def customers(name: str) -> pl.Expr:
        noun = pl.when(pl.col(name) == 1).then(pl.lit("customer")).otherwise(pl.lit("customers"))
        return pl.format("{} {}", pl.col(name), noun)

    return rows.select(
        pl.col("month").dt.strftime("%Y-%m"), pl.col("relative").alias("value"), "low", "high",
        customers("treated").alias("top"), customers("others").alias("bottom"),
    )  # fmt: skip


def summary(found: Sequence[Measured]) -> pl.DataFrame:
    """A row per figure: requirement, figure, aim, value, low, high, made_of, out_of, n, verdict, of, definition."""
    rows = [_line(find_metric(one.key), one) for one in found]
    return pl.DataFrame(rows, schema=_SUMMARY, orient="row")


_SUMMARY: dict[str, Any] = {
    "requirement": pl.String, "figure": pl.String, "aim": pl.Float64, "value": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "made_of": pl.String, "out_of": pl.String,
    "n": pl.Int64, "verdict": pl.String, "of": pl.String, "definition": pl.String,
}  # fmt: skip


def _line(metric: Metric, one: Measured) -> tuple[Any, ...]:
    figure: Figure = one.figure
    return (
        ", ".join(f"PRD-{number:03d}" for number in metric.prds), metric.title, metric.aim,
        figure.value, figure.low, figure.high, counted(figure.top, metric.top),
        counted(figure.bottom, metric.bottom), figure.n, one.verdict, metric.period,
        metric.definition,
    )  # fmt: skip


def export_rows(
    session: Session, by: Viewer, *, key: str, at: datetime, wanted: Wanted, form: str
) -> bytes:
    """All rows of one figure: `form` is 'xlsx', with what they are of, or 'csv'; NotFound for an unknown key."""
    from services.impact import workbook

    metric = find_metric(key)
    rows = rows_of(session, by, metric, at=at, wanted=wanted)
    if form == "csv":
        return workbook.one_table(rows)
    return workbook.one_figure(session, by, metric.title, rows, at=at, wanted=wanted)


def export(session: Session, by: Viewer, *, at: datetime, wanted: Wanted) -> bytes:
    """A workbook: the figures, a sheet with the rows of each, and the other blocks of the page."""
    from services.impact.workbook import workbook  # what it brings in is slow to import

    found: Analysis = analysis.analysis(
        session, lens_of(by, wanted, segment=False), at.date(), filters=wanted.events
    )
    told = complete(measured(session, by, at=at, wanted=wanted), found.lift)
    rows = {one.key: rows_of(session, by, one, at=at, wanted=wanted) for one in METRICS}
    return workbook(session, by, summary(told), rows, found, at=at, wanted=wanted)
