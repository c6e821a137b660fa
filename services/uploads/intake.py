"""Receive, preview, commit: the way of a file in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AppError, BadInput, FileRefused
from data.settings import settings
from data.tables import Upload, UploadPart
from integrations.formats.mail_exports import is_mail_export
from integrations.formats.ticket_exports import is_ticket_export
from services.access.viewer import Viewer
from services.uploads import mail, store, tickets
from services.uploads.access import require_own
from services.uploads.choices import unused
from services.uploads.commit import commit_staged
from services.uploads.preview import PARTS, Reading, get_open, load_staged, preview
from services.uploads.records import Choices, Received, Report, silent

__all__ = ["commit", "counted_already", "discard", "import_file", "preview", "receive"]


def receive(
    session: Session,
    path: Path,
    file_name: str,
    *,
    by: Viewer | None,
    now: datetime,
    purpose: str = "attendance",
) -> Received:
    """Keep the bytes. The same bytes again are not a new upload: see Received. FileRefused when too large.

    An export of a mail campaign or of a support desk is told by its headings, and goes the way of those.
    """
    if purpose == "attendance":
        purpose = _told_of(path)
    received = _admit(session, path, file_name, by=by, now=now, purpose=purpose)
    if received.repeat_of is None:
        store.save_file(session, received.upload_id, path)
    return received


PURPOSES = ("attendance", mail.PURPOSE, tickets.PURPOSE)


def _told_of(path: Path) -> str:
    """Tickets first: a ticket's link, time and tag would do for a mail's as well."""
    if is_ticket_export(path):
        return tickets.PURPOSE
    return mail.PURPOSE if is_mail_export(path) else "attendance"


def take_for(session: Session, upload_id: int, purpose: str, *, by: Viewer) -> None:
    """A person says what the file tells of, one of PURPOSES; its preview has to be made anew."""
    if purpose not in PURPOSES:
        raise BadInput(f"A file tells of one of these: {', '.join(PURPOSES)}.")
    upload = get_open(session, upload_id)
    require_own(upload, by)
    upload.purpose, upload.summary, upload.choices = purpose, {}, {}
    upload.state, upload.error = "reading", None  # until then there is none to be looked at
    store.forget(session, upload_id, *PARTS, *mail.PARTS, *tickets.PARTS)


def _admit(
    session: Session,
    path: Path,
    file_name: str,
    *,
    by: Viewer | None,
    now: datetime,
    purpose: str,
) -> Received:
    """All of `receive` but the bytes."""
    size = path.stat().st_size
    limit = settings().upload_max_mb
    if size > limit * 1024 * 1024:
        raise FileRefused(
            f"The file has {size / 1e6:,.0f} MB; the limit is {limit} MB. Split it and try again."
        )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    repeat = _in_force(session, digest, purpose)
    if repeat is not None:
        return Received(repeat, repeat)
    upload = Upload(
        file_name=_base_name(file_name),
        sha256=digest,
        size=size,
        purpose=purpose,
        state="reading",
        uploaded_by=by.person_id if by else None,
        uploaded_at=now,
    )
    session.add(upload)
    session.flush()  # the parts refer to its id
    return Received(upload.id, None)


def _in_force(session: Session, digest: str, purpose: str) -> int | None:
    return session.scalar(
        select(Upload.id).where(
            Upload.sha256 == digest, Upload.state == "committed", Upload.purpose == purpose
        )
    )


def counted_already(session: Session, upload_id: int) -> int | None:
    """The committed upload of the same bytes, which was quicker."""
    upload = session.get_one(Upload, upload_id)
    return _in_force(session, upload.sha256, upload.purpose)


def _base_name(name: str) -> str:
    """The last part of whatever path a browser or a client sent."""
    return Path(name.replace("\\", "/")).name.strip()[:300] or "file"


def commit(
    upload_id: int,
    *,
    by: Viewer,
    now: datetime,
    progress: Report = silent,
    engine: Engine | None = None,
) -> None:
    """Make the preview count: facts, scores and history in one transaction, or nothing at all.

    InvalidMove when customers or answers have changed since the preview was made: what would be
    stored is no longer what was shown, so the preview has to be looked at again.
    """
    with transaction(engine) as session:
        commit_staged(
            session,
            upload_id,
            load_staged(session, upload_id),
            by=by,
            now=now,
            progress=progress,
        )
    progress("Done", 1.0)


def discard(session: Session, upload_id: int, *, by: Viewer) -> None:
    """Drop a preview; the record that the file came stays, its bytes do not."""
    upload = get_open(session, upload_id)
    require_own(upload, by)
    upload.state = "discarded"
    store.forget(session, upload_id, "original", *PARTS)


def import_file(  # noqa: PLR0913 - the steps' own parameters, together
    path: Path,
    *,
    by: Viewer,
    now: datetime,
    commit: bool,
    choices: Choices | None = None,
    file_name: str | None = None,
    engine: Engine | None = None,
    progress: Report = silent,
    keep_refused: bool = True,
) -> dict[str, Any]:
    """Receive, preview and (if asked) commit in one go; gives the summary with `upload_id` and `state`.

    The same bytes again give the summary of the first time with `repeat` true. BadInput when the
    file needs a column mapping; FileRefused when it cannot be read. Without `keep_refused` such a file
    leaves nothing behind.
    """
    committing = partial(commit_staged, by=by, now=now, progress=progress)
    reading: Reading | None = None
    with ThreadPoolExecutor(1) as beside:
        with transaction(engine) as session:
            name = file_name or path.name
            received = _admit(session, path, name, by=by, now=now, purpose="attendance")
            if received.repeat_of is None:  # it is read while its bytes are being stored
                reading = Reading(path, choices or Choices(), beside)
                store.save_file(session, received.upload_id, path)
        if reading is not None:
            with nullcontext() if keep_refused else _forgetting(received.upload_id, engine):
                staged = preview(
                    received.upload_id,
                    now=now,
                    choices=choices,
                    progress=progress,
                    engine=engine,
                    reading=reading,
                    then=committing if commit else None,
                )
                if staged is None:
                    _explain(received.upload_id, engine)
            progress("Done", 1.0)
    with transaction(engine, read_only=True) as session:
        upload = session.get_one(Upload, received.upload_id)
        repeat = received.repeat_of is not None
        unheard = unused(Choices.from_json(upload.choices), choices) if repeat else []
        return {
            **upload.summary,
            "warnings": [*upload.summary.get("warnings", []), *unheard],
            "upload_id": upload.id,
            "state": upload.state,
            "repeat": repeat,
        }


@contextmanager
def _forgetting(upload_id: int, engine: Engine | None) -> Iterator[None]:
    """When the file is refused, it never was here."""
    try:
        yield
    except AppError:
        with transaction(engine) as session:
            session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))
            session.execute(delete(Upload).where(Upload.id == upload_id))
        raise


def _explain(upload_id: int, engine: Engine | None) -> None:
    with transaction(engine, read_only=True) as session:
        upload = session.get_one(Upload, upload_id)
        if upload.state == "failed":
            raise FileRefused(upload.error or "The file could not be read.")
        known = ", ".join(upload.summary["columns"])
        asked = "".join(f"{words} " for words in upload.summary["warnings"])
        raise BadInput(
            f"{asked}The columns of this file are not known. Say which column is the e-mail or name, the event "
            f"and the date, on the Upload page or with a mapping. Columns: {known}"
        )
