"""Any other table: columns by their headings, or by a mapping somebody gave."""

from __future__ import annotations

import polars as pl

from data.errors import FileRefused
from integrations.formats.absence import turned, with_cancelled
from integrations.formats.assemble import Facts
from integrations.formats.document import Document, select
from integrations.formats.event_columns import unnamed, with_event
from integrations.formats.fields import map_columns, missing_required
from integrations.formats.headers import choose_delimiter, mapping_for
from integrations.formats.headings import header_zone
from integrations.formats.layouts import Options, Reading
from integrations.formats.master import without_footer
from integrations.formats.misplaced import misplaced
from integrations.formats.shares import in_words
from integrations.formats.tables import Table, unique_header
from integrations.formats.who_came import asked, listing, may_say, settled, told

NO_HEADINGS = "The file has no headings; say what each column holds."


def read_generic(document: Document, options: Options) -> Reading:
    """Attendance from a table nobody has described."""
    delimiter, header, _ = choose_delimiter(document, "attendance")
    if header is not None and not options.mapping:
        answer = misplaced(unique_header(header.cells))
        if answer:
            raise FileRefused(answer)
    table, warnings = without_footer(document.table(header, delimiter))
    document.forget()
    mapping = mapping_for(table, options, named=header is not None)
    if not options.mapping:
        mapping = with_event(table, settled(table, _called(table, mapping)))
    zones = {f: z for f, c in mapping.items() if (z := header_zone(c))}
    question = None if options.mapping else asked(table, mapping)
    missing = missing_required(mapping, "attendance")
    warnings = (
        *warnings,
        *((question,) if question else told(table, mapping) if not missing else ()),
        *(unnamed(table, mapping) if not (missing or question) else ()),
        *_twice(table, mapping),
    )
    return Reading(
        _fields(table, mapping),
        Facts(column_zones=zones, series=True, self_paced=_self_paced(mapping)),
        table=table,
        mapping=mapping,
        needs_mapping=missing or question is not None,
        warnings=warnings if header else (*warnings, NO_HEADINGS),
    )


def _twice(table: Table, mapping: dict[str, str]) -> tuple[str, ...]:
    """Of two columns with one heading the first is read: where it is empty, the second may not be."""
    columns = set(mapping.values())
    unread = [
        column
        for column in mapping.values()
        if (second := f"{column} (2)") in table.header
        and second not in columns
        and bool(((table.column(column) == "") & (table.column(second) != "")).any())
    ]
    return tuple(
        f"Several columns are called “{column}”, and only the first is read, also where it is empty. Put them together, "
        "or give the others a heading of their own."
        for column in unread
    )


def _called(table: Table, mapping: dict[str, str]) -> dict[str, str]:
    """Without a name in whose place yes and no tell who came: “Participant” is both in French."""
    named = mapping.get("name")
    if named is None or not may_say(table, named):
        return mapping
    others = map_columns([c for c in table.header if c != named], "attendance")
    return {"status": named} | others


def _fields(table: Table, mapping: dict[str, str]) -> pl.DataFrame:
    fields = select(table, mapping)
    if "status" not in mapping:
        return fields
    heading, listed = mapping["status"], listing(table, mapping)
    fields = turned(in_words(fields, heading), heading)
    return fields if listed is None else with_cancelled(fields, table.column(listed))


def _self_paced(mapping: dict[str, str]) -> bool:
    """A course's completions without the days on which it was held."""
    return "completed" in mapping and not mapping.keys() & {"date", "event_start"}
