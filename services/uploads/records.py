"""What passes between the steps of an upload, and to those who show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from services.matching.verdict import RESULT

VERDICTS = ("matched", "review", "unmatched", "rejected", "duplicate", "excluded")
"""Every record of a file gets exactly one of these."""
COUNTED = ("matched", "review", "unmatched")
"""Verdicts of records that become attendance (attached to a customer only when matched)."""

DECIDED: dict[str, Any] = {"person": pl.UInt32, **RESULT}

Report = Callable[[str, float], None]
"""Called with words for a person and the share done, 0..1; raises Cancelled to stop the work."""


def silent(_words: str, _share: float) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Choices:
    """What a person set in the preview.

    `statuses` says what words for a status mean (one of statuses.ANSWERS; empty: nothing), None leaves that to
    what was said of files with the same columns. `events` maps an event's number in the file, as text, to any of name, type, topic, date (ISO) and
    zone (IANA). `only_event` says the same of the event of a file that has just one. `zone` is for files
    that do not say theirs.
    """

    mapping: Mapping[str, str] | None = None
    day_first: bool | None = None
    zone: str | None = None
    events: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only_event: Mapping[str, str] = field(default_factory=dict)
    remember_mapping: bool = True
    statuses: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any] | None) -> Choices:
        known = {k: v for k, v in (found or {}).items() if k in cls.__dataclass_fields__}
        return cls(**known)


@dataclass(frozen=True)
class Received:
    """`repeat_of` is the committed upload with the same bytes; then `upload_id` is that one."""

    upload_id: int
    repeat_of: int | None


@dataclass(frozen=True)
class Staged:
    """A file, matched and judged, ready to be committed.

    rows: one per record, in file order: line UInt32, person UInt32 (index into `people`, null when
        rejected), event_ref UInt32, verdict Enum(VERDICTS), reason String|null (rejected,
        duplicate and excluded rows; the others have their person's), note String|null (what the reader
        says of a row that is kept; no such column where it says nothing), status Int8|null (the codes of
        data.tables.events), registered_at, joined_at, left_at Datetime('us') in UTC, minutes Float32,
        questions, polls, downloads Int32, feedback Float32, spoke Boolean, completed, passed
        Boolean|null, sessions, detail String|null, raw String|null.
    people: one per distinct (email, company, name): person UInt32, person_key, email, company, name,
        title String|null, and the columns of services.matching.cascade.match; once decided also by
        UInt32|null: the person whose row speaks for all of the same person_key, perhaps this one.
    events: event_ref UInt32, source, source_event_id, name, name_key, type, topic, starts_at
        Datetime('us') in UTC (null: nobody knows), held_on Date, zone, duration_minutes, polls_asked;
        renamed Boolean, where a person gave names in the preview.
    decided: of those people whose own row does not say what the import will keep, because another
        row about them or the record outweighs it: person and the columns of `match` that count.
    kind: 'attendance', 'registration', 'poll' or 'qa'.
    """

    kind: str
    rows: pl.DataFrame
    people: pl.DataFrame
    events: pl.DataFrame
    decided: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DECIDED))


@dataclass(frozen=True)
class UploadRow:
    """A line of the list of uploads."""

    id: int
    file_name: str
    label: str | None
    state: str
    error: str | None
    uploaded_by: str | None
    uploaded_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    summary: dict[str, Any]

    @property
    def counted(self) -> int:
        """Records that become attendance, mails or tickets. With none there is nothing to import."""
        return sum(self.summary.get(verdict, 0) for verdict in COUNTED)


@dataclass(frozen=True)
class UploadView(UploadRow):
    """All that the preview page shows, apart from the rows themselves."""

    choices: Choices
    columns: list[str]
    mapping: dict[str, str]
    sample: list[list[str]]
    needs_mapping: bool
    dates_ambiguous: bool
    warnings: list[str]
    events: list[dict[str, Any]]

    @property
    def status_words(self) -> list[tuple[str, int, str | None]]:
        """Words for a status that the app does not know, how many rows say each, and what it was said to mean."""
        return self.summary.get("status_words", [])

    @property
    def undated(self) -> int:
        """Events of which a person has to say the day before they can be imported."""
        return sum(not event["held_on"] for event in self.events) if self.counted else 0
