"""Single records about colleagues' customers: they add what nobody knows, and change nothing on record."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Attendance, Customer
from services.access import Viewer, visible
from services.uploads.attendance import with_ids
from services.uploads.deciding import judged
from services.uploads.event_match import find_events
from services.uploads.fold import KEY
from services.uploads.people import key_of, known_people
from services.uploads.records import Staged

ON_RECORD = (
    "It belongs to a colleague's customer and is on record already: ask whoever looks after it"
)


def left_as_it_is(session: Session, staged: Staged, by: Viewer) -> Staged:
    """The staged records, those rejected that would change the attendance of a customer that `by` does not see."""
    rows = staged.rows.with_row_index("row")
    theirs = rows.join(_of_others(session, staged, by), on="person").filter(
        pl.col("verdict") == "matched"
    )
    if theirs.is_empty():
        return staged
    people = staged.people.filter(pl.col("person").is_in(theirs["person"].implode()))
    keys = people.select("person", key_of(people).alias("person_key"))
    known = known_people(session, keys["person_key"].unique(), ["id", "person_key"])
    ids = keys.join(known, on="person_key").select("person", participant="id")
    events = find_events(session, staged.events)
    told = with_ids(theirs.select("row", "person", "event_ref"), ids, events)
    columns = select(
        Attendance.participant_id.label("participant"), Attendance.event_id.label("event")
    )
    kept = columns.where(Attendance.event_id.in_(told["event"].unique().to_list()))
    there = read_frame(session, kept, dict.fromkeys(KEY, pl.Int64))
    spared = pl.col("row").is_in(told.join(there, on=KEY, how="semi")["row"].implode())
    return replace(
        staged,
        rows=rows.with_columns(
            verdict=pl.when(spared)
            .then(pl.lit("rejected", rows["verdict"].dtype))
            .otherwise("verdict"),
            reason=pl.when(spared).then(pl.lit(ON_RECORD)).otherwise("reason"),
            person=pl.when(~spared).then("person"),
        ).drop("row"),
    )


def _of_others(session: Session, staged: Staged, by: Viewer) -> pl.DataFrame:
    """person: those matched to customers that `by` does not see."""
    whose = judged(staged.people, staged.decided).select("person", "customer_id")
    if by.sees_all:
        return whose.clear().select("person")
    wanted = whose["customer_id"].drop_nulls().unique().to_list()
    own = session.scalars(select(Customer.id).where(Customer.id.in_(wanted), visible(by))).all()
    return whose.filter(
        pl.col("customer_id").is_not_null(), ~pl.col("customer_id").is_in(list(own))
    ).select("person")
