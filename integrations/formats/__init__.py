"""Reads what event platforms, learning systems and CRMs export, recognised by content alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from data.errors import FileRefused
from integrations.formats.detect import recognise
from integrations.formats.fields import CANONICAL_FIELDS
from integrations.formats.headings import Field
from integrations.formats.layouts import Options
from integrations.formats.records import EVENT_SCHEMA, ROW_SCHEMA, ParsedFile

__all__ = [
    "CANONICAL_FIELDS",
    "EVENT_SCHEMA",
    "ROW_SCHEMA",
    "Field",
    "FileRefused",
    "ParsedFile",
    "read",
]


def read(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    purpose: str = "attendance",
    statuses: Mapping[str, str] | None = None,
) -> ParsedFile:
    """Read a file in this process. For uploads use sandbox.read_file, which survives crafted files.

    `mapping` (canonical field -> column, or 'column + column') overrules recognition. `day_first`
    settles d/m against m/d. `purpose` is attendance, customers or stakeholders. `statuses` says what words
    for a status mean that are not known: attended, no_show, registered or cancelled.
    Raises FileRefused when the file as a whole cannot be used; a bad row is a row with a problem.
    """
    return recognise(path, Options(mapping, day_first, purpose, statuses or {}))
