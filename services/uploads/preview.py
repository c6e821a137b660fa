"""What a file would do, worked out and kept, before anything counts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, FileRefused, InvalidMove, NotFound
from data.frames import pack
from data.tables import Upload
from data.versions import MATCHING, current
from integrations.formats.records import ParsedFile
from integrations.sandbox import read_file
from services.erased import masked, sampled
from services.uploads import remembered, store, zones
from services.uploads.book import load_book
from services.uploads.choices import check_choices
from services.uploads.deciding import decide
from services.uploads.event_match import find_events, kept_as_planned
from services.uploads.records import Choices, Report, Staged, silent
from services.uploads.staging import stage
from services.uploads.summary import event_list, left_out, per_event, still_to_come, summarise

ACCEPTED = ("attendance", "registration", "poll", "qa")
PARTS = ("rows", "people", "events", "decided")
"""The staged frames an upload keeps, by the name of their field in Staged."""
Then = Callable[[Session, int, Staged, Callable[[], None]], None]
"""What follows a preview: session, upload id, staged frames, and what is to be called once the database is at
work and leaves a core free."""


class Reading:
    """A file at hand, which a process of its own reads from now on; `beside` is the thread that waits."""

    def __init__(self, path: Path, choices: Choices, beside: Executor) -> None:
        self.path = path
        self._parsed: Future[ParsedFile] | None = beside.submit(_read, path, choices)

    def result(self) -> ParsedFile:
        """Waits. To be asked once: a large file is not kept here as well. FileRefused as `read_file`."""
        assert self._parsed is not None, "asked twice"
        parsed, self._parsed = self._parsed, None
        return parsed.result()


class Packing:
    """The frames a preview keeps, compressed by the thread `beside` from `start` on; none without `staged`."""

    def __init__(self, staged: Staged | None, beside: Executor) -> None:
        self._staged, self._beside = staged, beside
        self._packed: Future[dict[str, list[bytes]]] | None = None

    def start(self) -> None:
        self._packed = self._packed or self._beside.submit(self._pack)

    def result(self) -> dict[str, list[bytes]]:
        """Waits, by name of the part."""
        self.start()
        assert self._packed is not None
        return self._packed.result()

    def _pack(self) -> dict[str, list[bytes]]:
        return {name: pack(getattr(self._staged, name)) for name in PARTS} if self._staged else {}


def preview(  # noqa: PLR0913 - what the steps need, together
    upload_id: int,
    *,
    now: datetime,
    choices: Choices | None = None,
    progress: Report = silent,
    engine: Engine | None = None,
    reading: Reading | None = None,
    then: Then | None = None,
) -> Staged | None:
    """Read, match and judge the file; nothing counts yet. A file that cannot be read becomes `failed`.

    None when the columns have to be mapped first (or the file was refused): the upload says which.
    `reading`: begun by a caller who has the file itself at hand. `then` is called in the transaction
    that writes the preview; when it fails, the preview stays all the same.
    """
    check_choices(choices)
    progress("Reading the file", 0.02)
    try:
        with ThreadPoolExecutor(1) as beside:
            worked = _work_out(upload_id, choices, progress, engine, reading, beside)
            _write_down(upload_id, worked, now, progress, engine, then)
    except FileRefused as refusal:
        with transaction(engine) as session:
            upload = get_open(session, upload_id)
            upload.state, upload.error = "failed", refusal.message
        return None
    return worked.staged


@dataclass(frozen=True)
class _Worked:
    """A preview before it is written: `figures` are empty when columns have to be mapped."""

    parsed: ParsedFile
    chosen: Choices
    match_version: int
    staged: Staged | None
    figures: dict[str, Any]
    packing: Packing


def _work_out(
    upload_id: int,
    choices: Choices | None,
    progress: Report,
    engine: Engine | None,
    reading: Reading | None,
    beside: Executor,
) -> _Worked:
    with transaction(engine, read_only=True) as session, tempfile.TemporaryDirectory() as folder:
        upload = get_open(session, upload_id)
        chosen = choices or Choices.from_json(upload.choices)
        if reading is None:
            path = Path(folder) / "file"
            store.write_file(session, upload_id, path)
            reading = Reading(path, chosen, beside)
        matching, book = current(session).get(MATCHING, 0), load_book(session)
        parsed = reading.result()
        chosen, otherwise = remembered.with_former(session, parsed, chosen)
        if otherwise:
            parsed = _read(reading.path, chosen)
        if parsed.kind not in ACCEPTED and not parsed.needs_mapping:
            raise FileRefused(
                f"This looks like {parsed.label}, not like attendance. Load it on its own page."
            )
        if parsed.needs_mapping:
            return _Worked(parsed, chosen, matching, None, {}, Packing(None, beside))
        progress("Matching people to customers", 0.4)
        zone = zones.assumed(session, upload.uploaded_by)
        unsaid = chosen.zone is None and zones.names_no_zone(parsed)
        parsed = replace(parsed, rows=masked(session, parsed.rows))
        staged = stage(parsed, book, chosen, file_name=upload.file_name, default_zone=zone.zone)
        parsed = replace(parsed, rows=parsed.rows.clear())  # no longer needed, and large
        staged = decide(session, staged, book.customers)
        progress("Counting", 0.7)
        existing = find_events(session, staged.events)
        kept = kept_as_planned(session, staged.events, existing, chosen)
        parsed = replace(parsed, warnings=(*parsed.warnings, *kept))
        figures, left = _figures(staged, parsed, existing)
        parsed = replace(parsed, warnings=(*parsed.warnings, *left))
        figures |= {"zone_assumed": [zone.zone, zone.whose] if unsaid else None}
        return _Worked(parsed, chosen, matching, staged, figures, Packing(staged, beside))


def _write_down(
    upload_id: int,
    worked: _Worked,
    now: datetime,
    progress: Report,
    engine: Engine | None,
    then: Then | None,
) -> None:
    """The preview; with `then` in one transaction, or alone when that fails."""
    if then is not None and worked.staged is not None:
        progress("Preview ready", 1.0)
        try:
            with transaction(engine) as session:
                _describe(session, upload_id, worked, now)
                then(session, upload_id, worked.staged, worked.packing.start)
                _keep_parts(session, upload_id, worked)
        except Exception:
            _write_down(upload_id, worked, now, silent, engine, None)
            raise
        return
    progress("Writing the preview", 0.9)
    worked.packing.start()
    with transaction(engine) as session:
        _describe(session, upload_id, worked, now)
        _keep_parts(session, upload_id, worked)
    progress("Preview ready", 1.0)


def _keep_parts(session: Session, upload_id: int, worked: _Worked) -> None:
    for name, pieces in worked.packing.result().items():
        store.save_pieces(session, upload_id, name, pieces)


def _figures(
    staged: Staged, parsed: ParsedFile, existing: dict[int, int]
) -> tuple[dict[str, Any], list[str]]:
    """Of the summary, and what is said of events that are left out."""
    counts = per_event(staged)
    told = summarise(
        staged, counts, label=parsed.label, format_name=parsed.format, blank=parsed.blank
    )
    return told | {"event_list": event_list(staged, counts, existing)}, left_out(staged, counts)


def get_open(session: Session, upload_id: int) -> Upload:
    """An upload that may still be previewed; InvalidMove when it has been decided already."""
    upload = session.get(Upload, upload_id)
    if upload is None:
        raise NotFound("There is no such upload. Look it up in the list of uploads.")
    if upload.state not in ("reading", "previewed", "failed"):
        raise InvalidMove(
            f"This upload is {upload.state} already. Upload the file again to change it."
        )
    return upload


def _read(path: Path, chosen: Choices) -> ParsedFile:
    return read_file(
        path, mapping=chosen.mapping, day_first=chosen.day_first, statuses=chosen.statuses
    )


def _describe(session: Session, upload_id: int, worked: _Worked, now: datetime) -> None:
    upload, parsed, chosen = get_open(session, upload_id), worked.parsed, worked.chosen
    upload.state, upload.error = "previewed", None
    upload.format, upload.label = parsed.format, parsed.label
    upload.choices, upload.match_version = chosen.as_json(), worked.match_version
    early = still_to_come(worked.figures.get("event_list", ()), now)
    upload.summary = {
        "columns": list(parsed.columns),
        "mapping": dict(parsed.mapping),
        "sample": sampled(session, parsed.sample),
        "needs_mapping": parsed.needs_mapping,
        "dates_ambiguous": parsed.dates_ambiguous,
        "day_first": parsed.day_first,
        "status_words": [list(word) for word in parsed.status_words],
        "warnings": [*parsed.warnings, *early],
        **worked.figures,
    }
    if worked.staged is not None:
        remembered.keep(session, parsed, chosen, upload.uploaded_by, now)
    session.flush()


def load_staged(session: Session, upload_id: int) -> Staged:
    """The staged frames of a previewed or committed upload; BadInput when there is no preview."""
    loaded = {name: store.load_frame(session, upload_id, name) for name in PARTS}
    frames = {name: frame for name, frame in loaded.items() if frame is not None}
    upload = session.get_one(Upload, upload_id)
    if not frames.keys() >= {"rows", "people", "events"}:
        raise BadInput("This upload has no preview yet. Map its columns first.")
    return Staged(upload.summary["kind"], **frames)
