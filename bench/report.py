"""The figures as docs/benchmarks.md: each beside the command that makes it and the machine it was made on."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.upload import Line

LIBRARIES = ("streamlit", "polars", "pandas", "sqlalchemy", "psycopg", "adbc-driver-sqlite")
NO_FIGURE = "–"


def document(
    lines: Sequence[Line], pages: Sequence[dict[str, Any]], command: str, drafts: str = ""
) -> str:
    parts = [_head(command)]
    if lines:
        parts += [_uploads(lines), _steps(lines)]
    if drafts:
        parts.append(drafts)
    if pages:
        parts.append(_pages(pages))
    return "\n".join(parts)


def _head(command: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"""# Benchmarks

Made by `{command}` on {datetime.now(UTC):%Y-%m-%d} (`make bench` makes them again).

- Machine: {os.cpu_count()} cores, {memory:.0f} GB, {_processor()}; load when finished: {os.getloadavg()[1]:.1f}.
  On a busy machine read the ratios and the processor time, not the seconds.
- Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {libraries}.
- Data: `python -m bench.generator`, 10,000 customers, 100,000 contacts, 2,000 events over two years.
"""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _uploads(lines: Sequence[Line]) -> str:
    rows = [
        [
            line.database,
            f"{line.rows:,}",
            f"{line.seconds:.2f} s",
            f"{line.cpu:.2f} s",
            f"{line.notebook:.2f} s",
            f"{line.notebook_cpu:.2f} s",
            f"**{line.ratio:.1f}**",
            f"{line.again:.2f} s",
            f"{line.ratio_again:.1f}",
            f"{line.repeat:.2f} s",
            f"{line.peak_mb:,.0f} MB",
            f"{line.notebook_mb:,.0f} MB",
        ]
        for line in lines
    ]
    header = [
        "database",
        "rows",
        "upload to scores",
        "its CPU",
        "notebook",
        "its CPU",
        "ratio",
        "same rows again",
        "ratio",
        "same file again",
        "peak memory",
        "notebook's",
    ]
    return f"""## Upload to visible scores

From a file on disk to scores in the database, in a server that has read a file before, beside plain
pandas doing a smaller job on the same file in the same run (`bench/notebook.py`). The app also keeps
the original, a verdict and a reason per row, and what it takes to undo. Memory is that of all processes
but the database server's. `python -m bench.upload --rows …` measures one size alone.

{_table(header, rows)}
"""


def _steps(lines: Sequence[Line]) -> str:
    rows = [
        [
            line.database,
            f"{line.rows:,}",
            "; ".join(f"{k} {v:.2f}" for k, v in line.steps.items() if v >= 0.01),
        ]
        for line in lines
    ]
    return f"Where the seconds go:\n\n{_table(['database', 'rows', 'seconds by step'], rows)}\n"


def _pages(pages: Sequence[dict[str, Any]]) -> str:
    rows = [
        [
            page["name"],
            page["during"] or "nothing else",
            str(page["users"]),
            _ms(page["first_ms"], "p95"),
            _ms(page["rerun_ms"], "p50"),
            f"**{_ms(page['rerun_ms'], 'p95')}**",
            f"{page.get('cpu_ms_per_run', 0):.0f} ms",
            f"{page['kb_rerun']:.0f} kB",
            f"{page.get('server_mb', 0):.0f} MB",
            str(page["errors"]),
        ]
        for page in pages
    ]
    header = [
        "page",
        "meanwhile",
        "users",
        "first run p95",
        "rerun p50",
        "rerun p95",
        "CPU per run",
        "sent per rerun",
        "server",
        "errors",
    ]
    return f"""## Pages

The real server on SQLite with a million records; every user reruns the whole page about once a second.
Measured from asking to the end of the run, without drawing in the browser (`python -m bench.pages`).

{_table(header, rows)}
"""


def _ms(spread: dict[str, float], figure: str) -> str:
    return f"{spread[figure]:.0f} ms" if figure in spread else NO_FIGURE


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
