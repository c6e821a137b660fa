"""A staged upload becomes facts and scores, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import nothing
from data.errors import AlreadyExists, BadInput, InvalidMove
from data.tables import Upload
from data.versions import MATCHING, current
from services import jobs
from services.access.audit import audit
from services.access.viewer import Viewer
from services.matching.turn import take_turn
from services.scoring.attended import Attended, keep_attended, load_attended
from services.scoring.board import recompute
from services.scoring.load import load_facts
from services.uploads import store
from services.uploads.access import require_own
from services.uploads.attendance import (
    Change,
    attended_after,
    counted_rows,
    reading_record,
    with_ids,
    write_notes,
    writing,
)
from services.uploads.audience import follow_upload, with_audience
from services.uploads.deciding import overtaken, spoken_of
from services.uploads.event_match import save_events
from services.uploads.fold import KEY, VALUES, differing, fold_rows, lay_over, not_among
from services.uploads.people import (
    PeoplePlan,
    plan_people,
    reading_people,
    stored_people,
    writing_people,
)
from services.uploads.records import COUNTED, Choices, Report, Staged
from services.uploads.sittings import Sitting, earlier, held_when, joined_up
from services.uploads.summary import told_of

COMMITTED = "attendance.committed"
"""The job that follows up what a file told."""


OVERTAKEN = (
    "What is known of people in this file has changed since this preview. Look at the new preview, "
    "then import."
)
NOTHING_COUNTS = (
    "Nothing in this file counts, so nothing was imported. Look at it as a preview, which says of each row why: "
    "correct the rows, or say what their words mean, and import it then."
)


def commit_staged(  # noqa: PLR0913 - what the steps need, together
    session: Session,
    upload_id: int,
    staged: Staged,
    beside: Callable[[], None] = nothing,
    *,
    by: Viewer,
    now: datetime,
    progress: Report,
) -> None:
    """`beside` is called once the database is at its longest work and leaves a core free."""
    take_turn(session)
    upload = _ready(session, upload_id, staged, by)
    told = with_audience(staged).filter(told_of(staged))
    progress("Looking at what is on record", 0.05)
    with (
        reading_record(session, told.height) as on_record,
        reading_people(session, staged.people) as known,
        ThreadPoolExecutor(1) as aside,
    ):
        preparing = aside.submit(_prepared, staged)
        events = save_events(
            session,
            told,
            upload_id=upload_id,
            choices=Choices.from_json(upload.choices),
            now=now,
        )
        attended = load_attended(session)
        counted, spoken, stored = preparing.result()
        people = _as_shown(staged, plan_people(session, spoken, stored, known()))
        before = on_record(set(events.ids.values()))
        others = earlier(session, upload, staged, set(events.ids.values()))
    with writing_people(session, people) as write_people:
        rows = with_ids(counted, people.ids, events.ids)
        sitting = Sitting(rows, held_when(staged, events.ids))
        folded = fold_rows(joined_up(sitting, others), staged.kind)
        noted = rows.filter(pl.col("detail").is_not_null())
        # A million of them take more memory than all that follows.
        del preparing, counted, spoken, stored, rows, sitting
        change = laid_over(folded, before, staged.kind)
        with writing(session, change, upload_id, ready=beside) as write_attendance:

            def write_facts() -> None:
                progress("Writing attendance", 0.5)
                write_attendance()
                write_notes(session, noted, staged.kind, upload_id)
                progress("Scoring customers", 0.8)

            after = attended_after(attended, change, people.ids)
            progress("Writing participants", 0.3)
            write_people()
            if follow_upload(session, events.ids, (before, change.new), people, after):
                write_facts()  # the scores are read from what is written
                rescore(session, after, now=now)
            else:
                rescore(session, after, now=now, meanwhile=write_facts)
    store.save_frame(session, upload_id, "before", people.before)
    upload.state, upload.committed_at, upload.unspelled = "committed", now, True
    upload.summary = upload.summary | {
        "event_ids": {str(ref): event_id for ref, event_id in events.ids.items()},
        "events_before": events.before,
        "changes": _changes(change, folded, people.fresh.height)
        | {"others": _others(before, folded)},
    }
    audit(session, by, "upload.committed", "upload", upload_id, upload.summary["sentence"], now)
    jobs.add(session, COMMITTED, f"{COMMITTED}:{upload_id}", {"upload_id": upload_id}, now=now)
    progress("Saving", 0.95)


def _prepared(staged: Staged) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What takes no look at the record: `counted_rows`, `spoken_of` them, and those as `stored_people`."""
    counted = counted_rows(staged.rows)
    spoken = spoken_of(staged.people, counted)
    return counted, spoken, stored_people(spoken)


def rescore(
    session: Session,
    attended: Attended,
    *,
    now: datetime,
    meanwhile: Callable[[], None] = nothing,
) -> None:
    """Keep who attended what as it is now, and write the board made of it.

    `meanwhile` writes the facts themselves: beside it, threads compress and count.
    """
    facts = load_facts(session, attended=attended)
    with ThreadPoolExecutor(1) as beside:
        packing = beside.submit(attended.packed)

        def writes() -> None:
            meanwhile()
            keep_attended(session, packing.result())

        recompute(session, now=now, facts=facts, meanwhile=writes)


def _ready(session: Session, upload_id: int, staged: Staged, by: Viewer) -> Upload:
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is None or upload.state != "previewed":
        raise InvalidMove("Only a previewed upload can be imported, and only once.")
    require_own(upload, by)
    same_bytes = select(Upload.id).where(
        Upload.sha256 == upload.sha256, Upload.purpose == upload.purpose
    )
    if session.scalar(same_bytes.where(Upload.state == "committed")) is not None:
        raise AlreadyExists(
            "Somebody has imported the same file meanwhile. There is nothing to do."
        )
    if upload.summary.get("dates_ambiguous"):
        raise BadInput(
            "The dates of this file can be read as day/month or month/day. Say which before it counts."
        )
    if upload.match_version != current(session).get(MATCHING, 0):
        raise InvalidMove(
            "Customers or match answers have changed since this preview. Look at the new preview, then import."
        )
    if "by" not in staged.people.columns:
        raise InvalidMove(OVERTAKEN)  # previewed by a version that judged row by row
    if not staged.rows["verdict"].is_in(COUNTED).any():
        raise BadInput(NOTHING_COUNTS)
    return upload


def _as_shown(staged: Staged, people: PeoplePlan) -> PeoplePlan:
    if overtaken(staged, people.ids):
        raise InvalidMove(OVERTAKEN)
    return people


def laid_over(folded: pl.DataFrame, before: pl.DataFrame, kind: str) -> Change:
    """What an upload, folded, changes in the attendance on record."""
    # Most rows of a file that came before say what is on record, and change nothing.
    fresh = not_among(folded, before, [*KEY, *VALUES])
    known = before if before.is_empty() else before.join(fresh.select(KEY), on=KEY, how="semi")
    new, changed = differing(lay_over(known, fresh, kind), known)
    return Change(new, changed, before.select(KEY).clear())


def _others(before: pl.DataFrame, folded: pl.DataFrame) -> int:
    """Attendance of the same events that this file does not speak of, and so leaves as it was."""
    if before.is_empty():
        return 0
    same_events = before.filter(pl.col("event").is_in(folded["event"].unique().implode()))
    return same_events.select(KEY).join(folded.select(KEY), on=KEY, how="anti").height


def _changes(change: Change, folded: pl.DataFrame, created: int) -> dict[str, int]:
    touched = change.new.height + change.changed.height
    return {
        "new": change.new.height,
        "changed": change.changed.height,
        "same": folded.height - touched,
        "new_people": created,
    }
