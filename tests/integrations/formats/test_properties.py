"""Whatever is in a table, every record comes back once; whatever is in a file, nothing crashes."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.formats import FileRefused, ParsedFile, read

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.*"))
TEXTS = [p for p in SAMPLES if p.suffix != ".xlsx"]

CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t"), max_size=12
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12)
HEADER = ("Name", "Email", "Event", "Join Time")


def parsed(data: bytes, purpose: str = "attendance") -> ParsedFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return read(path, purpose=purpose)


def written(rows: list[tuple[str, ...]], delimiter: str, ending: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return stream.getvalue()


def blank(row: tuple[str, ...]) -> bool:
    return not "".join(row).strip(" \t\r\n\u00a0\ufeff\u3000")


@settings(max_examples=150)
@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_record_of_a_valid_table_comes_back_once(rows, delimiter, ending, encoding):
    data = written([HEADER, *rows], delimiter, ending).encode(encoding)
    kept = [r for r in rows if not blank(r)]
    if not kept:
        with pytest.raises(FileRefused):
            parsed(data)
        return
    found = parsed(data)
    assert found.records == found.rows.height == len(kept)
    assert found.blank == len(rows) - len(kept)
    names = [n.strip() or None for n, *_ in kept]
    expected = [n for n, p in zip(names, found.rows["problem"], strict=True) if p is None]
    assert found.rows.filter(found.rows["problem"].is_null())["name"].to_list() == expected


@settings(max_examples=100)
@given(rows=ROWS)
def test_rejected_rows_keep_all_their_cells(rows):
    data = written([HEADER, *(("", "", *r[2:]) for r in rows)], ",", "\n").encode()
    kept = [["", "", *r[2:]] for r in rows if not blank(("", "", *r[2:]))]
    if not kept:
        return
    raw = parsed(data).rows["raw"].to_list()
    assert [json.loads(str(text)) for text in raw] == kept


def mutated(data: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, instead in cuts:
        place = at % (len(data) + 1)
        data = data[:place] + instead + data[place + length :]
    return data


CUTS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=6), st.sampled_from([b'"', b"\n", b",,", b"\t", b"\0", b"\r", b"2"])
        ),
    ),
    min_size=1,
    max_size=6,
)


def survives(sample: Path, cuts: list[tuple[int, int, bytes]], purpose: str) -> None:
    """Read, or refused in words; and every record that is read is a row."""
    try:
        found = parsed(mutated(sample.read_bytes(), cuts), purpose)
    except FileRefused:
        return
    assert found.records == found.rows.height > 0
    assert found.rows["raw"].null_count() == found.rows["problem"].null_count()


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(sample=st.sampled_from(TEXTS), cuts=CUTS)
def test_damaged_samples_never_crash(sample, cuts):
    survives(sample, cuts, "attendance")


@pytest.mark.soak
@settings(max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
@given(
    sample=st.sampled_from(SAMPLES),
    cuts=CUTS,
    purpose=st.sampled_from(["attendance", "customers", "stakeholders"]),
)
def test_thousands_of_damaged_samples_never_crash(sample, cuts, purpose):
    survives(sample, cuts, purpose)
