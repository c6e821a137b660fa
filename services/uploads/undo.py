"""Taking an upload back: what is on record becomes the fold of the uploads that remain."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from data.bulk import delete_frame, read_frame, update_frame
from data.db import transaction
from data.errors import InvalidMove
from data.tables import (
    AttendanceNote,
    Participant,
    Registration,
    Upload,
)
from services.access.audit import audit
from services.access.viewer import Viewer
from services.attendance import follow_up
from services.invitations.registrations import take_over
from services.scoring import advocacy, risk
from services.scoring.attended import load_attended
from services.uploads import store
from services.uploads.access import require_own
from services.uploads.attendance import (
    SCHEMA,
    Change,
    attended_after,
    reading_record,
    write_notes,
    writing,
)
from services.uploads.audience import follow_attendance
from services.uploads.book import load_book
from services.uploads.commit import rescore, take_turn
from services.uploads.event_undo import drop_empty_events, restore_events
from services.uploads.fold import KEY, differing, fold_rows, lay_over
from services.uploads.people import SCHEMA as PEOPLE
from services.uploads.people import reading_everyone, told_by
from services.uploads.preview import load_staged
from services.uploads.records import Report, silent
from services.uploads.sittings import Sitting, held_of, joined_up, of_sitting, rows_of
from services.uploads.spellings import IDENTITY, kept, matched, titles

TOLD = ["person_key", *IDENTITY]
"""What tells a spelling of a person from another."""
WRITER = {"upload_id": pl.Int64}
ORPHANS = (
    "SELECT id FROM participant p WHERE NOT EXISTS "
    "(SELECT 1 FROM attendance a WHERE a.participant_id = p.id)"
)
"""People no attendance speaks of any more."""


def undo(
    upload_id: int,
    *,
    by: Viewer,
    now: datetime,
    progress: Report = silent,
    engine: Engine | None = None,
) -> None:
    """Take a committed upload back, with its scores, in one transaction.

    What other uploads said of the same people and events stays, whichever came first. What the upload set
    off goes too: follow-ups, drafts, risk signals and what was told of them, unless a person has acted on it;
    `withdrawn` in the upload's summary counts both, and the advocacy opportunities that somebody made on its scores.
    """
    with transaction(engine) as session:
        take_turn(session)
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None or upload.state != "committed":
            raise InvalidMove("Only an imported upload can be undone.")
        require_own(upload, by)
        progress("Reading what this upload changed", 0.1)
        assert upload.committed_at is not None, "a committed upload has its moment"
        signals = risk.opened_since(session, upload.committed_at, now)
        risen = risk.risen_since(session, upload.committed_at, now)
        followed = take_back(session, upload, now=now, progress=progress, keep_approved=True)
        unfounded = risk.withdraw(session, signals, now)
        told = risk.lower(session, risen, now)
        made = advocacy.unfounded(session, upload.committed_at)
        upload.state, upload.undone_at = "undone", now
        counts = _withdrawn(followed, unfounded, told) | {"opportunities": made}
        upload.summary = upload.summary | {"withdrawn": counts}
        audit(session, by, "upload.undone", "upload", upload_id, upload.summary["sentence"], now)
    progress("Done", 1.0)


def _withdrawn(
    followed: follow_up.Withdrawn, unfounded: risk.Withdrawn, told: int
) -> dict[str, int]:
    return {
        "follow_ups": followed.follow_ups,
        "drafts": followed.drafts,
        "drafts_kept": followed.kept,
        "signals": unfounded.gone,
        "signals_kept": unfounded.kept,
        "notifications": followed.notifications + unfounded.notifications + told,
    }


def take_back(
    session: Session,
    upload: Upload,
    *,
    now: datetime,
    progress: Report = silent,
    keep_approved: bool = False,
) -> follow_up.Withdrawn:
    """What the upload said goes; it is told from the others by its id, whatever its state.

    `keep_approved`: drafts that rest on it stay when somebody has approved them.
    """
    event_ids = sorted(set(upload.summary["event_ids"].values()))
    others = _overlapping(session, upload, set(event_ids))
    restore_events(session, upload, others, now)
    with (
        reading_record(session, len(event_ids)) as on_record,
        reading_everyone(session) as everyone,
    ):
        attended = load_attended(session)
        people = everyone()
        mine = _rows(session, upload, people)
        record = on_record(event_ids)
    change = _remaining(session, mine, record, others, people)
    progress("Writing attendance", 0.4)
    with writing(session, change, upload.id) as write:
        write()
    _rewrite_notes(session, upload, others, people)
    progress("Restoring participants", 0.6)
    people = _restore_people(session, upload, people, mine)
    followed = follow_up.withdraw(session, event_ids, now, keep_approved=keep_approved)
    registered = select(Registration.event_id).distinct()
    take_over(session, set(event_ids) & set(session.scalars(registered)), now)
    drop_empty_events(session, upload)
    progress("Scoring customers", 0.8)
    after = people.select(pl.col("id").alias("participant"), "customer_id", "band")
    counted = attended_after(attended, change, after)
    follow_attendance(session, counted.people)
    rescore(session, counted, now=now)
    return followed


def _rows(session: Session, upload: Upload, people: pl.DataFrame) -> pl.DataFrame:
    return rows_of(load_staged(session, upload.id), upload, people)


def _overlapping(session: Session, upload: Upload, events: set[int]) -> list[Upload]:
    """The other uploads in force that speak of the same events, in the order they were imported."""
    others = session.scalars(
        select(Upload)
        .where(Upload.state == "committed", Upload.id != upload.id, Upload.purpose == "attendance")
        .order_by(Upload.committed_at, Upload.id)
    )
    return [other for other in others if events & set(other.summary["event_ids"].values())]


def _remaining(
    session: Session,
    mine: pl.DataFrame,
    record: pl.DataFrame,
    others: list[Upload],
    people: pl.DataFrame,
) -> Change:
    """Fold the others again over the keys that this upload spoke of."""
    keys = mine.select(KEY).unique()
    record = record.join(keys, on=KEY, how="semi")
    folded = pl.DataFrame(schema=SCHEMA | WRITER)
    sittings: list[Sitting] = []
    for other in others:
        staged = load_staged(session, other.id)
        rows = rows_of(staged, other, people)
        if of_sitting(staged):
            sittings.append(Sitting(rows, held_of(staged, other)))
            rows = joined_up(sittings[-1], sittings[:-1])
        rows, kind = rows.join(keys, on=KEY, how="semi"), staged.kind
        new, changed = differing(lay_over(folded, fold_rows(rows, kind), kind), folded)
        said = pl.concat([new, changed]).with_columns(upload_id=pl.lit(other.id, pl.Int64))
        folded = pl.concat([folded.join(said, on=KEY, how="anti"), said.select(*SCHEMA, *WRITER)])
    new, changed = differing(folded, record)
    writer = folded.select(*KEY, "upload_id")
    return Change(
        new.join(writer, on=KEY),
        changed.join(writer, on=KEY),
        record.join(folded, on=KEY, how="anti").select(KEY),
    )


def _rewrite_notes(
    session: Session, upload: Upload, others: list[Upload], people: pl.DataFrame
) -> None:
    session.execute(delete(AttendanceNote).where(AttendanceNote.upload_id == upload.id))
    for other in others:
        if other.summary["kind"] in ("qa", "poll"):
            write_notes(session, _rows(session, other, people), other.summary["kind"], other.id)


def _restore_people(
    session: Session, upload: Upload, people: pl.DataFrame, mine: pl.DataFrame
) -> pl.DataFrame:
    """Drop people nobody else speaks of; the others get the match they have without this upload."""
    table = Participant.__table__
    spoken_of = mine.select("participant").unique().rename({"participant": "id"})
    orphans = read_frame(session, ORPHANS, {"id": pl.Int64}).join(spoken_of, on="id", how="semi")
    delete_frame(session, table, orphans)  # type: ignore[arg-type]
    people = people.join(orphans, on="id", how="anti")
    left = people.join(spoken_of, on="id", how="semi").join(kept(session), on="id", how="left")
    restored = _matched_without(session, upload, left)
    update_frame(session, table, restored, ["id"])  # type: ignore[arg-type]
    return pl.concat([people.join(restored, on="id", how="anti"), restored.select(*PEOPLE)])


def _matched_without(session: Session, upload: Upload, left: pl.DataFrame) -> pl.DataFrame:
    """Those among the people `left` of whom this upload said what no other does, as the others alone would have
    them today; rows of PEOPLE, and `spellings`."""
    before = store.load_frame(session, upload.id, "before")
    before = left.clear() if before is None else before.join(left, on="person_key", how="semi")
    told = told_by(session, upload.id)
    own = left.join(told, on=TOLD, how="semi", nulls_equal=True)
    several = left.drop_nulls("spellings")
    keys = pl.concat(one.select("person_key") for one in (before, own, several)).unique()
    if keys.is_empty():
        return left.clear()
    others = session.scalars(
        select(Upload).where(
            Upload.state == "committed", Upload.purpose == "attendance", Upload.id != upload.id
        )
    )
    elsewhere = pl.concat(
        [told_by(session, other.id).join(keys, on="person_key", how="semi") for other in others]
        or [told.clear()]
    )
    # What others say in the same words counts with or without this upload.
    told = told.join(keys, on="person_key", how="semi")
    alone = told.join(elsewhere, on=[*TOLD, "title"], how="anti", nulls_equal=True)
    moved = pl.concat([before.select("person_key"), alone.select("person_key")]).unique()
    asked = elsewhere.join(moved, on="person_key", how="semi")
    best = matched(asked.unique(TOLD), load_book(session))
    best = best.join(titles(asked), on="person_key", how="left")
    best = best.join(left.select("person_key", "id"), on="person_key")
    return best.select(*PEOPLE, "spellings")
