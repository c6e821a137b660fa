"""What the API says of an upload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from data.db import transaction
from services.access import Viewer
from services.ids import public_id
from services.uploads import listing
from services.uploads.records import UploadView

MOST_ROWS = 1_000
NOT_MATCHED = ("review", "unmatched", "rejected", "duplicate", "excluded")


class UploadedRow(BaseModel):
    line: int = Field(description="Line of the file, from 1")
    verdict: str = Field(description="review, unmatched, rejected, duplicate or excluded")
    reason: str | None
    event: str | None
    name: str | None
    email: str | None
    company: str | None
    confidence: float | None = Field(description="0 to 1: of the best candidate")


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
    warnings: list[str]
    event_summary: list[TypeSummary]
    changes: dict[str, int] | None = Field(
        None, description="After the import: attendances that are new, changed, same; new_people"
    )
    withdrawn: dict[str, int] | None = Field(
        None,
        description="After an undo: what went with the import (follow_ups, drafts, signals, notifications) "
        "and what stays since a person has acted on it (drafts_kept, signals_kept)",
    )
    rows: list[UploadedRow] = Field(description=f"Not matched: the first {MOST_ROWS:,}")
    rows_total: int = Field(description="How many are not matched")


def answer_of(view: UploadView, by: Viewer, *, repeat: bool = False) -> UploadAnswer:
    """The upload's figures, and those of its rows that need somebody's attention."""
    found: Mapping[str, Any] = view.summary
    with transaction(read_only=True) as session:
        rows = listing.rows(session, by, view.id, verdicts=NOT_MATCHED, limit=MOST_ROWS)
    return UploadAnswer.model_validate(
        {
            **found,
            "upload_id": public_id("upload", view.id),
            "file_name": view.file_name,
            "state": view.state,
            "repeat": repeat,
            "rows": rows.select(*UploadedRow.model_fields).to_dicts(),
            "rows_total": found["records"] - found["matched"],
        }
    )
