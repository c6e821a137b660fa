"""The rows to mend as they were downloaded, corrected perhaps: all that the first file told, read back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from zoneinfo import available_timezones

import polars as pl

from integrations.formats.assemble import Facts
from integrations.formats.document import Document, headings, pick
from integrations.formats.events import UNNAMED
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.records import ParsedFile
from integrations.formats.remarks import NO_DAY, says_no_day

FORMAT = "to_mend"
HEADINGS = {
    "company": "Customer",
    "name": "Name",
    "email": "Email",
    "title": "Job Title",
    "event": "Event",
    "event_type": "Event Type",
    "event_start": "Date",
    "zone": "Time Zone",
    "event_minutes": "Event Length",
    "event_id": "Event Number",
    "topic": "Topic",
    "polls_asked": "Polls Asked",
    "status": "Status",
    "registered_at": "Registered At",
    "joined_at": "Joined At",
    "left_at": "Left At",
    "minutes": "Duration",
    "questions": "Questions",
    "polls": "Polls",
    "downloads": "Downloads",
    "feedback": "Feedback",
    "completed": "Completed",
    "passed": "Passed",
    "sessions": "Sessions",
    "role": "Role",
    "detail": "Text",
    "kind": "Report",
    "source": "Source",
}
"""What the download calls each field; Verdict, Reason, Line and Original follow."""
KINDS = ("attendance", "registration", "qa", "poll")
_FIELDS = {normalise(heading): field for field, heading in HEADINGS.items()}
_ASIDE = {"reason": "reason"}
"""What is read beside the fields."""
_SIGNS = {"verdict", "reason", "line", "report", "source", "event"}
_UNSEEN = r"[\s\p{Cc}\p{Cf}]*"
_ACTIVE = r"[=+\-@\t\r\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
_OWN_MARKS = {
    rf"^'({_UNSEEN}{_ACTIVE})": "${1}",
    rf"([;\t\r\n]{_UNSEEN})'({_ACTIVE})": "${1}${2}",
}
"""The apostrophes that a download puts before what a spreadsheet would run: services.export."""


def layout(head: list[Record], sources: Collection[str]) -> Layout | None:
    """Ours, of the kind and the platform (one of `sources`) that its first row names; None when it is not."""
    filled = [record for record in head if not record.blank]
    if not filled or not headings(filled[0]) >= _SIGNS:
        return None
    header, keys = filled[0], [normalise(cell) for cell in filled[0].cells]
    first = filled[1].cells if len(filled) > 1 else []
    told = {_FIELDS.get(key, ""): cell.strip() for key, cell in zip(keys, first, strict=False)}
    kind, source = told.get("kind", ""), told.get("source", "")
    return Layout(
        FORMAT,
        "Rows to mend",
        source if source in sources else "generic",
        kind if kind in KINDS else "attendance",
        lambda _head: header,
        _read,
    )


def _read(document: Document, sighting: Sighting) -> Reading:
    table = document.table(sighting.header, sighting.delimiter, padded=True)
    document.forget()
    fields, _ = pick(table, _FIELDS | _ASIDE)
    texts = pl.col([field for field in HEADINGS if field in fields.columns])
    for mark, unmarked in _OWN_MARKS.items():
        texts = texts.str.replace_all(mark, unmarked)
    fields = fields.with_columns(texts).with_columns(_undated()).with_columns(_called())
    return Reading(fields.drop("reason"), Facts(settled=True), table=table)


def _undated() -> pl.Expr:
    """Rejected for a day that is not said, and none added: no day of other rows stands in for it."""
    unmended = says_no_day() & (_plain("event_start") == "")
    return pl.when(unmended).then(pl.lit(NO_DAY)).alias("problem")


def _called() -> pl.Expr:
    """The event of a row that had no day, called as events are that a file tells by type and day alone."""
    day = _plain("event_start").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    kind = _plain("event_type").replace("", UNNAMED)
    name = pl.format("{}, {}", kind, day.dt.to_string("%-d %b %Y"))
    unnamed = says_no_day() & (_plain("event") == "")
    return pl.when(unnamed & day.is_not_null()).then(name).otherwise("event").alias("event")


def _plain(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars()


def restored(parsed: ParsedFile, fields: pl.DataFrame) -> ParsedFile:
    """With what the rows tell of their events beyond what other tables do: the zone and the polls asked."""
    asked = pl.col("polls_asked").cast(pl.Int32, strict=False)
    told = fields.select(
        "zone", asked, event_ref=parsed.rows["event_ref"].cast(pl.UInt32)
    ).drop_nulls("event_ref")
    told = told.group_by("event_ref").agg(
        pl.col("zone").str.strip_chars().drop_nulls().first().alias("place"),
        pl.col("polls_asked").max(),
    )
    told = told.with_columns(
        place=pl.when(pl.col("place").is_in(list(available_timezones()))).then("place")
    )
    events = parsed.events.drop("polls_asked").join(told, on="event_ref", how="left")
    events = pl.concat([_local(part) for part in events.partition_by("place")] or [_local(events)])
    return replace(parsed, events=events.select(parsed.events.schema.names()).sort("event_ref"))


def _local(events: pl.DataFrame) -> pl.DataFrame:
    """Events of one `place` with the clock times of that zone."""
    place = events["place"].first() if events.height else None
    if place is None:
        return events
    aware = pl.col("starts_at").dt.replace_time_zone("UTC").dt.convert_time_zone(str(place))
    local = pl.when(pl.col("zone") == "UTC").then(aware.dt.replace_time_zone(None))
    return events.with_columns(starts_at=local.otherwise("starts_at"), zone=pl.lit(place))
