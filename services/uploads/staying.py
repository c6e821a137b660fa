"""What an import will leave as it is: attendance on record of its events that the file does not speak of."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Attendance
from services.access.viewer import Viewer
from services.uploads.access import require_upload
from services.uploads.attendance import counted_rows, with_ids
from services.uploads.deciding import spoken_of
from services.uploads.event_match import find_events
from services.uploads.fold import KEY
from services.uploads.people import key_of, known_people
from services.uploads.preview import load_staged
from services.uploads.records import Staged

MOST = 20_000
"""Records of a file up to which it is told exactly, on each look at the preview."""


@dataclass(frozen=True)
class Staying:
    """`events` of the file are on record, with `on_record` attendances; `left` of these are not in the file
    (None for large files, which are not compared before the import)."""

    events: int
    on_record: int
    left: int | None


def staying(session: Session, by: Viewer, upload_id: int) -> Staying | None:
    """None where no attendance of its events is on record, and for uploads that are no previews."""
    upload = require_upload(session, by, upload_id)
    told = [event["event_id"] for event in upload.summary.get("event_list", ())]
    joined = {number for number in told if number is not None}
    if upload.state != "previewed" or not joined:
        return None
    on_record = session.scalar(select(func.count()).where(Attendance.event_id.in_(joined))) or 0
    if not on_record:
        return None
    if upload.summary["records"] > MOST:
        return Staying(len(joined), on_record, None)
    return Staying(len(joined), on_record, _left(session, load_staged(session, upload_id)))


def _left(session: Session, staged: Staged) -> int:
    events = find_events(session, staged.events)
    columns = select(
        Attendance.participant_id.label("participant"), Attendance.event_id.label("event")
    )
    before = read_frame(
        session,
        columns.where(Attendance.event_id.in_(events.values())),
        dict.fromkeys(KEY, pl.Int64),
    )
    counted = counted_rows(staged.rows)
    named = with_ids(counted, _on_record(session, spoken_of(staged.people, counted)), events)
    return before.join(named.select(KEY), on=KEY, how="anti").height


def _on_record(session: Session, people: pl.DataFrame) -> pl.DataFrame:
    """person -> participant, for those of a file who are known; a person is whom `by` decides for."""
    winners = people.filter(pl.col("person") == pl.col("by"))
    keys = winners.select("by").with_columns(key_of(winners).alias("person_key"))
    known = known_people(session, keys["person_key"].unique(), ["id", "person_key"])
    found = keys.join(known, on="person_key").select("by", participant="id")
    return people.select("person", "by").join(found, on="by").drop("by")
