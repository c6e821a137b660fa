"""The attendance table: reading what is there, writing what an upload adds or changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.bulk import (
    delete_frame,
    insert_frame,
    inserting,
    nothing,
    read_frame,
    read_large,
    reading_beside,
    update_frame,
)
from data.tables import Attendance, AttendanceNote
from data.tables.events import ATTENDED
from services.scoring.attended import ROWS, Attended
from services.uploads.fold import KEY, VALUES, ordered
from services.uploads.records import COUNTED

SCHEMA = {
    "participant": pl.Int64,
    "event": pl.Int64,
    "status": pl.Int8,
    "registered_at": pl.Datetime("us"),
    "joined_at": pl.Datetime("us"),
    "left_at": pl.Datetime("us"),
    "minutes": pl.Float32,
    "joins": pl.Int16,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
    "completed": pl.Boolean,
    "passed": pl.Boolean,
    "sessions": pl.String,
}
STORED = {"participant": "participant_id", "event": "event_id"}
FEW_EVENTS = 50
"""Events up to which their attendance is looked up instead of read whole."""


@dataclass(frozen=True)
class Change:
    """What an upload (or its undo) does to the table.

    Frames of SCHEMA, perhaps with the `upload_id` each row comes from; `gone` of KEY.
    """

    new: pl.DataFrame
    changed: pl.DataFrame
    gone: pl.DataFrame

    @property
    def touched(self) -> pl.DataFrame:
        return pl.concat([self.new.select(KEY), self.changed.select(KEY), self.gone.select(KEY)])


def counted_rows(staged: pl.DataFrame) -> pl.DataFrame:
    """Of the rows of an upload those that become attendance, with what is kept of them.

    person and event_ref UInt32, the VALUES that files speak of, detail.
    """
    said = [name for name in VALUES if name in staged.columns]
    rows = staged.select(
        "person", "event_ref", *said, "detail", counts=pl.col("verdict").is_in(COUNTED)
    )
    return rows.filter("counts").drop("counts")


def with_ids(rows: pl.DataFrame, people: pl.DataFrame, events: dict[int, int]) -> pl.DataFrame:
    """Counted rows of an upload with `participant` and `event` as ids on record.

    Rows of people or events that are not on record are left out.
    """
    refs = pl.Series("event_ref", list(events), dtype=pl.UInt32)
    known = rows.drop("person", "event_ref").with_columns(
        _looked_up(rows["person"], people["person"], people["participant"]).alias("participant"),
        _looked_up(rows["event_ref"], refs, pl.Series(list(events.values()))).alias("event"),
    )
    return known.drop_nulls(KEY)


def _looked_up(wanted: pl.Series, numbers: pl.Series, ids: pl.Series) -> pl.Series:
    """The id, Int64, of each wanted number; null where there is none.

    Numbers count up from 0, so that a table by number finds a million in the time of one join's start.
    """
    highest = pl.concat([wanted, numbers]).max()
    size = highest + 1 if isinstance(highest, int) else 0
    table = pl.repeat(None, size, dtype=pl.Int64, eager=True)
    return table.scatter(numbers, ids).gather(wanted)


@contextmanager
def reading_record(
    session: Session, events: int
) -> Iterator[Callable[[Iterable[int]], pl.DataFrame]]:
    """Begin to read attendance of so many events as it is committed.

    The function given takes their ids and waits for it: columns of SCHEMA, perhaps of more events.
    """
    table = Attendance.__table__
    statement = select(*[table.c[STORED.get(c, c)] for c in SCHEMA])
    if events > FEW_EVENTS:
        with reading_beside(session, statement, SCHEMA) as rows:
            yield lambda _ids: rows()
        return
    yield lambda ids: read_large(
        session, statement.where(table.c.event_id.in_(sorted(ids))), SCHEMA
    )


@contextmanager
def writing(
    session: Session, change: Change, upload_id: int, *, ready: Callable[[], None] = nothing
) -> Iterator[Callable[[], None]]:
    """Make the change ready beside the caller's work; the function given writes it. `ready`: as
    `data.bulk.inserting`."""
    table = Attendance.__table__
    assert isinstance(table, Table)
    stored = [STORED.get(c, c) for c in KEY]
    new = ordered(_signed(change.new, upload_id)).rename(STORED)
    new = new.with_columns(pl.col("spoke").fill_null(value=False))
    with inserting(session, table, new, ready=ready) as insert:

        def write() -> None:
            insert()
            changed = _signed(change.changed, upload_id).rename(STORED)
            update_frame(session, table, changed, stored)
            delete_frame(session, table, change.gone.select(KEY).rename(STORED))

        yield write


def _signed(frame: pl.DataFrame, upload_id: int) -> pl.DataFrame:
    """With the upload each row comes from: the frame's own word for it, else this one."""
    if "upload_id" in frame.columns:
        return frame
    return frame.with_columns(upload_id=pl.lit(upload_id, pl.Int64))


def write_notes(session: Session, rows: pl.DataFrame, kind: str, upload_id: int) -> None:
    """Keep what people asked and answered, each text once; `rows` has KEY and `detail`."""
    said = rows.filter(pl.col("detail").is_not_null()).select(
        pl.col("participant").alias("participant_id"),
        pl.col("event").alias("event_id"),
        pl.lit(upload_id, pl.Int64).alias("upload_id"),
        pl.lit(kind).alias("kind"),
        _on_lines("detail").str.slice(0, 2000).alias("text"),
    )
    table = AttendanceNote.__table__
    keys = ["participant_id", "event_id", "kind", "text"]
    known = read_frame(
        session,
        select(*[table.c[k] for k in keys]).where(
            table.c.event_id.in_(said["event_id"].unique().to_list())
        ),
        {"participant_id": pl.Int64, "event_id": pl.Int64, "kind": pl.String, "text": pl.String},
    )
    known = known.with_columns(_on_lines("text"))
    fresh = said.unique(keys, maintain_order=True).join(known, on=keys, how="anti")
    insert_frame(session, table, fresh)  # type: ignore[arg-type]


def _on_lines(name: str) -> pl.Expr:
    """The same text whatever the program that saved the file ends lines with."""
    return pl.col(name).str.replace_all(r"\r\n?", "\n")


def attended_after(attended: Attended, change: Change, people: pl.DataFrame) -> Attended:
    """Who attended what after the change; `people` has participant, customer_id and band."""
    coming = [
        rows.rename(STORED).select("status", *ROWS).filter(pl.col("status") == ATTENDED)
        for rows in (change.new, change.changed)
    ]
    return attended.after(
        change.touched.rename(STORED),
        pl.concat(coming),
        people.unique("participant").rename({"participant": "participant_id"}),
    )
