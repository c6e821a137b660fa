"""Reports made of several sections, each with its own title, header and width."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise

import polars as pl

from data.errors import FileRefused
from integrations.formats.document import headings, pick
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.records import NO_ROWS
from integrations.formats.tables import Table, from_records, raw_cells


def title(record: Record) -> str | None:
    """The words of a record that holds one cell only, as headings are compared."""
    cells = record.filled()
    return normalise(cells[0]) if len(cells) == 1 and cells[0] else None


def split(records: Iterable[Record], titles: Collection[str]) -> dict[str, list[Record]]:
    """The records under each known title, blank ones left out; '' holds what comes before."""
    found: dict[str, list[Record]] = {"": []}
    current = found[""]
    for record in records:
        if record.blank:
            continue
        name = title(record)
        if name in titles and name is not None:
            current = found.setdefault(name, [])
        else:
            current.append(record)
    return found


def header_with(records: Iterable[Record], *needed: str) -> Record | None:
    """The first record among whose headings are all those named."""
    wanted = set(needed)
    return next((r for r in records if wanted <= headings(r)), None)


def block(records: list[Record], *needed: str) -> dict[str, str]:
    """A label record over a value record, as heading -> value; {} when it is not there."""
    for labels, values in pairwise(records):
        if set(needed) <= headings(labels):
            pairs = zip(labels.cells, values.cells, strict=False)
            return {normalise(k): v.strip() for k, v in pairs if k.strip()}
    return {}


def table(records: list[Record]) -> Table:
    """A section's table: its first record is the header, short rows are filled up."""
    if not records:
        return from_records([], [])
    header = records[0].filled()
    return from_records(header, records[1:], padded=True)


def part(found: Table, columns: dict[str, str], **said: str) -> pl.DataFrame:
    """Canonical columns of one section with their original cells; `said` holds for every row."""
    frame, _ = pick(found, columns)
    raw = found.cells["raw"].fill_null(raw_cells(found.cells))
    return frame.with_columns(raw.alias("raw"), *(pl.lit(v).alias(k) for k, v in said.items()))


def stack(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Sections one below the other, in the order of the file. FileRefused when all of them are empty."""
    filled = [p for p in parts if p.height]
    if not filled:
        raise FileRefused(NO_ROWS)
    return pl.concat(filled, how="diagonal").sort("line", maintain_order=True)
