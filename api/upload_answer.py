"""What the API says of an upload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from data.db import transaction
from services.access import Viewer
from services.ids import public_id
from services.uploads import listing
from services.uploads.records import VERDICTS, UploadView

MOST_ROWS = 1_000
MOST_LEFT_OUT = 10_000_000
AMBIGUOUS = (
    "Nothing in the file tells days from months. Send `day_first=true` if 03/04 is the 3rd of April, "
    "`day_first=false` if it is the 4th of March."
)
NOT_MATCHED = tuple(verdict for verdict in VERDICTS if verdict != "matched")


@dataclass(frozen=True)
class RowsWanted:
    """Which of the file's rows come with the answer."""

    rows: Annotated[
        Literal["attention", "all"],
        Query(description="`attention`: those that are not plainly matched; `all`: every row"),
    ] = "attention"
    offset: Annotated[
        int, Query(ge=0, le=MOST_LEFT_OUT, description="Rows to leave out at the beginning")
    ] = 0
    limit: Annotated[int, Query(ge=0, le=MOST_ROWS, description="Rows in one answer")] = MOST_ROWS

    @property
    def verdicts(self) -> tuple[str, ...]:
        return VERDICTS if self.rows == "all" else NOT_MATCHED


class UploadedRow(BaseModel):
    line: int = Field(description="Line of the file, from 1")
    verdict: str = Field(
        description="matched, review, unmatched, rejected, duplicate or excluded (left out)"
    )
    reason: str | None = Field(description="Why, in a sentence")
    customer: str | None = Field(description="Whom the row counts for, when matched")
    stakeholder: str | None
    event: str | None
    name: str | None
    email: str | None
    company: str | None
    confidence: float | None = Field(description="0 to 1: of the best candidate")


class StatusWord(BaseModel):
    word: str
    rows: int
    means: str | None = Field(
        description="attended, no_show, registered or cancelled, as was said with `statuses` or in the app"
    )


class TypeSummary(BaseModel):
    type: str
    label: str
    events: int
    attendees: int
    average: float = Field(description="Attendees per event")


class UploadAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    upload_id: str
    file_name: str
    state: str = Field(description="previewed, committed or undone")
    repeat: bool = Field(description="These very bytes were imported before; nothing was done")
    format: str
    label: str
    sentence: str
    records: int = Field(description="The sum of the six verdicts that follow")
    matched: int
    review: int
    unmatched: int
    rejected: int
    duplicates: int
    excluded: int
    blank: int
    users: int
    customers: int
    events: int
    date_from: date | None
    date_to: date | None
    dates_ambiguous: bool = Field(
        default=False,
        description="It is refused on import until `day_first` is sent, true or false",
    )
    warnings: list[str]
    status_words: list[StatusWord] = Field(
        description="Words for a status that are not known of themselves; say what they mean with `statuses`"
    )
    event_summary: list[TypeSummary]
    changes: dict[str, int] | None = Field(
        None, description="After the import: attendances that are new, changed, same; new_people"
    )
    withdrawn: dict[str, int] | None = Field(
        None,
        description="After an undo: what went with the import (follow_ups, drafts, signals, notifications) "
        "and what stays since a person has acted on it (drafts_kept, signals_kept)",
    )
    rows: list[UploadedRow] = Field(
        description="In the order of the file: those asked for with `rows`, `offset` and `limit`"
    )
    rows_total: int = Field(description="How many rows there are of the kind asked for with `rows`")


def answer_of(
    view: UploadView, by: Viewer, wanted: RowsWanted, *, repeat: bool = False
) -> UploadAnswer:
    """The upload's figures, and those of its rows that were asked for."""
    found: Mapping[str, Any] = view.summary
    with transaction(read_only=True) as session:
        rows = listing.rows(
            session, by, view.id, verdicts=wanted.verdicts, offset=wanted.offset, limit=wanted.limit
        )
    return UploadAnswer.model_validate(
        {
            **found,
            "upload_id": public_id("upload", view.id),
            "file_name": view.file_name,
            "state": view.state,
            "repeat": repeat,
            "warnings": [*found["warnings"], *([AMBIGUOUS] if view.dates_ambiguous else [])],
            "dates_ambiguous": view.dates_ambiguous,
            "status_words": [
                {"word": word, "rows": rows, "means": said}
                for word, rows, said in view.status_words
            ],
            "rows": rows.select(*UploadedRow.model_fields).to_dicts(),
            "rows_total": found["records"] - (0 if wanted.rows == "all" else found["matched"]),
        }
    )
