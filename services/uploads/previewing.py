"""The preview of files that tell of campaigns or tickets: one flow, whatever they tell of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import FileRefused
from data.tables import Upload
from data.versions import MATCHING, current
from integrations.formats import CANONICAL_FIELDS
from integrations.formats.records import ParsedFile
from services.erased import sampled
from services.matching.cascade import match
from services.matching.prepared import PreparedBook
from services.matching.stored import load_book
from services.uploads import elsewhere, store
from services.uploads.preview import get_open
from services.uploads.records import VERDICTS, Choices, Report, silent


@dataclass(frozen=True)
class Judged:
    """What a file tells: the frames to be kept by the name of their part (none while columns have to be
    mapped), what its summary says besides the columns, and whether its days can be read in two ways."""

    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    unsure: bool = False


Judge = Callable[[Upload, ParsedFile, Choices, PreparedBook, datetime], Judged]


def preview(  # noqa: PLR0913 - the parameters of every such step, and what this one does
    upload_id: int,
    *,
    purpose: str,
    judge: Judge,
    choices: Choices | None = None,
    progress: Report = silent,
    engine: Engine | None = None,
    now: datetime,
) -> None:
    """Read, match and `judge` the file; nothing counts yet. A file that cannot be read becomes `failed`."""
    progress("Reading the file", 0.05)
    try:
        with (
            transaction(engine, read_only=True) as session,
            tempfile.TemporaryDirectory() as folder,
        ):
            upload = get_open(session, upload_id)
            chosen = choices or Choices.from_json(upload.choices)
            path = Path(folder) / "file"
            store.write_file(session, upload_id, path)
            parsed, chosen = elsewhere.parsed(session, path, chosen, purpose)
            matching, book = current(session).get(MATCHING, 0), load_book(session)
            progress("Matching people to customers", 0.4)
            judged = judge(upload, parsed, chosen, book, now)
    except FileRefused as refusal:
        with transaction(engine) as session:
            upload = get_open(session, upload_id)
            upload.state, upload.error = "failed", refusal.message
        return
    progress("Writing the preview", 0.9)
    with transaction(engine) as session:
        upload = get_open(session, upload_id)
        upload.state, upload.error = "previewed", None
        upload.format, upload.label = parsed.format, parsed.label
        upload.choices, upload.match_version = chosen.as_json(), matching
        upload.summary = _columns(session, parsed, purpose) | judged.figures
        upload.summary |= {"dates_ambiguous": judged.unsure}
        if not parsed.needs_mapping:
            elsewhere.remember(session, parsed, chosen, purpose, now)
        for name, frame in judged.frames.items():
            store.save_frame(session, upload_id, name, frame)
    progress("Preview ready", 1.0)


def _columns(session: Session, parsed: ParsedFile, purpose: str) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "kind": purpose,
        "source": parsed.source,
        "columns": list(parsed.columns),
        "mapping": dict(parsed.mapping),
        "sample": sampled(session, parsed.sample),
        "needs_mapping": parsed.needs_mapping,
        "day_first": parsed.day_first,
        "warnings": list(parsed.warnings),
        "fields": {name: one.label for name, one in CANONICAL_FIELDS[purpose].items()},
    }


def with_cells(rows: pl.DataFrame, parsed: ParsedFile, purpose: str) -> pl.DataFrame:
    """`rows`, one per record, with the cells themselves (`raw`) where there is a `problem`."""
    fields = list(CANONICAL_FIELDS[purpose])
    cells = parsed.rows.select(
        raw=pl.coalesce("raw", pl.concat_str(fields, separator=",", ignore_nulls=True))
    )
    return rows.with_columns(raw=pl.when(rows["problem"].is_not_null()).then(cells["raw"]))


def matched(
    rows: pl.DataFrame, who: Sequence[str], book: PreparedBook
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with their `person` and its `band`, and the distinct people with what `match` says of them.
    `who`: the columns with the address, the name and the company, in this order."""
    email, name, company = who
    asked = rows.select(who).unique(maintain_order=True).with_row_index("person")
    told = match(asked.select(email=email, name=name, company=company), book)
    people = pl.concat([asked, told], how="horizontal")
    known = people.select(*who, "person", "band")
    return rows.join(known, on=who, how="left", nulls_equal=True, maintain_order="left"), people


def verdict(again: pl.Expr) -> pl.Expr:
    """One of VERDICTS for each row of `matched`; `again` is true where an earlier row has said the same."""
    found = (
        pl.when(pl.col("problem").is_not_null())
        .then(pl.lit("rejected"))
        .when(again)
        .then(pl.lit("duplicate"))
        .otherwise(pl.col("band").replace_strict(elsewhere.BANDS, default="unmatched"))
    )
    return found.cast(pl.Enum(VERDICTS))


def counted(rows: pl.DataFrame, parsed: ParsedFile) -> dict[str, Any]:
    """The figures that every summary has: records, and how many of them have which verdict."""
    counts = dict(rows["verdict"].cast(pl.String).value_counts().iter_rows())
    return {
        **{("duplicates" if v == "duplicate" else v): counts.get(v, 0) for v in VERDICTS},
        "records": rows.height,
        "blank": parsed.blank,
        "event_summary": [],
    }
