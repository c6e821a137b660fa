"""A file that comes with a message: read, and scored when nothing about it is in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.access import Viewer
from services.ask.answers import Answer, Link, Text
from services.ask.book import Desk
from services.ask.report import report
from services.ask.saying import Unclear, answered, links
from services.errors import AppError, FileRefused
from services.ids import public_id
from services.session import transaction
from services.uploads import intake, job, listing
from services.uploads.records import UploadView

PATIENCE = 300.0
"""Seconds that the page waits for a large file; after that it goes on by itself, on the Upload page."""


@dataclass(frozen=True)
class Attached:
    """A file on disk, under the name it came with."""

    path: Path
    name: str


def score(attached: Attached, *, by: Viewer, now: datetime) -> tuple[int, Answer | None]:
    """Read the file and, when it can only mean one thing, import it; in transactions of its own.

    The upload's id, and what is said of a file that counted before (None: it counts from now on). Unclear
    where a person has to decide something first; AppErrors as uploads raise them.
    """
    with transaction() as session:
        received = intake.receive(session, attached.path, attached.name, by=by, now=now)
    number = received.upload_id
    if received.repeat_of is not None:
        return number, _already(number, attached.name, by)
    try:
        _imported(number, attached.name, by)
    except AppError as error:
        look = links(_page(number, "See the upload"))
        raise Unclear(answered(error.message, look, tone="bad")) from error
    return number, None


def _imported(number: int, name: str, by: Viewer) -> None:
    _step(number, "preview", by)
    with transaction(read_only=True) as session:
        view = listing.get_upload(session, by, number)
    if view.state == "failed":
        raise FileRefused(view.error or "The file could not be read.")
    if doubt := _doubt(view):
        said = f"{name} is read, but not imported yet: {doubt}"
        look = links(_page(number, "Look at the preview"))
        raise Unclear(answered(said, look, tone="note"))
    _step(number, "commit", by)


def told(desk: Desk, number: int) -> Answer:
    """The report on an upload that counts."""
    view = listing.get_upload(desk.session, desk.by, number)
    purpose = view.summary.get("purpose", "attendance")
    if purpose != "attendance" or "event_summary" not in view.summary:
        screen = "tickets" if purpose == "tickets" else "campaigns"
        found = answered(f"{view.file_name} is imported.", links(Link(screen, "See what came")))
    else:
        found = report(desk, number, view.file_name, view.summary)
    return found.then(Answer((), deeds=(("upload", number),)))


def _already(number: int, name: str, by: Viewer) -> Answer:
    """The same bytes count already: their report is given, where they are one's own to look at."""
    with transaction(read_only=True) as session:
        if listing.find_upload(session, by, number) is None:
            said = f"A colleague has imported {name} already: it counts. Nothing to do."
            return answered(said, links(Link("engagement", "See the board")), tone="note")
    return Answer((Text(f"{name} was imported before: it counts, and nothing was added."),
                   links(_page(number, "See that import"), Link("engagement", "See the board"))))  # fmt: skip


def _doubt(view: UploadView) -> str:
    if view.needs_mapping:
        return "say which column is which, once."
    if view.dates_ambiguous:
        return "say whether the day or the month comes first in its dates."
    if view.summary.get("purpose", "attendance") != "attendance":
        return "it tells of something else than attendance. Look at it and import it there."
    if not view.counted:
        return "no row of it can count. The preview says why; correct the file and upload it again."
    if not view.summary["matched"]:
        return "none of its rows is of a customer that is known. Look at it, and import it there if it is right."
    if view.undated:
        return "say on which day its events were held."
    return ""


def _step(number: int, step: str, by: Viewer) -> None:
    found = job.start(number, step, by=by)
    if not found.done:
        job.wait(number, PATIENCE)
        found = job.progress(number)
    found.check()


def _page(number: int, label: str) -> Link:
    return Link("upload", label, {"id": public_id("upload", number)})
