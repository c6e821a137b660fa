"""The child: waits for one task on its input, reads that file under limits, and ends."""

from __future__ import annotations

import json
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from traceback import extract_tb
from typing import Any

import polars as pl

from data.errors import AppError
from integrations.formats import ParsedFile, read
from integrations.sandbox import HALVES

_ROOT = Path(__file__).resolve().parents[2]


def limit(memory: int, seconds: int) -> None:
    """Address space, processor time and file size; no core file is left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(task: dict[str, Any]) -> None:
    out = Path(task["out"])
    try:
        parsed = read(
            Path(task["path"]),
            mapping=task["mapping"],
            day_first=task["day_first"],
            purpose=task["purpose"],
            statuses=task["statuses"],
        )
    except AppError as refused:
        answer(out, {"refused": refused.message})
        return
    except (MemoryError, RecursionError):
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to learn of it
        answer(out, {"broke": _where(error)})
        return
    parsed.events.write_ipc(out / "events.arrow")
    _leave(_said(parsed.rows), out)
    parsed.rows.clear().write_ipc(out / "columns.arrow")
    frames = ("events", "rows")
    answer(
        out, {f.name: getattr(parsed, f.name) for f in fields(ParsedFile) if f.name not in frames}
    )


def _where(error: Exception) -> str:
    """The kind of error and the line of ours: its words may hold cells of the file."""
    frames = extract_tb(error.__traceback__)
    ours = [f for f in frames if _is_ours(Path(f.filename))]
    last = ours[-1]
    return f"{type(error).__name__} {Path(last.filename).relative_to(_ROOT)}:{last.lineno}"


def _is_ours(file: Path) -> bool:
    """The environment may lie in our folder."""
    return file.is_relative_to(_ROOT) and "site-packages" not in file.parts


def _said(rows: pl.DataFrame) -> pl.DataFrame:
    """Without the columns that are null throughout: most are, and each costs 16 bytes a row."""
    return rows.select(c for c in rows.columns if rows[c].null_count() < rows.height)


def _leave(rows: pl.DataFrame, out: Path) -> None:
    """Half of the columns in each file: polars writes one after the other, and leaves a core free."""
    parts = [rows[:, nth :: len(HALVES)] for nth in range(len(HALVES))]
    with ThreadPoolExecutor(len(HALVES)) as pool:
        list(pool.map(pl.DataFrame.write_ipc, parts, [out / half for half in HALVES]))


def answer(out: Path, told: dict[str, Any]) -> None:
    """Written last and whole: no answer means the task failed."""
    (out / "answer.part").write_text(json.dumps(told))
    (out / "answer.part").rename(out / "answer.json")


def hush() -> None:
    """Close the output: whoever waits for the answer need not wait for the end of this process."""
    os.close(sys.stdout.fileno())


def main() -> None:
    text = sys.stdin.read()
    if not text:
        return
    task = json.loads(text)
    limit(task["memory"], task["seconds"])
    work(task)
    hush()


if __name__ == "__main__":
    main()
