"""What vendors' deliveries become, and how texts, times and secrets in them are handled."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from data.errors import BadInput, FileRefused
from integrations.formats import structured
from integrations.formats.records import EVENT_SCHEMA, ROW_SCHEMA, ParsedFile
from integrations.ticket_records import Told

Headers = Mapping[str, str]
"""Names in lower case."""
URI = ":uri"
"""Among the headers: the address that was called, as the vendor knows it. No header has such a name."""
STALE = timedelta(minutes=5)
"""How far a signed time may be from ours, either way."""
_LONGEST = 2_000


@dataclass(frozen=True)
class Said:
    """One delivery, sorted. `number` is the vendor's own id of it, else the hash of its bytes.

    `subject` names what belongs together, None: nothing we take in. `closes`: no more is expected.
    `answer` is what the vendor waits for.
    """

    number: str
    kind: str
    subject: str | None = None
    closes: bool = False
    stored: bool = True
    answer: Any = field(default_factory=dict)


@dataclass(frozen=True)
class Vendor:
    """`secret` says where the secret comes from: the vendor's page, us, or nowhere (the address is it)."""

    key: str
    label: str
    secret: Literal["theirs", "ours", "none"]
    verify: Callable[[Headers, bytes, Sequence[str], datetime], bool]
    sort: Callable[[Headers, bytes, Sequence[str]], Said]
    gather: Callable[[Sequence[bytes]], ParsedFile] | None
    """None: its bodies are `integrations.attendance_records`, one upload each."""
    settles: timedelta = timedelta(minutes=15)
    """How long it has to be quiet about a subject before that is taken in."""
    read: Callable[[Sequence[bytes]], pl.DataFrame] | None = None
    """Of those that tell of mail: integrations.hooks.mail.MAIL_EVENTS. They are taken in as they come."""
    tickets: Callable[[Sequence[bytes]], Told] | None = None
    """Of desks: what their bodies tell of tickets. They are taken in as they come."""
    names_states: bool = False
    """Whether its users make states of their own, which only an admin can tell the meaning of."""
    unnamed_state: str | None = None
    """What such a state is taken for until then; None: it changes nothing."""
    user: str | None = None
    """The name that goes with the secret, where that is a password."""
    probed: bool = False
    """Whether it asks with a GET if there is anybody."""

    @property
    def has_secret(self) -> bool:
        return self.secret in ("theirs", "ours")


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def hmac_hex(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """In constant time, whatever letters were given."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def is_recent(stamp: str, now: datetime) -> bool:
    """Whether a text of seconds since 1970 is within STALE of now."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    return abs(int(stamp) - now.timestamp()) <= STALE.total_seconds()


def parse(raw: bytes) -> Any:
    """A JSON body, numbers as text: vendors send the same id now as one, now as the other. BadInput."""
    try:
        return structured.parse(raw)
    except (FileRefused, UnicodeDecodeError):
        raise BadInput("The body is not JSON.") from None


def text(item: object, *path: str) -> str | None:
    """What lies at a path of keys, as text without control characters; None when empty."""
    found = structured.deep(item, *path)
    if isinstance(found, dict | list):
        return None
    words = structured.text_of(found)[:_LONGEST]
    kept = "".join(c if c.isprintable() else " " for c in words).strip()
    return kept or None


def moment(said: str | None) -> datetime | None:
    """ISO 8601 as UTC without a zone, the form frames have; without a zone it is taken as UTC."""
    if said is None:
        return None
    try:
        found = datetime.fromisoformat(said)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def zone_of(name: str | None) -> str:
    """The name when it is a time zone's, else UTC."""
    try:
        return ZoneInfo(name or "UTC").key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def on_the_wall(utc: datetime, zone: str) -> datetime:
    """UTC without a zone as the clock showed it there."""
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def file_of(
    form: str,
    label: str,
    source: str,
    kind: str,
    events: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]] | pl.DataFrame,
) -> ParsedFile:
    """Events and rows as a parsed file. Columns that are not given are null; a row's times are in UTC."""
    given = rows if isinstance(rows, pl.DataFrame) else _frame(rows, ROW_SCHEMA)
    whole = _whole(given, ROW_SCHEMA).with_columns(
        zoned=pl.lit(value=True), line=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    )
    return ParsedFile(
        format=form,
        label=label,
        source=source,
        kind=kind,
        events=_whole(_frame(events, EVENT_SCHEMA), EVENT_SCHEMA),
        rows=whole,
        columns=(),
        mapping={},
        needs_mapping=False,
        sample=(),
        layout_key=form,
        warnings=(),
        records=whole.height,
        blank=0,
        day_first=None,
        dates_ambiguous=False,
    )


def _frame(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    names = [name for name in schema if any(name in row for row in rows)]
    return pl.DataFrame(
        {
            name: pl.Series(name, [row.get(name) for row in rows], schema[name], strict=False)
            for name in names
        }
    )


def _whole(frame: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    if frame.width == 0:
        return pl.DataFrame(schema=dict(schema))
    return frame.select(
        (pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind)).alias(name)
        for name, kind in schema.items()
    )
