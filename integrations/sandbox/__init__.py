"""Reads an uploaded file in a child process, so that a crafted one costs an error and no more.

The child gets limits on memory, processor time and wall time that grow with the file, parses,
leaves its frames as Arrow files in a private directory and ends. One spare child waits with its
imports done, because starting one takes longer than reading a usual report.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl

from data.errors import FileRefused
from integrations.formats.records import ParsedFile

__all__ = ["FileRefused", "read_file"]

log = logging.getLogger(__name__)
_MB = 1 << 20
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = [sys.executable, "-m", "integrations.sandbox.child"]
HALVES = ("rows.arrow", "more.arrow")
"""Of the columns that say something."""
LARGE = 16 * _MB
AFTER_LARGE = 5.0
"""Seconds until the next child is started after a large file: both cores work on that one first."""
TOO_MUCH = (
    "This file could not be read safely: it needs too much memory or time for its size, or it is "
    "damaged. Save it again as CSV, or split it, and upload that."
)

BROKE = (
    "This file holds something that we cannot read yet. Save it again as CSV and upload that; if that does not "
    "help, tell your admin: the log says where we gave up."
)


def read_file(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    purpose: str = "attendance",
    statuses: Mapping[str, str] | None = None,
) -> ParsedFile:
    """As formats.read, in a child process under limits.

    Raises FileRefused, also when the child was killed or gave up."""
    size = path.stat().st_size
    with tempfile.TemporaryDirectory(prefix="upload-") as out:
        task = {
            "path": str(path.resolve()),
            "out": out,
            "mapping": dict(mapping) if mapping else None,
            "day_first": day_first,
            "purpose": purpose,
            "statuses": dict(statuses or {}),
            "memory": memory_limit(size),
            "seconds": time_limit(size),
        }
        _run(task, wall=2 * time_limit(size), rest=AFTER_LARGE if size > LARGE else 0)
        return _collect(Path(out))


def memory_limit(size: int) -> int:
    """Bytes of address space for a file of `size` bytes; frames and texts are held several times."""
    return 2_048 * _MB + 40 * size


def time_limit(size: int) -> int:
    """Seconds of processor time for a file of `size` bytes."""
    return 30 + size // (2 * _MB)


class _Spare:
    """At most one idle child, started ahead. It reads one task, does it and ends; when this
    process ends, its input closes and it ends too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._soon: threading.Timer | None = None

    def take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            child, self._child = self._child, None
        if child is not None and child.poll() is None:
            return child
        if child is not None:
            _end(child)
        return _start()

    def refill(self, seconds: float = 0) -> None:
        """Start the next one, now or in so many seconds."""
        with self._lock:
            if self._soon is not None:
                self._soon.cancel()
            if seconds:
                self._soon = threading.Timer(seconds, self.refill)
                self._soon.daemon = True
                self._soon.start()
            elif self._child is None:
                self._child = _start()

    def close(self) -> None:
        with self._lock:
            if self._soon is not None:
                self._soon.cancel()
            child, self._child = self._child, None
        if child is not None:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Whether it is done, stuck or idle; its pipes are closed here, not by the garbage collector."""
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    child.wait()


_spare = _Spare()
atexit.register(_spare.close)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        _COMMAND,
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _run(task: dict[str, object], *, wall: int, rest: float) -> None:
    """Until the child has answered or died; its frames take time to go, which nobody waits for."""
    child = _spare.take()
    try:
        _tell(child, json.dumps(task).encode())
        if not _silent(child, wall):
            raise FileRefused(TOO_MUCH)
    finally:
        threading.Thread(target=_end, args=(child,)).start()
        _spare.refill(rest)


def _tell(child: subprocess.Popen[bytes], task: bytes) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # dead already: it will not answer
        child.stdin.write(task)
        child.stdin.close()


def _silent(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the child closes its output, as it does after its answer and by dying, within the time."""
    assert child.stdout is not None
    watch = select.poll()
    watch.register(child.stdout, select.POLLIN)
    over = time.monotonic() + seconds
    while watch.poll(max(0.0, over - time.monotonic()) * 1000):
        if not os.read(child.stdout.fileno(), _MB):
            return True
    return False


def _collect(out: Path) -> ParsedFile:
    answer = out / "answer.json"
    if not answer.exists():
        raise FileRefused(TOO_MUCH)
    told: dict[str, Any] = json.loads(answer.read_text())
    if "refused" in told:
        raise FileRefused(told["refused"])
    if "broke" in told:
        log.error("file_not_read broke=%s", told["broke"])
        raise FileRefused(BROKE)
    told["events"] = pl.read_ipc(out / "events.arrow")
    told["rows"] = _restored(out)
    told["columns"] = tuple(told["columns"])
    told["warnings"] = tuple(told["warnings"])
    told["status_words"] = tuple(tuple(word) for word in told["status_words"])
    told["sample"] = tuple(tuple(row) for row in told["sample"])
    return ParsedFile(**told)


def _restored(out: Path) -> pl.DataFrame:
    """The rows with the columns the child left out because they are null throughout."""
    with ThreadPoolExecutor(len(HALVES)) as pool:  # polars reads one column after the other
        rows = pl.concat(pool.map(pl.read_ipc, (out / half for half in HALVES)), how="horizontal")
    columns = pl.read_ipc_schema(out / "columns.arrow")
    absent = [pl.lit(None, dtype=t).alias(c) for c, t in columns.items() if c not in rows.columns]
    return rows.with_columns(absent).select(*columns)
