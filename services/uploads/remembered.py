"""What was said of a file's columns, and of its words for a status, is kept for files with the same headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import SavedMapping
from integrations.formats.headers import as_spelled
from integrations.formats.records import ParsedFile
from integrations.formats.statuses import folded
from services.uploads.records import Choices

COLUMNS, STATUSES = "attendance", "statuses"
"""The purposes under which the two are kept."""


def with_former(session: Session, parsed: ParsedFile, chosen: Choices) -> tuple[Choices, bool]:
    """The choices with what was said of such files before, where nothing is said now; and whether the file, which
    was read by `chosen`, reads otherwise with them."""
    columns = chosen.mapping
    if columns is None:
        kept = _saved(session, parsed, COLUMNS)
        columns = None if kept is None else as_spelled(kept, parsed.columns)
    answers = _saved(session, parsed, STATUSES)
    if chosen.statuses is not None:
        answers = (answers or {}) | {folded(word): said for word, said in chosen.statuses.items()}
    told = replace(chosen, mapping=columns, statuses=answers)
    return told, columns != chosen.mapping or _answers_otherwise(parsed, answers or {})


def _answers_otherwise(parsed: ParsedFile, answers: Mapping[str, str]) -> bool:
    return any((answers.get(folded(word)) or None) != said for word, _, said in parsed.status_words)


def keep(
    session: Session, parsed: ParsedFile, chosen: Choices, person_id: int | None, now: datetime
) -> None:
    """For the next file with the same headings."""
    told: dict[str, Mapping[str, str]] = {}
    if chosen.mapping and chosen.remember_mapping:
        told[COLUMNS] = chosen.mapping
    if parsed.columns and chosen.statuses is not None:
        told[STATUSES] = {word: said for word, said in chosen.statuses.items() if said}
    for purpose, said in told.items():
        if dict(said) != (_saved(session, parsed, purpose) or {}):
            session.merge(
                SavedMapping(
                    layout_key=parsed.layout_key,
                    purpose=purpose,
                    mapping=dict(said),
                    saved_by=person_id,
                    saved_at=now,
                )
            )


def _saved(session: Session, parsed: ParsedFile, purpose: str) -> dict[str, str] | None:
    found = session.get(SavedMapping, (parsed.layout_key, purpose))
    return None if found is None else dict(found.mapping)
