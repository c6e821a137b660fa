"""Uploads and their rows, for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.errors import NotFound
from data.tables import Customer, Person, Stakeholder, Upload
from data.tables.events import STATUS_WORDS
from integrations.formats.remarks import WRONG_DAY, says_no_day
from integrations.formats.to_mend import HEADINGS
from services.access.viewer import Viewer, visible
from services.uploads import other_listing, store
from services.uploads.access import require_upload, visible_uploads
from services.uploads.deciding import judged
from services.uploads.preview import PARTS
from services.uploads.records import Choices, UploadRow, UploadView

ROWS = {
    "line": pl.UInt32,
    "event": pl.String,
    "name": pl.String,
    "email": pl.String,
    "company": pl.String,
    "status": pl.String,
    "minutes": pl.Float32,
    "verdict": pl.String,
    "reason": pl.String,
    "customer": pl.String,
    "stakeholder": pl.String,
    "confidence": pl.Float32,
}
_TITLES = {"status": "What happened", "raw": "Original"}
_OF_EVENT = ("zone", "topic", "polls_asked", "source")
_TOLD_OF_EVENT = {
    "event": "name",
    "event_type": "type",
    "event_id": "source_event_id",
    "event_minutes": "duration_minutes",
}
_OF_PERSON = ("name", "email", "company", "title", "status")
_OF_UNDATED = ("event", "event_type", "event_id", "topic")
FOREIGN = "A colleague's customer"
"""Shown in place of the name of a customer outside the viewer's portfolio."""


def list_uploads(
    session: Session, by: Viewer, *, limit: int = 50, offset: int = 0
) -> list[UploadRow]:
    """Newest first."""
    statement = (
        select(Upload, Person.name)
        .outerjoin(Person, Person.id == Upload.uploaded_by)
        .where(visible_uploads(by))
        .order_by(Upload.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [UploadRow(**_fields(upload, name)) for upload, name in session.execute(statement)]


def find_upload(session: Session, by: Viewer, upload_id: int) -> UploadView | None:
    """None when it is unknown or somebody else's."""
    try:
        return get_upload(session, by, upload_id)
    except NotFound:
        return None


def get_upload(session: Session, by: Viewer, upload_id: int) -> UploadView:
    """NotFound when it is unknown or somebody else's."""
    upload = require_upload(session, by, upload_id)
    person = session.get(Person, upload.uploaded_by) if upload.uploaded_by else None
    found = upload.summary
    return UploadView(
        **_fields(upload, person.name if person else None),
        choices=Choices.from_json(upload.choices),
        columns=found.get("columns", []),
        mapping=found.get("mapping", {}),
        sample=found.get("sample", []),
        needs_mapping=found.get("needs_mapping", False),
        dates_ambiguous=found.get("dates_ambiguous", False),
        warnings=found.get("warnings", []),
        events=found.get("event_list", []),
    )


def _fields(upload: Upload, uploader: str | None) -> dict[str, Any]:
    return {
        **{
            name: getattr(upload, name)
            for name in (
                "id",
                "file_name",
                "label",
                "state",
                "error",
                "uploaded_at",
                "committed_at",
                "undone_at",
                "summary",
            )
        },
        "uploaded_by": uploader,
    }


def rows(
    session: Session,
    by: Viewer,
    upload_id: int,
    *,
    verdicts: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = 200,
) -> pl.DataFrame:
    """The records with their verdicts, columns of ROWS, in file order."""
    if other_listing.other_purpose(session, upload_id):
        return _of_others(session, by, upload_id, verdicts, offset, limit).select(*ROWS)
    return _with_people(session, by, upload_id, verdicts, offset, limit).select(*ROWS)


def download(
    session: Session, by: Viewer, upload_id: int, verdicts: Sequence[str] | None = None
) -> pl.DataFrame:
    """The records with all that the file told of them, to be corrected and uploaded again.

    Columns of `to_mend.HEADINGS`, then Verdict, Reason, Line and, for rejected rows, the original cells.
    Read back unchanged they say what they said before.
    """
    if other_listing.other_purpose(session, upload_id):
        told = _of_others(session, by, upload_id, verdicts, 0, None)
        wanted = ("email", "name", "status", "verdict", "reason", "line", "raw")
        return told.select(pl.col(c).alias(_TITLES.get(c, c.title())) for c in wanted)
    full = _with_people(session, by, upload_id, verdicts, 0, None)
    if "event_ref" not in full.columns:  # nothing was read of it
        return pl.DataFrame(schema=dict.fromkeys(HEADINGS.values(), pl.String))
    kind = require_upload(session, by, upload_id).summary.get("kind")
    # What stands in place of a day is there to be corrected: left out, the row would be of its event's day unmended.
    wrong = pl.col("reason").str.extract(WRONG_DAY)
    made = {
        "event_start": pl.coalesce(wrong, _moment(pl.col("starts_at"))),
        "role": pl.when("spoke").then(pl.lit("panelist")),
        "kind": pl.lit(kind),
    }
    made |= {name: _moment(pl.col(name)) for name in ("registered_at", "joined_at", "left_at")}
    made |= {
        name: pl.when(name).then(pl.lit("yes")).when(~pl.col(name)).then(pl.lit("no"))
        for name in ("completed", "passed")
    }
    return full.select(
        *(made.get(name, pl.col(name)).alias(title) for name, title in HEADINGS.items()),
        *(pl.col(name).alias(name.title()) for name in ("verdict", "reason", "line")),
        pl.col("raw").alias("Original"),
    )


def _moment(at: pl.Expr) -> pl.Expr:
    return at.dt.to_string("%Y-%m-%dT%H:%M:%SZ")


def _of_others(
    session: Session,
    by: Viewer,
    upload_id: int,
    verdicts: Sequence[str] | None,
    offset: int,
    limit: int | None,
) -> pl.DataFrame:
    """The rows of an export of campaigns or tickets: ROWS and raw."""
    upload = require_upload(session, by, upload_id)
    page, people = other_listing.staged(session, upload, verdicts, offset, limit)
    if page.is_empty():
        return pl.DataFrame(schema=ROWS | {"raw": pl.String})
    told = _named(session, by, people).select(
        "person", "confidence", "customer", "stakeholder", person_reason="reason"
    )
    found = page.join(told, on="person", how="left", maintain_order="left").with_columns(
        status="what",
        minutes=pl.lit(None, pl.Float32),
        reason=pl.coalesce("problem", "person_reason"),
    )
    return found.select(*ROWS, "raw")


def _with_people(
    session: Session,
    by: Viewer,
    upload_id: int,
    verdicts: Sequence[str] | None,
    offset: int,
    limit: int | None,
) -> pl.DataFrame:
    upload = require_upload(session, by, upload_id)
    frames = [store.load_frame(session, upload_id, name) for name in PARTS]
    staged, people, events, decided = (f if f is not None else pl.DataFrame() for f in frames)
    if staged.is_empty():
        return pl.DataFrame(schema=ROWS)
    if verdicts is not None:
        staged = staged.filter(pl.col("verdict").is_in(list(verdicts)))
    page = staged.slice(offset, limit)
    named = people.join(page.select("person").drop_nulls().unique(), on="person", how="semi")
    named = _named(session, by, judged(named, decided)).select(
        "person",
        "email",
        "company",
        "title",
        pl.col("name").alias("name"),
        "confidence",
        "customer",
        "stakeholder",
        person_reason="reason",
    )
    return (
        page.join(named, on="person", how="left", maintain_order="left")
        .join(
            events.select("event_ref", "starts_at", *_OF_EVENT, **_TOLD_OF_EVENT),
            on="event_ref",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            _reason(noted="note" in page.columns),
            pl.col("status").replace_strict(STATUS_WORDS, default=None, return_dtype=pl.String),
        )
        .with_columns(_as_it_says(upload))
    )


def _reason(*, noted: bool) -> pl.Expr:
    """Of the row itself, else of its person; and what the reader noted of the row."""
    why = pl.coalesce("reason", "person_reason")
    if not noted:
        return why.alias("reason")
    both = pl.concat_str(why.str.strip_chars_end("."), "note", separator="; ", ignore_nulls=True)
    return pl.when(pl.col("note").is_null()).then(why).otherwise(both).alias("reason")


def _as_it_says(upload: Upload) -> list[pl.Expr]:
    """What rows that count for nobody say of the person, and those of no known day of their event, from their own
    cells, where the columns are known."""
    columns, mapping = upload.summary.get("columns", []), upload.summary.get("mapping", {})
    cells = pl.col("raw").str.json_decode(pl.List(pl.String))
    rejected = pl.col("verdict") == "rejected"
    found = []
    for fields, where in ((_OF_PERSON, rejected), (_OF_UNDATED, says_no_day())):
        for field in fields:
            if mapping.get(field) in columns:
                said = cells.list.get(columns.index(mapping[field]), null_on_oob=True)
                cell = said.str.strip_chars().replace("", None)
                found.append(pl.coalesce(field, pl.when(where).then(cell)))
    return found


def _named(session: Session, by: Viewer, people: pl.DataFrame) -> pl.DataFrame:
    """People with the names of the customer and stakeholder they were matched to."""
    customers = read_frame(
        session,
        select(Customer.id, Customer.name).where(visible(by)),
        {"customer_id": pl.Int64, "customer": pl.String},
    )
    stakeholders = read_frame(
        session,
        select(Stakeholder.id, Stakeholder.first_name + " " + Stakeholder.last_name)
        .join(Customer, Customer.id == Stakeholder.customer_id)
        .where(visible(by)),
        {"stakeholder_id": pl.Int64, "stakeholder": pl.String},
    )
    return (
        _discreet(people, customers["customer_id"], by)
        .join(customers, on="customer_id", how="left", maintain_order="left")
        .join(stakeholders, on="stakeholder_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("customer_id").is_not_null())
            .then(pl.col("customer").fill_null(FOREIGN))
            .alias("customer")
        )
    )


def _discreet(people: pl.DataFrame, visible_ids: pl.Series, by: Viewer) -> pl.DataFrame:
    """Reasons name the customer they speak of: not to those who may not know it."""
    if by.sees_all:
        return people
    likeliest = pl.col("candidates").list.first().struct.field("customer_id")
    subject = pl.coalesce("customer_id", likeliest)
    hidden = subject.is_not_null() & ~subject.is_in(visible_ids.implode())
    return people.with_columns(
        pl.when(hidden).then(pl.lit(FOREIGN)).otherwise("reason").alias("reason")
    )
