"""Child processes that answer with one line of JSON, and the memory of all they start."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EVERY = 0.05


@dataclass(frozen=True)
class Answer:
    """`told` is the child's last line; `wall` its whole life in seconds; `peak_mb` see `held_mb`."""

    told: dict[str, Any]
    wall: float
    peak_mb: float


def ask(module: str, *arguments: object, env: Mapping[str, str] | None = None) -> Answer:
    """Run `python -m module …` to its end; RuntimeError with its last words when it fails."""
    began = time.perf_counter()
    child = start(module, *arguments, env=env)
    peak = _Peak(child.pid)
    out, err = child.communicate()
    wall = time.perf_counter() - began
    if child.returncode != 0:
        raise RuntimeError(f"python -m {module} failed:\n{err[-3000:]}")
    return Answer(json.loads(out.strip().splitlines()[-1]), wall, peak.stop())


def start(
    module: str, *arguments: object, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Begin `python -m module …`; the caller waits for it."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def tree(pid: int) -> Iterator[int]:
    """The process and all its descendants that are there now."""
    todo = [pid]
    while todo:
        current = todo.pop()
        yield current
        tasks = Path(f"/proc/{current}/task")
        with suppress(OSError):  # the process is over
            for thread in tasks.iterdir():
                with suppress(OSError):  # the thread is
                    todo += map(int, (thread / "children").read_text().split())


def memory_mb(pids: Sequence[int]) -> float:
    """Resident memory of the processes together; pages they share are counted once between them."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def held_mb(pids: Sequence[int]) -> float:
    """As `memory_mb`, from counters that are there already: whose pages are walked waits for it at each new one.

    Pages of files, which are code for the most part, count once: those of the process that has most.
    """
    own, of_files = 0, 0
    for pid in pids:
        try:
            _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
        except OSError:
            continue
        own += resident - shared
        of_files = max(of_files, shared)
    return (own + of_files) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_ms(pids: Sequence[int]) -> float:
    """Processor time the processes have used so far."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
    return total


def warm(path: Path) -> None:
    """Have the file in the system's memory, where one is that has just arrived."""
    with path.open("rb") as stream:
        while stream.read(1 << 20):
            pass


def cpu_seconds() -> float:
    """Processor time of this process and of the children it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


class _Peak:
    """Looks at a tree of processes until stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._over = pid, 0.0, threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self._most = max(self._most, held_mb(list(tree(self._pid))))

    def stop(self) -> float:
        self._over.set()
        self._watcher.join()
        return round(self._most, 1)
