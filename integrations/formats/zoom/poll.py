"""Poll report: question-answer pairs, one table per question, one column per question, or long."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document, headings
from integrations.formats.grid import Record
from integrations.formats.headings import header_zone, normalise
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.tables import raw_text
from integrations.formats.values import ABSENT
from integrations.formats.zoom.preamble import event_facts, kind_of

_NAMES = ("user name", normalise("사용자 이름"))
_EMAILS = ("user email", "email", normalise("사용자 이메일"))
_SUBMITTED = ("submitted", normalise("제출 날짜"))
_NO_ANSWER = {a.casefold() for a in ABSENT} | {"na"}
ANONYMOUS = "Answered anonymously, so it cannot be counted for anybody."


class _Header(NamedTuple):
    name: int
    email: int | None
    after: int
    questions: list[str]
    long: bool
    zone: str | None


def sees(head: list[Record]) -> Record | None:
    return next((r for r in head if _header(r) is not None), None)


def _header(record: Record) -> _Header | None:
    cells = [normalise(c) for c in record.cells]
    name = next((cells.index(n) for n in _NAMES if n in cells), None)
    sent = next((i for i, c in enumerate(cells) if c.startswith(_SUBMITTED)), None)
    if name is None or sent is None:
        return None
    return _Header(
        name,
        next((cells.index(e) for e in _EMAILS if e in cells), None),
        sent + 1,
        [c.strip() for c in record.cells[sent + 1 :] if c.strip()],
        {"question", "answer"} <= headings(record),
        header_zone(record.cells[sent]),
    )


def read(document: Document, sighting: Sighting) -> Reading:
    records = document.records(sighting.delimiter)
    at = sighting.header.line - 1
    topic = sections.block([r for r in records[:at] if not r.blank], "topic")
    header = _header(sighting.header)
    assert header is not None
    zone, rows, asked = header.zone, [], set[str]()
    for record in records[at + 1 :]:
        if record.blank or sections.title(record):
            continue
        if again := _header(record):
            header = again
            continue
        answers = _answers(record, header)
        asked.update(question for question, _ in answers)
        rows.append(_row(record, header, answers))
    event = event_facts(topic, kind_of(topic), zone)
    columns = ("line", "flaw", "raw", "name", "email", "detail", "polls", "problem")
    fields = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Utf8), orient="row")
    return Reading(
        fields.with_columns(pl.col("line").cast(pl.UInt32)),
        Facts(
            event=replace(event, polls_asked=len(asked)),
            month_first=True,
            present_means_attended=True,
        ),
        header=tuple(c.strip() for c in sighting.header.cells),
    )


def _answers(record: Record, header: _Header) -> list[tuple[str, str]]:
    rest = [c.strip() for c in record.cells[header.after :]]
    if header.questions and not header.long:
        return [(q, a) for q, a in zip(header.questions, rest, strict=False) if q]
    return [(q, a) for q, a in zip(rest[::2], [*rest[1::2], ""], strict=False) if q]


def _row(record: Record, header: _Header, answers: list[tuple[str, str]]) -> tuple[str | None, ...]:
    def cell(at: int | None) -> str:
        return record.cells[at].strip() if at is not None and at < len(record.cells) else ""

    name, email = cell(header.name), cell(header.email)
    anonymous = name.casefold().startswith("anonymous") and not email
    given = sum(a.casefold() not in _NO_ANSWER for _, a in answers)
    detail = "; ".join(f"{q}: {a}" for q, a in answers)
    return (
        str(record.line),
        record.flaw,
        raw_text(record.cells),
        None if anonymous else name,
        email,
        detail,
        str(given),
        ANONYMOUS if anonymous else None,
    )


LAYOUTS = (Layout("zoom_poll", "Zoom poll report", "zoom", "poll", sees, read),)
