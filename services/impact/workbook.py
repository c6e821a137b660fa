"""Impact as one Excel file: what it is of, a sheet per block and one per figure with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.attendance import analysis
from services.attendance.analysis import Analysis
from services.attendance.analysis.report import HALVES, worth_rows
from services.export import Sheet, heads_of, to_book, to_csv
from services.figures import Share
from services.impact.desks import desks
from services.impact.registry import METRICS, find_metric
from services.impact.untouched import untouched
from services.impact.wanted import Wanted, choices, lens_of

ABOUT = "About"
_SHARES = ("value", "low", "high", "share", "lift", "relative", "before", "after", "change")
_FORMATS = {
    "aim": "0%", **dict.fromkeys(_SHARES, "0.0%"),
    **dict.fromkeys(("arr", "cost", "influenced_low", "influenced_middle", "influenced_high"), "#,##0"),
    **dict.fromkeys(("per_event", "earlier", "recent", "return_low", "return_middle", "return_high"), "0.0"),
}  # fmt: skip
_AS_ON_THE_PAGE = {
    "relative": "Lift", "low": "Low end of 95%", "high": "High end of 95%", "per_event": "Seats per event",
    "treated": "Came", "others": "Did not come", "attended": "Came", "compared_with": "Did not come", **HALVES,
    "days": "Days without a word",
    "notified": "Told that day", "drafted": "Drafted in 24 h", "sent": "Sent in 72 h",
    "notified_of": "Told that day, of", "drafted_of": "Drafted in 24 h, of", "sent_of": "Sent in 72 h, of",
}  # fmt: skip


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
        ABOUT: about(session, by, at=at, wanted=wanted),
        "Success": summary,
        "Value by segment": worth_rows(found.worth),
        "Value by event": events.drop("event_id"),
        "Topics": found.topics,
        "Training": training_rows(found),
        "CSM load and promises": desks(session, by, at=at, wanted=wanted),
        "At risk untouched": untouched(session, by, at=at, wanted=wanted).drop(
            "customer_id", "signal_id"
        ),
    }
    figures = {find_metric(key).title: _readable(some) for key, some in rows.items()}
    return to_book(
        [_sheet(title, frame, _AS_ON_THE_PAGE) for title, frame in blocks.items()]
        + [_sheet(title, frame) for title, frame in figures.items()]
    )


def one_figure(
    session: Session, by: Viewer, title: str, rows: pl.DataFrame, *, at: datetime, wanted: Wanted
) -> bytes:
    """A workbook of the rows of one figure."""
    told = about(session, by, at=at, wanted=wanted)
    return to_book([_sheet(ABOUT, told), _sheet(title, _readable(rows))])


def one_table(rows: pl.DataFrame) -> bytes:
    """The same rows as CSV."""
    told = _readable(rows)
    return to_csv(told, heads_of(told.columns))


def about(session: Session, by: Viewer, *, at: datetime, wanted: Wanted) -> pl.DataFrame:
    """what, said: of when, of which period, segment and customers the figures are, and for whom they were made."""
    whose = choices(session, by).whose
    chosen = (name for name, ids in whose.items() if ids == wanted.csm_ids)
    everybody = f"All that {by.name} sees"
    told = {
        "Figures as of": f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "Period": f"The last {wanted.days} days, since {wanted.since(at):%Y-%m-%d}",
        "Segment": wanted.segment or "All",
        "Customers of": everybody if wanted.csm_ids is None else next(chosen, "Some CSMs"),
        "Downloaded by": by.name,
        "Not of the period": f"{', '.join(one.title for one in METRICS if one.always)}, and who is at risk: all on record; "
        "promises: the last 60 days",
    }
    return pl.DataFrame({"what": list(told), "said": list(told.values())})


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


def _sheet(title: str, frame: pl.DataFrame, heads: Mapping[str, str] | None = None) -> Sheet:
    """`heads` in place of what a column's own name says."""
    formats = {
        name: form
        for name, form in _FORMATS.items()
        if name in frame.columns and frame.schema[name].is_float()
    }
    return Sheet(title, frame, heads_of(frame.columns) | dict(heads or {}), formats)
