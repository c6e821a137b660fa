from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.bulk.cells import PIECE
from data.bulk.pages import PAGE, fill

BY_KEY = """
CREATE TABLE seen (a INTEGER NOT NULL, b INTEGER NOT NULL, n INTEGER, x REAL, t TEXT,
    PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX ix_b ON seen (b);
CREATE INDEX ix_t ON seen (t, n);
CREATE INDEX ix_x ON seen (x);
"""
BY_NUMBER = """
CREATE TABLE seen (t TEXT, id INTEGER NOT NULL, k TEXT NOT NULL UNIQUE, n INTEGER, x REAL,
    CONSTRAINT pk PRIMARY KEY (id));
CREATE INDEX ix_n ON seen (n);
"""
NUMBERS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.sampled_from([-1, 0, 1, 255]))
REALS = st.one_of(st.none(), st.floats(allow_nan=False), st.integers(-9, 9).map(float))
TEXTS = st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=70))


@contextmanager
def made(definition: str) -> Iterator[Path]:
    """An empty database file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"PRAGMA page_size={PAGE};{definition}")
        yield path


def kept(path: Path, order: str) -> list[tuple[object, ...]]:
    """What SQLite reads, once it has found nothing wrong with the file."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute(f"SELECT * FROM seen ORDER BY {order}").fetchall()


def inserted(definition: str, frame: pl.DataFrame, order: str) -> list[tuple[object, ...]]:
    """What the rows are when SQLite puts them in."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(definition)
        marks = ", ".join("?" * frame.width)
        statement = f"INSERT INTO seen ({', '.join(frame.columns)}) VALUES ({marks})"
        connection.executemany(statement, frame.iter_rows())
        return connection.execute(f"SELECT * FROM seen ORDER BY {order}").fetchall()


def by_key(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    kinds = {"n": pl.Int64, "x": pl.Float64, "t": pl.String}
    counted = pl.int_range(len(rows), dtype=pl.Int64, eager=True)
    keys = {"a": counted // 3 - 1, "b": counted % 3 * 1000}
    return pl.DataFrame(keys).hstack(pl.DataFrame(rows, schema=kinds, orient="row"))


@given(st.lists(st.tuples(NUMBERS, REALS, TEXTS), min_size=1))
@example([(None, None, None)])
@example([(1, float("inf"), ""), (0, -0.0, "\0"), (None, 2.0**60, "é" * 70)])
def test_any_rows_are_read_as_if_they_had_been_inserted(rows: list[tuple[object, ...]]):
    frame = by_key(rows)
    with made(BY_KEY) as path:
        assert fill(path, "seen", frame)
        assert kept(path, "a, b") == inserted(BY_KEY, frame, "a, b")


@pytest.mark.parametrize("count", [1, PIECE - 1, PIECE, 100_000])
def test_trees_of_every_height_are_whole(count: int):
    draw = np.random.default_rng(count)
    frame = (
        by_key([(None, None, None)] * count)
        .with_columns(
            n=pl.Series(draw.integers(-5, 10**9, count)),
            x=pl.Series(draw.random(count)),
            t=pl.Series(draw.integers(0, 200, count)).map_elements("ab".__mul__, pl.String),
        )
        .with_columns(
            t=pl.when(pl.col("n") % 3 > 0).then(
                "t"
            ),  # in memory the text still stands under the null
        )
    )
    with made(BY_KEY) as path:
        assert fill(path, "seen", frame)
        assert kept(path, "a, b") == inserted(BY_KEY, frame, "a, b")
        with closing(sqlite3.connect(path)) as connection:  # what an index alone answers
            of_index = connection.execute("SELECT b, count(*) FROM seen GROUP BY b").fetchall()
    assert of_index == frame.group_by("b").len().sort("b").rows()


def test_every_number_of_leaves_makes_a_whole_tree():
    for count in range(1, 100):
        frame = by_key([(None, 0.5, "w" * 900)] * count)
        with made(BY_KEY) as path:
            assert fill(path, "seen", frame)
            assert len(kept(path, "a, b")) == count


@pytest.mark.parametrize("count", [1, 3, 5_000, 60_000])
def test_rows_with_a_number_keep_it(count: int):
    numbers = pl.int_range(count, dtype=pl.Int64, eager=True)
    frame = pl.DataFrame({"id": numbers * 37 + 5, "n": numbers % 7}).with_columns(
        k=pl.format("{}@example.com", pl.col("id")), n=pl.when(pl.col("n") > 0).then("n")
    )
    with made(BY_NUMBER) as path:
        assert fill(path, "seen", frame)
        assert kept(path, "id") == inserted(BY_NUMBER, frame, "id")


@pytest.mark.parametrize(
    "rows",
    [
        {"id": [1, 1], "k": ["a", "b"]},
        {"id": [2, 1], "k": ["a", "b"]},
        {"id": [1, 2], "k": ["a", "a"]},
        {"id": [1, 2], "k": ["a", None]},
        {"id": [1, None], "k": ["a", "b"]},
        {"id": [1, 2]},
        {"id": [1, 2], "k": ["a", "b" * 1000]},
    ],
)
def test_what_breaks_a_rule_or_is_too_long_leaves_the_file_as_it_was(rows: dict[str, list[object]]):
    with made(BY_NUMBER) as path:
        before = path.read_bytes()
        assert not fill(path, "seen", pl.DataFrame(rows))
        assert path.read_bytes() == before
