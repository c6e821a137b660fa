"""Upload to visible scores, beside the notebook, in the same run: `python -m bench.upload`."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.databases import Databases, SqliteFiles, postgres
from bench.generator.options import Options
from bench.generator.output import write
from bench.processes import Answer, ask

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MASTER, FULL = "bench_master", "bench_full"


@dataclass(frozen=True)
class Line:
    """Middle seconds and most memory (MB, all processes but the database server's) of one size on one database.

    `again`: the same rows in a file with other bytes, so that nothing changes. `repeat`: the same
    file. `ratio` is the notebook's seconds over ours; `cpu` is processor time without the database
    server's, for machines on which others work too. `again`, `repeat` and their ratio are None where each
    program took the file once only.
    """

    database: str
    rows: int
    seconds: float
    again: float | None
    repeat: float | None
    peak_mb: float
    notebook: float
    notebook_again: float | None
    notebook_mb: float
    ratio: float
    ratio_again: float | None
    cpu: float
    notebook_cpu: float
    counts: dict[str, Any]
    steps: dict[str, float]


def measure(
    folder: Path, databases: Databases, rows: int, repeat: int, *, once: bool = False
) -> Line:
    """Both programs in turn, `repeat` times, on fresh databases that hold the same customers."""
    data, again = data_of(folder, rows), again_of(folder, rows)
    upload = data / "attendance.csv"
    files = [upload] if once else [upload, again, upload]
    ours, peers = [], []
    for _ in range(repeat):
        ours.append(_product(databases, files))
        peers.append(_notebook(databases, data, times=1 if once else 2))
    seconds, second, same = (_nth(ours, n) for n in range(3))
    notebook, notebook_again = (_nth(peers, n) for n in range(2))
    assert seconds is not None
    assert notebook is not None
    told = ours[-1][0].told
    return Line(
        database=databases.name,
        rows=rows,
        seconds=seconds,
        again=second,
        repeat=same,
        peak_mb=max(answer.peak_mb for run in ours for answer in run[:2]),
        notebook=notebook,
        notebook_again=notebook_again,
        notebook_mb=max(answer.peak_mb for run in peers for answer in run),
        ratio=round(notebook / seconds, 1),
        ratio_again=round(notebook_again / second, 1) if notebook_again and second else None,
        cpu=_middle((run[0] for run in ours), "cpu"),
        notebook_cpu=_middle((run[0] for run in peers), "cpu"),
        counts={k: v for k, v in told.items() if k not in ("seconds", "cpu", "steps", "repeat")},
        steps=told["steps"],
    )


def data_of(folder: Path, rows: int) -> Path:
    """The generated files; all sizes share customers, contacts and events."""
    made = folder / f"rows{rows}"
    if not (made / "customers.csv").exists():
        row_seed = None if rows == Options.rows else rows
        write(Options(out=made, rows=rows, row_seed=row_seed))
    return made


def again_of(folder: Path, rows: int) -> Path:
    """The same rows as a file of other bytes: a blank line follows."""
    data = data_of(folder, rows)
    copy = data / "again.csv"
    if not copy.exists():
        copy.write_bytes((data / "attendance.csv").read_bytes() + b"\n")
    return copy


def prepare(folder: Path, databases: Databases) -> dict[str, Any]:
    """The database all measurements start from: customers and contacts, no attendance."""
    url = databases.fresh(MASTER)
    return ask("bench.product", "prepare", data_of(folder, SIZES[0]), env=_to(url)).told


def _product(databases: Databases, files: Sequence[Path]) -> list[Answer]:
    """A file, and perhaps the same rows in another one, and the file again."""
    url = databases.fresh(FULL, copy_of=MASTER)
    answers: list[Answer] = []
    for file in files:
        answers.append(ask("bench.product", "upload", file, env=_to(url)))
        print(f"{databases.name}, {file}: {answers[-1].told['seconds']} s")
    if any(a.told["changes"][kind] for a in answers[1:2] for kind in ("new", "changed")):
        raise RuntimeError("The same rows again changed something.")
    if not all(answer.told["repeat"] for answer in answers[2:]):
        raise RuntimeError("The same file again was taken for a new one.")
    return answers


def _notebook(databases: Databases, data: Path, *, times: int) -> list[Answer]:
    url = databases.fresh("bench_notebook")
    answers = [ask("bench.notebook", data, "--db", url) for _ in range(times)]
    databases.drop("bench_notebook")
    return answers


def _to(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url}


def _nth(runs: Sequence[Sequence[Answer]], number: int) -> float | None:
    """The middle one of the answers that came as this one of their run."""
    answers = [run[number] for run in runs if number < len(run)]
    return _middle(answers) if answers else None


def _middle(answers: Iterable[Answer], figure: str = "seconds") -> float:
    return round(statistics.median(answer.told[figure] for answer in answers), 3)


def run(
    folder: Path,
    sizes: Sequence[int],
    kinds: Sequence[str],
    repeat: int,
    report: Callable[[str], None] = print,
    *,
    once: bool = False,
) -> list[Line]:
    """`kinds` are sqlite and postgres; a line is reported as soon as it is measured.

    With `once` neither program does the same rows a second time.
    """
    lines = []
    with ExitStack() as stack:
        for kind in kinds:
            files = SqliteFiles(folder)
            databases: Databases = files if kind == "sqlite" else stack.enter_context(postgres())
            report(f"{databases.name}: {json.dumps(prepare(folder, databases))}")
            for rows in sizes:
                line = measure(folder, databases, rows, repeat, once=once)
                report(json.dumps(asdict(line)))
                lines.append(line)
            databases.drop(MASTER)
            databases.drop(FULL)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.upload")
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep data here; a temporary one without it")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        run(folder, given.rows, given.databases or ["sqlite", "postgres"], given.repeat)


if __name__ == "__main__":
    main()
