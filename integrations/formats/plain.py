"""Vendors whose export is one plain table: what makes it theirs, and what its columns mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document, pick
from integrations.formats.grid import Record
from integrations.formats.layouts import Layout, Reading, Sighting

Change = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Plain:
    """`signature`: headings that must all be there (any one set of several). `columns`: normalised
    heading -> canonical field, in order of preference. `change` works on the text columns."""

    format: str
    label: str
    source: str
    signature: tuple[frozenset[str], ...]
    columns: dict[str, str]
    facts: Facts = field(default_factory=Facts)
    change: Change | None = None
    kind: str = "attendance"

    def layout(self) -> Layout:
        return Layout(self.format, self.label, self.source, self.kind, self._sees, self._read)

    def _sees(self, head: list[Record]) -> Record | None:
        for wanted in self.signature:
            if header := sections.header_with(head, *wanted):
                return header
        return None

    def _read(self, document: Document, sighting: Sighting) -> Reading:
        table = document.table(sighting.header, sighting.delimiter, padded=True)
        document.forget()
        fields, mapping = pick(table, self.columns)
        if self.change is not None:
            fields = self.change(fields)
        known = {f: c for f, c in mapping.items() if f in fields.columns}
        return Reading(fields, self.facts, table=table, mapping=known)


def signature(*headings: str) -> frozenset[str]:
    return frozenset(headings)


def text(name: str) -> pl.Expr:
    """A column's words, trimmed and in lower case."""
    return pl.col(name).str.strip_chars().str.to_lowercase()


def filled(name: str) -> pl.Expr:
    return (pl.col(name).str.strip_chars() != "").fill_null(value=False)
