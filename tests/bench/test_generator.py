"""The invented data stays the same, so that figures of different days compare."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.generator.options import Options
from bench.generator.output import write

SMALL: dict[str, Any] = {"rows": 1200, "customers": 80, "contacts": 400, "events": 18}
DIGESTS = {
    "attendance.csv": "5642504f8147c4c5",
    "attendance_truth.csv": "9e7057ce67c9a598",
    "contacts.csv": "7c6ef0452163fe3d",
    "customers.csv": "3a79d76511147976",
    "events.csv": "48be03c5b12d5673",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = Options(out=tmp_path_factory.mktemp("generated"), **SMALL)
    assert write(options) == 1200
    return options.out


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_same_seed_gives_the_same_bytes_for_ever(made: Path, name: str):
    assert hashlib.sha256((made / name).read_bytes()).hexdigest().startswith(DIGESTS[name])


def test_truth_speaks_of_every_row(made: Path):
    rows, truth = rows_of(made / "attendance.csv"), rows_of(made / "attendance_truth.csv")

    assert [int(row["row"]) for row in truth] == list(range(1, len(rows) + 1))
    kinds = Counter(row["kind"] for row in truth)
    assert set(kinds) == {
        "contact",
        "colleague",
        "freemail",
        "noemail",
        "outsider",
        "dup",
        "rejoin",
    }
    assert kinds["contact"] > len(rows) / 2
    customers = {row["customer_id"] for row in rows_of(made / "customers.csv")}
    assert {row["customer_id"] for row in truth} <= customers | {""}


def test_row_seed_changes_the_rows_and_nothing_else(made: Path, tmp_path: Path):
    options = replace(Options(out=tmp_path, **SMALL), row_seed=5)
    write(options)

    for name in ("customers.csv", "contacts.csv", "events.csv"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()
    assert (tmp_path / "attendance.csv").read_bytes() != (made / "attendance.csv").read_bytes()


def test_sample_keeps_rows_of_the_whole(made: Path, tmp_path: Path):
    write(replace(Options(out=tmp_path, **SMALL), sample=100))
    whole = Counter((made / "attendance.csv").read_text(encoding="utf-8").splitlines())
    sample = Counter((tmp_path / "attendance.csv").read_text(encoding="utf-8").splitlines())

    assert sample.total() == 101
    assert sample <= whole
