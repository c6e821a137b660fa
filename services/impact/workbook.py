"""Impact as one Excel file: a sheet per block and one per figure with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.attendance import analysis
from services.attendance.analysis import Analysis
from services.attendance.analysis.report import worth_rows
from services.export import Sheet, to_book
from services.figures import Share
from services.impact.desks import desks
from services.impact.registry import find_metric
from services.impact.untouched import untouched
from services.impact.wanted import Wanted, lens_of

_PERCENT = {"aim": "0%", "value": "0.0%", "low": "0.0%", "high": "0.0%", "share": "0.0%"}
_MONEY = {"arr": "#,##0", "cost": "#,##0"}


def workbook(  # noqa: PLR0913 - what its sheets are made of
    session: Session,
    by: Viewer,
    summary: pl.DataFrame,
    rows: Mapping[str, pl.DataFrame],
    found: Analysis,
    *,
    at: datetime,
    wanted: Wanted,
) -> bytes:
    """`rows`: by key of a figure; `found`: what the events of the period changed."""
    lens = lens_of(by, wanted, segment=False)
    events = analysis.worth_by_event(session, lens, at.date(), filters=wanted.events)
    blocks = {
        "Success": summary,
        "Value by segment": worth_rows(found.worth),
        "Value by event": events.drop("event_id"),
        "Topics": found.topics,
        "Training": training_rows(found),
        "CSM load and promises": desks(session, by, at=at, wanted=wanted),
        "At risk untouched": untouched(session, by, at=at, wanted=wanted).drop(
            "customer_id", "signal_id"
        ),
        **{find_metric(key).title: _readable(some) for key, some in rows.items()},
    }
    return to_book([_sheet(title, frame) for title, frame in blocks.items()])


def training_rows(found: Analysis) -> pl.DataFrame:
    """What trainings achieve, a row per question: question, hits, of, share, low, high."""
    one = found.training
    shares: tuple[tuple[str, Share], ...] = (
        ("People who completed", one.completed),
        ("People who passed", one.passed),
        ("Customers who came again within 180 days", one.again),
    )
    rows = [(name, s.hits, s.of, s.share, s.low, s.high) for name, s in shares]
    lift = one.lift
    rows.append(
        ("Lift of trainings", lift.treated, lift.treated + lift.others, lift.relative,
         lift.relative_low, lift.relative_high)
    )  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={
            "question": pl.String, "hits": pl.Int64, "of": pl.Int64, "share": pl.Float64,
            "low": pl.Float64, "high": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def _readable(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.exclude("event_id", "customer_id", "signal_id"))


def _sheet(title: str, frame: pl.DataFrame) -> Sheet:
    labels = {name: name.replace("_", " ").capitalize() for name in frame.columns}
    known = _PERCENT if {"value", "share"} & set(frame.columns) else {}
    formats = {name: form for name, form in (_MONEY | known).items() if name in frame.columns}
    kept = {name: form for name, form in formats.items() if frame.schema[name].is_numeric()}
    return Sheet(title, frame, labels, kept)
