"""What the reports of this vendor share: the topic block and the participant columns."""

from __future__ import annotations

import polars as pl

from integrations.formats.durations import minutes
from integrations.formats.events import EventFacts
from integrations.formats.headings import normalise

_SPELLINGS = {
    "status": ("Attended",),
    "name": (
        "User Name (Original Name)",
        "User Name",
        "Name (Original Name)",
        "名前 (元の名前)",
        "Name",
    ),
    "first_name": ("First Name",),
    "last_name": ("Last Name",),
    "email": ("Email", "User Email", "ユーザーメール", "メールアドレス"),
    "company": ("Organization", "Company"),
    "title": ("Job Title",),
    "registered_at": ("Registration Time",),
    "approval": ("Approval Status",),
    "joined_at": ("Join Time", "参加時刻"),
    "left_at": ("Leave Time", "退出時刻"),
    "minutes": (
        "Time in Session (minutes)",
        "Duration (Minutes)",
        "Total Duration (Minutes)",
        "所要時間（分）",
        "合計所要時間（分）",
    ),
    "country": ("Country/Region Name", "Country/Region"),
    "guest": ("Guest", "Is Guest", "ゲスト"),
    "waiting": ("In Waiting Room",),
}
COLUMNS = {normalise(s): field for field, names in _SPELLINGS.items() for s in names}


def event_facts(topic: dict[str, str], kind: str, zone: str | None = None) -> EventFacts:
    """The event a topic block (heading -> value) tells about."""
    start = topic.get("actual start time") or topic.get("start time") or topic.get("scheduled time")
    number = topic.get("webinar id") or topic.get("meeting id") or topic.get("id")
    length = topic.get("actual duration minutes") or topic.get("duration minutes")
    return EventFacts(
        name=topic.get("topic", ""),
        source_event_id=number,
        type=kind,
        starts_at=start,
        zone=zone,
        minutes=minutes(length) if length else None,
    )


def kind_of(topic: dict[str, str]) -> str:
    return "webinar" if "webinar id" in topic else "meeting"


def approve(fields: pl.DataFrame, otherwise: str) -> pl.DataFrame:
    """status from the approval column unless the status says that somebody came."""
    word = pl.col("approval").str.strip_chars().str.to_lowercase()
    base = pl.coalesce("status", pl.lit(otherwise))
    came = base.str.strip_chars().str.to_lowercase().is_in(["yes", "attended"])
    status = (
        pl.when(came)
        .then(base)
        .when(word.str.starts_with("cancel"))
        .then(pl.lit("cancelled"))
        .when(word.is_in(["denied", "declined", "blocked"]))
        .then(pl.lit("declined"))
        .otherwise(base)
    )
    waiting = pl.when(word.str.starts_with("pending")).then(pl.lit("waiting for approval"))
    return fields.with_columns(status=status, note=waiting).drop("approval")


def prefer_registered_name(fields: pl.DataFrame) -> pl.DataFrame:
    """First and last name as registered before the display name of the day."""
    parts = [pl.col(c).str.strip_chars().replace("", None) for c in ("first_name", "last_name")]
    full = pl.concat_str(parts, separator=" ", ignore_nulls=True).replace("", None)
    return fields.with_columns(name=pl.coalesce(full, "name")).drop("first_name", "last_name")
