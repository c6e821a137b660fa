"""Long steps of an upload in a process of their own, so that nobody's pages wait for them.

Progress is a small file: while an import writes, nothing else can be written to a SQLite database.
Whoever works on an upload holds a lock on a second one. The lock goes with its process, however that
ends, so a process that outlives a restart of the app is told from one that died.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import errors
from data.db import transaction
from data.errors import AppError, Cancelled, InvalidMove
from data.memory import settle
from data.settings import PROJECT, settings
from data.tables import Person, Upload
from services.access.viewer import SYSTEM, Viewer, viewer_of
from services.clock import utc_now
from services.uploads import intake, mail, tickets
from services.uploads.other_listing import other_purpose
from services.uploads.records import Choices
from services.uploads.undo import undo

STEPS = ("preview", "commit", "undo")
OTHERS = {mail.PURPOSE: mail, tickets.PURPOSE: tickets}
"""The steps of files that tell of something else than attendance, by their purpose."""
REACHED = {"commit": "committed", "undo": "undone"}
"""The state an upload is in once the step is done; a preview may have been made before."""
CANCELLED = "Cancelled; nothing was kept."
INTERRUPTED = "The work was interrupted. Nothing of it was kept; start it again."
BUSY = "Something else is being done with this upload. Look at it again in a moment."
SMALL = 2_000_000
"""Bytes up to which a step is done at once, in the caller's process: starting one would take longer."""

NICE = 10
"""How far an import steps back for the pages."""

_running: dict[int, subprocess.Popen[bytes]] = {}
"""The processes this one has started."""


@dataclass(frozen=True)
class Progress:
    """How far a step has come. `share` 0..1; `error` is for the user, `kind` the name of its class in
    data.errors; `done` when nothing runs any more."""

    step: str
    words: str
    share: float
    done: bool
    error: str | None = None
    kind: str | None = None

    def check(self) -> None:
        """Raise what the step ended with, if it failed."""
        if self.error:
            raise getattr(errors, self.kind or "InvalidMove")(self.error)


def start(
    upload_id: int,
    step: str,
    *,
    by: Viewer,
    choices: Choices | None = None,
    patience: float | None = None,
) -> Progress:
    """Run one of STEPS for an upload; small files are finished when this returns.

    While a step runs, no other one is started: its progress is what comes back. With `patience`, in
    seconds, this waits for that one's end, and what comes back is always of the step asked for;
    InvalidMove when it takes longer.
    """
    assert step in STEPS, step
    lock = _lock(upload_id) if patience is None else _lock_in(upload_id, patience)
    if lock is None:
        return progress(upload_id)
    with lock:
        _path(upload_id, ".cancel").unlink(missing_ok=True)
        _write(upload_id, Progress(step, "Starting", 0.0, done=False))
        with transaction(read_only=True) as session:
            size = session.scalar(select(Upload.size).where(Upload.id == upload_id)) or 0
        if size <= SMALL:
            return run(upload_id, step, by=by, choices=choices)
        asked = {"person": by.person_id, "choices": choices.as_json() if choices else None}
        _running[upload_id] = subprocess.Popen(  # noqa: S603 - our own module, arguments are ours
            [
                sys.executable,
                "-m",
                "services.uploads.job",
                str(upload_id),
                step,
                json.dumps(asked),
            ],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock.fileno()],  # the lock is the child's from here on
        )
    return progress(upload_id)


def _lock(upload_id: int) -> IO[bytes] | None:
    """The right to work on an upload, until the file is closed by all who have it open; None when
    somebody else has it."""
    file = _path(upload_id, ".lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _lock_in(upload_id: int, patience: float) -> IO[bytes]:
    """The same, once whoever has it is done; InvalidMove after so many seconds."""
    until = monotonic() + patience
    while (lock := _lock(upload_id)) is None:
        if monotonic() > until:
            raise InvalidMove(BUSY)
        sleep(0.05)
    return lock


def run(upload_id: int, step: str, *, by: Viewer, choices: Choices | None = None) -> Progress:
    """Do the step here and now; what went wrong is kept for `progress`, not raised."""

    def report(words: str, share: float) -> None:
        if share < 1 and _path(upload_id, ".cancel").exists():
            raise Cancelled(CANCELLED)
        _write(upload_id, Progress(step, words, share, done=False))

    problem = None
    try:
        other = OTHERS.get(_other_purpose(upload_id) or "")
        if step == "preview":
            work = other.preview if other else intake.preview
            work(upload_id, now=utc_now(), choices=choices, progress=report)
        elif step == "commit":
            work = other.commit if other else intake.commit
            work(upload_id, by=by, now=utc_now(), progress=report)
        else:
            work = other.undo if other else undo
            work(upload_id, by=by, now=utc_now(), progress=report)
    except AppError as error:
        problem = error
    except BaseException:
        _write(upload_id, _stopped(step, Cancelled(INTERRUPTED)))
        raise
    done = _stopped(step, problem) if problem else Progress(step, "Done", 1.0, done=True)
    _write(upload_id, done)
    return done


def _other_purpose(upload_id: int) -> str | None:
    with transaction(read_only=True) as session:
        return other_purpose(session, upload_id)


def _stopped(step: str, why: AppError, words: str = "Stopped") -> Progress:
    return Progress(step, words, 1.0, done=True, error=why.message, kind=type(why).__name__)


def progress(upload_id: int) -> Progress:
    """Where the last step started for this upload is; a process that died is reported as such."""
    path = _path(upload_id)
    if not path.exists():
        return Progress("", "", 1.0, done=True)
    child = _running.get(upload_id)
    if child is not None and child.poll() is not None:
        _running.pop(upload_id, None)
    found = _read(path)
    if found.done:
        return found
    lock = _lock(upload_id)
    if lock is None:
        return found
    with lock:
        found = _read(path)  # it may have ended meanwhile
        if not found.done:
            found = _killed(upload_id, found.step, Cancelled(INTERRUPTED))
            _write(upload_id, found)
    return found


def _read(path: Path) -> Progress:
    told = json.loads(path.read_text())
    return Progress(**{field.name: told[field.name] for field in fields(Progress)})


def _killed(upload_id: int, step: str, why: AppError, words: str = "Stopped") -> Progress:
    """How a step ended whose process can no longer say so: it may have been killed just after it was
    done, and then the database knows better than its last report."""
    with transaction(read_only=True) as session:
        state = session.scalar(select(Upload.state).where(Upload.id == upload_id))
    if state == REACHED.get(step, ""):
        return Progress(step, "Done", 1.0, done=True)
    return _stopped(step, why, words)


def wait(upload_id: int, timeout: float) -> Progress:
    """Until the step ends, or the time (seconds) is over."""
    child = _running.get(upload_id)
    if child is not None:
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            cancel(upload_id)
    return progress(upload_id)


def cancel(upload_id: int) -> None:
    """Stop the step. What it had begun to write is rolled back with its connection.

    A process that another one has started, such as the app before its restart, ends at its next report.
    """
    child = _running.pop(upload_id, None)
    if child is None:
        _path(upload_id, ".cancel").touch()
        return
    if child.poll() is not None:
        return
    child.kill()
    child.wait()
    step = _read(_path(upload_id)).step
    _write(upload_id, _killed(upload_id, step, Cancelled(CANCELLED), "Cancelled"))


def forget(uploads: Iterable[int]) -> None:
    """Let go of how their last steps ended: an error's words may quote the file. It does not raise."""
    for number in uploads:
        with suppress(OSError):
            _path(number).unlink(missing_ok=True)


def _path(upload_id: int, ending: str = ".json") -> Path:
    folder = settings().data_dir / "progress"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{upload_id}{ending}"


def _write(upload_id: int, found: Progress) -> None:
    """Whole or not at all: the page may be reading."""
    path = _path(upload_id)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(asdict(found), file)
    Path(file.name).replace(path)


def _viewer(session: Session, person_id: int | None) -> Viewer:
    person = session.get(Person, person_id) if person_id else None
    return viewer_of(session, person, utc_now()) if person else SYSTEM


def _main(arguments: list[str]) -> None:
    os.nice(NICE)
    settle()
    upload_id, step, asked = int(arguments[0]), arguments[1], json.loads(arguments[2])
    with transaction(read_only=True) as session:
        by = _viewer(session, asked["person"])
    choices = Choices.from_json(asked["choices"]) if asked["choices"] else None
    run(upload_id, step, by=by, choices=choices)


if __name__ == "__main__":
    _main(sys.argv[1:])
