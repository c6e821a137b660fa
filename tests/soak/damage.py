"""Damaged files, many at a time: `python -m tests.soak.damage <seed> <count>`.

Each is a sample with something done to it. What is done to whole lines says how many records there have to be;
whatever is done, a file is read with every record a row, or refused in words. Prints one line of JSON. A
reader that takes the process with it leaves none.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from integrations.formats import FileRefused, ParsedFile, read

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.*"))
PURPOSES = ("attendance", "attendance", "attendance", "customers", "stakeholders")
JUNK = (
    "x", "?", "=1+1", "-", "99999999999999999999", "1e400", "nan", "2026-13-45 99:99", "31.02.2026", "@",
    "a@", "not an address", "\u202eevil", "🙂" * 20, "Ω" * 300, "null", "TRUE", "--", "%s%n", "../../x", "\\",
    "'", "<b>x</b>", "0", "-1", "1,5", "12:60", "١٢٣", "١٢/٠٣/٢٠٢٦ ١٠:٠٠", "\u200b\u200bx", "#REF!",
)  # fmt: skip
BITS = (
    b'"',
    b"\n",
    b",,",
    b"\t",
    b"\0",
    b"\r",
    b"2",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"<",
    b"{[",
)
WRONG_KEPT = 20


@dataclass
class Told:
    """Files by what became of them, and what went wrong with which."""

    became: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Sheet:
    """A text sample whose records are lines of their own: `lines` with their endings, `records` the places of
    those that are rows, `comma` what parts their cells."""

    lines: list[str]
    records: list[int]
    comma: str
    encoding: str
    found: ParsedFile


@cache
def sheet(path: Path) -> Sheet | None:
    """None for workbooks, JSON and texts with line breaks inside of cells."""
    data = path.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if path.suffix not in (".csv", ".txt") or path.name.startswith("webhook"):
        return None
    try:
        found, lines = read(path), data.decode(encoding).splitlines(keepends=True)
    except (FileRefused, UnicodeError):
        return None
    places = [int(line) - 1 for line in found.rows["line"].to_list()]
    comma = max(",;\t", key=lines[places[0]].count) if places else ","
    if len(set(places)) != len(places) or any(line.count('"') % 2 for line in lines):
        return None
    return Sheet(lines, places, comma, encoding, found)


def one_cell(one: Sheet, chance: random.Random) -> tuple[bytes, int]:
    """Another cell in one record, which stays a record."""
    lines, place = list(one.lines), chance.choice(one.records)
    (cells,) = csv.reader([lines[place]], delimiter=one.comma)
    filled = [n for n, cell in enumerate(cells) if cell.strip()]
    cells[chance.choice(filled)] = chance.choice(JUNK)
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=one.comma).writerow(cells)
    lines[place] = stream.getvalue()
    return "".join(lines).encode(one.encoding), 0


def twice(one: Sheet, chance: random.Random) -> tuple[bytes, int]:
    """One record a second time."""
    lines, place = list(one.lines), chance.choice(one.records)
    ended = lines[place] if lines[place].endswith("\n") else lines[place] + "\n"
    lines[place : place + 1] = [ended, lines[place]]
    return "".join(lines).encode(one.encoding), 1


def without(one: Sheet, chance: random.Random) -> tuple[bytes, int]:
    lines, place = list(one.lines), chance.choice(one.records)
    del lines[place]
    return "".join(lines).encode(one.encoding), -1


COUNTED: tuple[Callable[[Sheet, random.Random], tuple[bytes, int]], ...] = (
    one_cell,
    twice,
    without,
)


def cut(data: bytes, chance: random.Random) -> bytes:
    """Bytes changed, lost, added or brought in from another file, in up to six places."""
    for _ in range(chance.randint(1, 6)):
        place, length = chance.randrange(len(data) + 1), chance.choice((0, 0, 1, 4, 40, 4_000))
        other = chance.choice(SAMPLES).read_bytes() if chance.random() < 0.1 else b""
        at = chance.randrange(len(other) + 1)
        instead = chance.choice(
            (b"", chance.randbytes(6), chance.choice(BITS), other[at : at + 300])
        )
        data = data[:place] + instead + data[place + length :]
    return data


def damaged(chance: random.Random) -> tuple[str, bytes, int | None]:
    """What was done to which sample, the file, and how many records it has where that is known."""
    path = chance.choice(SAMPLES)
    one = sheet(path)
    if one and one.found.rows.height > 2 and chance.random() < 0.5:
        how = chance.choice(COUNTED)
        data, more = how(one, chance)
        return f"{path.name} {how.__name__}", data, one.found.records + more
    return f"{path.name} cut", cut(path.read_bytes(), chance), None


def judge(path: Path, records: int | None, purpose: str) -> tuple[str, str]:
    """What became of the file, and what is wrong about that."""
    try:
        found = read(path, purpose=purpose)
    except FileRefused:
        return "refused", "" if records is None else "refused, though it has records"
    except BaseException as error:  # noqa: BLE001 - whatever else it is, it is a crash
        return "crashed", f"{type(error).__name__}: {error}"[:300]
    if found.records != found.rows.height:
        return "read", f"{found.records} records, {found.rows.height} rows"
    if found.rows["raw"].null_count() != found.rows["problem"].null_count():
        return "read", "a rejected row without its cells"
    if records is not None and found.records != records:
        return "read", f"{found.records} records instead of {records}"
    return "read", ""


def run(seed: int, count: int) -> Told:
    chance, told = random.Random(seed), Told()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        for number in range(count):
            what, data, records = damaged(chance)
            path.write_bytes(data)
            purpose = "attendance" if records is not None else chance.choice(PURPOSES)
            became, wrong = judge(path, records, purpose)
            told.became[became] += 1
            if wrong and len(told.wrong) < WRONG_KEPT:
                told.wrong.append(f"seed {seed} file {number} {what} {purpose}: {wrong}")
    return told


def main() -> None:
    told = run(int(sys.argv[1]), int(sys.argv[2]))
    said: dict[str, Any] = {"became": told.became, "wrong": told.wrong}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
