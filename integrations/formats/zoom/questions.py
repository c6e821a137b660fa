"""Q&A report: one row per question asked."""

from __future__ import annotations

import polars as pl

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document
from integrations.formats.grid import Record
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.zoom.preamble import event_facts, kind_of

_COLUMNS = {"question": "detail", "asker name": "name", "asker email": "email"}
ANONYMOUS = "Asked anonymously, so it cannot be counted for anybody."


def sees(head: list[Record]) -> Record | None:
    return sections.header_with(head, "question", "asker name")


def read(document: Document, sighting: Sighting) -> Reading:
    records = document.records(sighting.delimiter)
    at = sighting.header.line
    topic = sections.block([r for r in records[: at - 1] if not r.blank], "topic")
    table = sections.table([r for r in records[at - 1 :] if not r.blank])
    fields = sections.part(table, _COLUMNS, questions="1")
    hidden = pl.col("name").str.to_lowercase().str.contains("^anonymous") & (pl.col("email") == "")
    fields = fields.with_columns(
        name=pl.when(~hidden).then("name"), problem=pl.when(hidden).then(pl.lit(ANONYMOUS))
    )
    return Reading(
        fields,
        Facts(
            event=event_facts(topic, kind_of(topic)), month_first=True, present_means_attended=True
        ),
        header=table.header,
        blank=sum(r.blank for r in records[at:]),
    )


LAYOUTS = (Layout("zoom_qa", "Zoom questions and answers", "zoom", "qa", sees, read),)
