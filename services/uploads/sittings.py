"""What was restarted, or held twice in a day, has a report of each sitting: who was in several was there for all of
them, and who was in one came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Upload
from integrations.formats.to_mend import FORMAT as TO_MEND
from services.uploads.attendance import counted_rows, with_ids
from services.uploads.fold import KEY
from services.uploads.people import everyone, key_of
from services.uploads.preview import load_staged
from services.uploads.records import Staged

SOURCES = ("teams", "zoom", "goto")
"""The platforms that make a new report, under the same number, whenever an event is started again."""
_FORMATS = ("teams", "teams_log", "zoom_webinar", "zoom_meeting", "gotowebinar", TO_MEND)

_MANY = 10


class Sitting(NamedTuple):
    """What a report tells: `rows`, those that count by ids on record, and `held`, as `held_when`."""

    rows: pl.DataFrame
    held: pl.DataFrame


def of_sitting(staged: Staged) -> bool:
    """Whether the file tells of one sitting of a meeting that may have had others."""
    return staged.kind == "attendance" and bool(staged.events["source"].is_in(SOURCES).any())


def rows_of(staged: Staged, upload: Upload, people: pl.DataFrame) -> pl.DataFrame:
    """The counted rows of a committed upload about these `people` (person_key, id), by ids on record."""
    ids = staged.people.select("person", key_of(staged.people)).join(
        people.select("person_key", participant="id"), on="person_key"
    )
    return with_ids(counted_rows(staged.rows), ids, _events_of(upload))


def held_of(staged: Staged, upload: Upload) -> pl.DataFrame:
    """`held_when` of a committed upload."""
    return held_when(staged, _events_of(upload))


def held_when(staged: Staged, ids: Mapping[int, int]) -> pl.DataFrame:
    """event, begins, ends: when the report itself says that it was, where it says how long. `ids`: event_ref to
    the id on record."""
    length = pl.duration(seconds=(pl.col("duration_minutes") * 60).cast(pl.Int64))
    told = staged.events.with_columns(
        event=pl.col("event_ref").replace_strict(ids, default=None, return_dtype=pl.Int64),
        ends=pl.col("starts_at") + length,
    )
    told = told.drop_nulls(["event", "ends"]).group_by("event")
    return told.agg(begins=pl.col("starts_at").min(), ends=pl.col("ends").max())


def _events_of(upload: Upload) -> dict[int, int]:
    return {int(ref): event_id for ref, event_id in upload.summary["event_ids"].items()}


def earlier(session: Session, upload: Upload, staged: Staged, events: set[int]) -> list[Sitting]:
    """The reports in force of sittings of these events, oldest first; none unless this is one."""
    if not of_sitting(staged):
        return []
    found = session.scalars(
        select(Upload)
        .where(Upload.state == "committed", Upload.id != upload.id, Upload.format.in_(_FORMATS))
        .order_by(Upload.committed_at, Upload.id)
    )
    same = [one for one in found if events & set(one.summary["event_ids"].values())]
    told = [(load_staged(session, one.id), one) for one in same]
    told = [(its, one) for its, one in told if of_sitting(its)]
    people = everyone(session) if told else pl.DataFrame()
    return [Sitting(rows_of(its, one, people), held_of(its, one)) for its, one in told]


def joined_up(sitting: Sitting, others: Sequence[Sitting]) -> pl.DataFrame:
    """The rows of a report, with what reports of other sittings tell of the same people.

    `others`: those of the uploads before it, oldest first. A report of the same time is another edition
    of the same sitting, and the newer one is right about whom it names.
    """
    rows = sitting.rows
    if not others:
        return rows
    kept = [(rows, _spans(sitting))]
    for other in reversed(others):
        span, left = _spans(other), other.rows
        for newer, newer_span in kept:
            again = newer.select(KEY).unique().join(_meeting(span, newer_span), on="event")
            left = left.join(again, on=KEY, how="anti")
        kept.append((left, span))
    people = rows.select(KEY).unique()
    more = [part.join(people, on=KEY, how="semi").select(rows.columns) for part, _ in kept[1:]]
    return pl.concat([rows, *more])


def _spans(sitting: Sitting) -> pl.DataFrame:
    """From when until when a report tells of people at an event: event, begins, ends, and most, the same without
    the quarters of its rows that begin and end farthest out. Where nobody came, when it was held."""
    over = pl.max_horizontal("joined_at", "left_at")
    found = sitting.rows.group_by("event").agg(
        begins=pl.col("joined_at").min(),
        ends=over.max(),
        most_begins=pl.col("joined_at").quantile(0.25, "nearest"),
        most_ends=over.quantile(0.75, "nearest"),
        timed=pl.col("joined_at").count(),
    )
    held = sitting.held.rename({"begins": "opened", "ends": "closed"})
    found = found.join(held, on="event", how="left")
    return found.with_columns(
        begins=pl.coalesce("begins", "opened"), ends=pl.coalesce("ends", "closed")
    ).drop("opened", "closed")


def _meeting(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """event: where both are of the same time, as far as anybody can tell. In reports of many people, a few odd
    times make no meeting of two."""
    both = one.join(other, on="event", suffix="_other")
    many = (pl.col("timed") >= _MANY) & (pl.col("timed_other") >= _MANY)
    apart = _apart("begins", "ends") | (many & _apart("most_begins", "most_ends"))
    return both.filter(~apart.fill_null(value=False)).select("event")


def _apart(begins: str, ends: str) -> pl.Expr:
    return (pl.col(begins) > pl.col(f"{ends}_other")) | (pl.col(f"{begins}_other") > pl.col(ends))
