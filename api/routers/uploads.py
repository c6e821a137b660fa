"""Attendance files by program: preview, import, take back."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query

from api.auth import By
from api.received import FILE_BODY, SentFile
from api.upload_answer import AMBIGUOUS, RowsWanted, UploadAnswer, answer_of
from api.upload_wishes import Wishes
from data.db import transaction
from data.errors import AlreadyExists, BadInput, FileRefused, InvalidMove, NotFound
from services.access import Viewer
from services.clock import utc_now
from services.ids import public_id, read_id
from services.uploads import intake, job, listing
from services.uploads.choices import unused
from services.uploads.commit import NOTHING_COUNTS
from services.uploads.records import Choices, Received, UploadView

router = APIRouter(tags=["uploads"])

LONGEST_STEP = 900.0
"""Seconds after which a step is stopped; the caller has given up by then."""
TRIES = 3
"""How often an import is tried that others overtake."""
FIGURES = {"review", "unmatched", "users", "customers", "date_from"}
"""What is known of a file of attendance that has been read, and not of other files."""
Wanted = Annotated[RowsWanted, Depends()]


@router.post(
    "/events/attendance/upload",
    summary="Preview or import an attendance file",
    openapi_extra=FILE_BODY,
)
def upload_attendance(
    *,
    by: By,
    file: SentFile,
    wishes: Annotated[Wishes, Depends()],
    wanted: Wanted,
    commit: Annotated[bool, Query(description="Import at once; else only preview")] = False,
) -> UploadAnswer:
    """Any export the Upload page takes: CSV, TSV, XLSX or JSON. The `event_…` values are for files of
    one event. A file of several megabytes takes seconds: let the client wait."""
    choices = wishes.choices()
    received = _receive(file.file, file.filename or "file", by)
    if received.repeat_of is not None:
        return answer_of(_own_repeat(received.repeat_of, by, choices), by, wanted, repeat=True)
    upload_id = received.upload_id
    _step(upload_id, "preview", by, choices)
    view = _readable(_view(upload_id, by))
    if commit:
        _check_dates(view)
        _check_counted(view)
        if (first := _import(upload_id, by)) is not None:
            return answer_of(_own_repeat(first, by, choices), by, wanted, repeat=True)
        view = _view(upload_id, by)
    return answer_of(view, by, wanted)


@router.get("/uploads/{upload_id}", summary="An upload as it is now")
def upload(upload_id: str, by: By, wanted: Wanted) -> UploadAnswer:
    return answer_of(_readable(_view(read_id("upload", upload_id), by)), by, wanted)


@router.post("/uploads/{upload_id}/commit", summary="Import what was previewed")
def commit_upload(upload_id: str, by: By, wanted: Wanted) -> UploadAnswer:
    return _moved(upload_id, "commit", by, wanted)


@router.post("/uploads/{upload_id}/undo", summary="Take an import back, with its scores")
def undo_upload(upload_id: str, by: By, wanted: Wanted) -> UploadAnswer:
    return _moved(upload_id, "undo", by, wanted)


def _moved(upload_id: str, step: str, by: Viewer, wanted: RowsWanted) -> UploadAnswer:
    number = read_id("upload", upload_id)
    _readable(_view(number, by))
    _step(number, step, by)
    view = _view(number, by)
    if view.state != job.REACHED[step]:
        words = f"The upload is {view.state}: somebody else was quicker. Look at it again."
        raise InvalidMove(words)
    return answer_of(view, by, wanted)


def _import(upload_id: int, by: Viewer) -> int | None:
    """Count a file that nobody looks at in between; the id of the upload that counted the same bytes first.

    What other imports have changed since it was previewed is therefore taken up without asking.
    """
    for left in reversed(range(TRIES)):
        try:
            _step(upload_id, "commit", by)
        except AlreadyExists:
            with transaction() as session:
                first = intake.counted_already(session, upload_id)
                if first is None:
                    raise
                intake.discard(session, upload_id, by=by)
            return first
        except InvalidMove:
            if not left:
                raise
            _step(upload_id, "preview", by)
        else:
            return None
    return None


def _receive(stream: BinaryIO, name: str, by: Viewer) -> Received:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1024 * 1024)
        with transaction() as session:
            return intake.receive(session, path, name, by=by, now=utc_now())


def _step(upload_id: int, step: str, by: Viewer, choices: Choices | None = None) -> None:
    """In a process of its own when the file is large, so that pages stay quick."""
    found = job.start(upload_id, step, by=by, choices=choices, patience=LONGEST_STEP)
    (found if found.done else job.wait(upload_id, LONGEST_STEP)).check()


def _view(upload_id: int, by: Viewer) -> UploadView:
    with transaction(read_only=True) as session:
        return listing.get_upload(session, by, upload_id)


def _own_repeat(upload_id: int, by: Viewer, sent: Choices) -> UploadView:
    try:
        view = _view(upload_id, by)
    except NotFound:
        raise AlreadyExists(
            "A colleague has imported this very file already: it counts. There is nothing to do."
        ) from None
    return replace(
        view, summary=view.summary | {"warnings": [*view.warnings, *unused(view.choices, sent)]}
    )


def _readable(view: UploadView) -> UploadView:
    if view.state == "failed":
        raise FileRefused(view.error or "The file could not be read. Export it again.")
    if view.needs_mapping:
        raise BadInput(
            f"{' '.join([*view.warnings, ''])}The columns of this file are not known. Send `mapping`, or open the upload "
            f"{public_id('upload', view.id)} in the app. Columns: {', '.join(view.columns)}"
        )
    if not view.summary.keys() >= FIGURES:
        raise BadInput("This file is not of attendance: the Upload page shows it.")
    return view


def _check_counted(view: UploadView) -> None:
    if not view.counted:
        raise BadInput(
            f"{NOTHING_COUNTS} It is kept as {public_id('upload', view.id)}: its rows are at "
            f"/api/uploads/{public_id('upload', view.id)}."
        )


def _check_dates(view: UploadView) -> None:
    if view.dates_ambiguous:
        raise BadInput(AMBIGUOUS)
