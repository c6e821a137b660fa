"""Measured uploads and pages as text of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.document import table, when, with_rows
from bench.upload import Line

NO_FIGURE = "–"
_UPLOADS = [
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
    "measured",
]
_PAGES = [
    "database",
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
    "measured",
]


def uploads(lines: Sequence[Line], before: str = "") -> str:
    """The section's text; sizes and databases that were not measured now stay as `before` has them."""
    measured = when()
    rows = [
        [
            line.database,
            f"{line.rows:,}",
            _seconds(line.seconds),
            _seconds(line.cpu),
            _seconds(line.notebook),
            _seconds(line.notebook_cpu),
            f"**{line.ratio:.1f}**",
            _seconds(line.again),
            NO_FIGURE if line.ratio_again is None else f"{line.ratio_again:.1f}",
            _seconds(line.repeat),
            f"{line.peak_mb:,.0f} MB",
            f"{line.notebook_mb:,.0f} MB",
            measured,
        ]
        for line in lines
    ]
    steps = [
        [
            line.database,
            f"{line.rows:,}",
            "; ".join(f"{k} {v:.2f}" for k, v in line.steps.items() if v >= 0.01),
        ]
        for line in lines
    ]
    return f"""From a file on disk to scores in the database, in a server that has read a file before, beside plain
pandas doing a smaller job on the same file in the same run (`bench/notebook.py`). The app also keeps
the original, a verdict and a reason per row, and what it takes to undo. Memory is that of all processes
but the database server's. Data: `python -m bench.generator`, 10,000 customers, 100,000 contacts, 2,000
events over two years.

{with_rows(before, table(_UPLOADS, rows), 2)}

Where the seconds go:

{with_rows(before, table(["database", "rows", "seconds by step"], steps), 2)}"""


def pages(found: Sequence[dict[str, Any]], before: str = "") -> str:
    """The section's text; pages that were not looked at now stay as `before` has them."""
    measured = when()
    rows = [
        [
            page["database"],
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
            measured,
        ]
        for page in found
    ]
    return f"""The real server with 10,000 customers, a million records of attendance, a million events of mail and 100,000 tickets in one
database; every user reruns the whole page about once a second.
Measured from asking to the end of the run, without drawing in the browser. One Python process draws for
all, a run takes it 10 to 100 ms of processor time, and 50 users ask for 50 runs in a second: they wait for their turn.

{with_rows(before, table(_PAGES, rows), 4)}"""


def _seconds(figure: float | None) -> str:
    return NO_FIGURE if figure is None else f"{figure:.2f} s"


def _ms(spread: dict[str, float], figure: str) -> str:
    return f"{spread[figure]:.0f} ms" if figure in spread else NO_FIGURE
