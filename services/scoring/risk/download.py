"""The filtered list of risk signals as a file."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.export import to_csv, to_xlsx
from services.scoring.risk.listing import listing
from services.scoring.risk.records import Filters, SignalRow
from services.scoring.risk.sentence import LEVEL_WORDS, STATE_WORDS

MOST_ROWS = 20_000


def download_signals(
    session: Session, by: Viewer, now: datetime, *, filters: Filters, form: str = "xlsx"
) -> bytes:
    """All signals that fit the filters; `form` is 'xlsx' or 'csv'."""
    found = listing(session, by, now, filters=filters, limit=MOST_ROWS)
    rows = pl.DataFrame([_line(row) for row in found.rows], schema=_COLUMNS, orient="row")
    if form == "csv":
        return to_csv(rows)
    return to_xlsx(rows, title=f"Risk {now.astimezone(UTC):%Y-%m-%d}", formats={"ARR": "#,##0"})


_COLUMNS = {
    "Customer": pl.Utf8,
    "Level": pl.Utf8,
    "State": pl.Utf8,
    "Why": pl.Utf8,
    "What to do": pl.Utf8,
    "Visits, last 6 months": pl.Int64,
    "Visits, 6 months before": pl.Int64,
    "Events missed in a row": pl.Int64,
    "Below expected": pl.Float64,
    "z": pl.Float64,
    "ARR": pl.Float64,
    "Currency": pl.Utf8,
    "Renewal": pl.Date,
    "Segment": pl.Utf8,
    "CSM": pl.Utf8,
    "Opened": pl.Date,
    "Last held": pl.Date,
    "As of": pl.Date,
    "Closed because": pl.Utf8,
}


def _line(row: SignalRow) -> tuple[object, ...]:
    facts = row.facts
    return (
        row.customer,
        LEVEL_WORDS[row.level],
        STATE_WORDS[row.state],
        row.sentence,
        row.advice,
        facts.get("current"),
        facts.get("previous"),
        facts.get("missed"),
        facts.get("below"),
        facts.get("z"),
        row.arr,
        row.currency,
        row.renews_on,
        row.segment,
        row.csm,
        row.opened_at.date(),
        row.seen_at.date(),
        row.as_of,
        row.closed_why,
    )
