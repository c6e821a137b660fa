"""The figures of an upload, in the words of those who read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from data.tables.events import ATTENDED
from integrations.formats.records import OF_ATTENDANCE
from services.uploads.deciding import judged
from services.uploads.event_types import LABELS
from services.uploads.records import COUNTED, VERDICTS, Staged

_NAMED = 5
_FIRST_ON_EARTH = timedelta(hours=14)
"""By so much the clocks are ahead of UTC where a day begins first."""


def per_event(staged: Staged) -> pl.DataFrame:
    """event_ref, records (that count), attendees (distinct people who came, null for none)."""
    counted = staged.rows.lazy().filter(pl.col("verdict").is_in(COUNTED))
    # Compared as numbers: a million comparisons of addresses would be the dearest part of a preview.
    users = _persons(staged.people).cast(pl.UInt64)
    user = pl.lit(users).gather(pl.col("person"))
    came = counted.filter(pl.col("status").fill_null(ATTENDED) == ATTENDED)
    pairs = came.select(pair=pl.col("event_ref").cast(pl.UInt64) * 2**32 + user).unique()
    attendees = pairs.group_by(event_ref=(pl.col("pair") // 2**32).cast(pl.UInt32))
    records = counted.group_by("event_ref").agg(records=pl.len())
    found = records.join(attendees.agg(attendees=pl.len()), on="event_ref", how="left")
    return found.collect()


def told_of(staged: Staged) -> pl.Expr:
    """Of the events of a file those with a row that counts: the others are not written."""
    counted = staged.rows.lazy().filter(pl.col("verdict").is_in(COUNTED))
    refs = counted.select(pl.col("event_ref").unique()).collect().to_series()
    return pl.col("event_ref").is_in(refs.implode())


def left_out(staged: Staged, counts: pl.DataFrame) -> list[str]:
    """What a preview says of events without a row that counts; `counts` as `per_event`. Where nothing counts at
    all, there is nothing to be told apart."""
    names = staged.events.join(counts, on="event_ref", how="anti", maintain_order="left")["name"]
    if counts.is_empty() or names.is_empty():
        return []
    some = ", ".join(f"“{name}”" for name in names.head(_NAMED))
    more = names.len() - _NAMED
    which = f"{some} and {more:,} more" if more > 0 else some
    return [
        f"{count(names.len(), 'event is', 'events are')} left out, as no row there counts: {which}. The rows say why."
    ]


def still_to_come(listed: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
    """What a preview says of events (as `event_list` has them) at which people were on a day that has begun nowhere
    yet."""
    last = (now.astimezone(UTC) + _FIRST_ON_EARTH).date().isoformat()
    early = [one for one in listed if one["attendees"] and (one["held_on"] or "") > last]
    if not early:
        return []
    told = [
        f"“{one['name']}” ({one['held_on']}, {count(one['attendees'], 'person', 'people')})"
        for one in early[:_NAMED]
    ]
    more = f" and {len(early) - _NAMED:,} more" if len(early) > _NAMED else ""
    return [
        f"Still to come, though people of this file count as attended: {', '.join(told)}{more}. If the day is wrong, "
        "correct it; if they are only registered, the column for Status must say so."
    ]


def summarise(
    staged: Staged, counts: pl.DataFrame, *, label: str, format_name: str, blank: int
) -> dict[str, Any]:
    """Figures of the whole file; `counts` as `per_event`. `records` equals the sum of the counts by verdict."""
    rows = staged.rows.select("person", "verdict")
    counted = rows.filter(pl.col("verdict").is_in(COUNTED))["person"].unique()
    people = staged.people.select("person", "customer_id", "band", key=_persons(staged.people))
    people = judged(people, staged.decided)[counted]
    verdicts = dict(staged.rows["verdict"].value_counts().iter_rows())
    used = staged.events.join(counts, on="event_ref", maintain_order="left")
    matched = people.filter(pl.col("band") == "automatic")
    first, last = used["held_on"].min(), used["held_on"].max()
    figures: dict[str, Any] = {
        "format": format_name,
        "label": label,
        "kind": staged.kind,
        "records": staged.rows.height,
        "users": people["key"].n_unique(),
        "customers": matched["customer_id"].n_unique(),
        "events": used.height,
        "date_from": first.isoformat() if isinstance(first, date) else None,
        "date_to": last.isoformat() if isinstance(last, date) else None,
        **{name: verdicts.get(name, 0) for name in VERDICTS},
        "duplicates": verdicts.get("duplicate", 0),
        "blank": blank,
        "event_summary": by_type(used),
    }
    del figures["duplicate"]
    return {**figures, "sentence": sentence(figures)}


def _persons(people: pl.DataFrame) -> pl.Series:
    """A number for each, the same for all who have the same person_key."""
    return people["by"] if "by" in people.columns else people["person_key"].rank("dense")


def by_type(events: pl.DataFrame) -> list[dict[str, Any]]:
    """Events (with their `attendees`), attendees and their average per event, per type; most events first."""
    found = (
        events.group_by("type")
        .agg(events=pl.len(), attendees=pl.col("attendees").sum())
        .sort(["events", "type"], descending=[True, False])
    )
    return [
        {
            **row,
            "label": LABELS[row["type"]][1],
            "average": round(row["attendees"] / row["events"], 1),
        }
        for row in found.to_dicts()
    ]


def sentence(figures: dict[str, Any]) -> str:
    """ "567 attendance records, 234 users, 78 customers, 18 events, January - December 2025"."""
    words = {
        **dict.fromkeys(OF_ATTENDANCE, ("attendance record", "attendance records")),
        "registration": ("registration", "registrations"),
        "qa": ("question", "questions"),
        "poll": ("poll answer", "poll answers"),
    }
    parts = [
        count(figures["records"], *words[figures["kind"]]),
        count(figures["users"], "user", "users"),
        count(figures["customers"], "customer", "customers"),
        count(figures["events"], "event", "events"),
    ]
    if figures["date_from"]:
        parts.append(
            span(date.fromisoformat(figures["date_from"]), date.fromisoformat(figures["date_to"]))
        )
    return ", ".join(parts)


def span(first: date, last: date) -> str:
    """Months in words; a single day as that day."""
    if first == last:
        return f"{first.day} {first:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if first.year == last.year:
        return f"{first:%B} - {last:%B %Y}"
    return f"{first:%B %Y} - {last:%B %Y}"


def count(number: int, one: str, many: str) -> str:
    """“1 event”, “1,204 events”."""
    return f"{number:,} {one if number == 1 else many}"


def event_list(
    staged: Staged, counts: pl.DataFrame, existing: dict[int, int]
) -> list[dict[str, Any]]:
    """The file's events with a row that counts; `counts` as `per_event`, `existing` maps event_ref to the event
    it will join."""
    found = staged.events.join(counts, on="event_ref").with_columns(
        pl.col("attendees").fill_null(0),
        pl.col("held_on").dt.to_string("%Y-%m-%d"),
        pl.col("starts_at").dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
    )
    columns = [
        "event_ref",
        "name",
        "type",
        "topic",
        "held_on",
        "starts_at",
        "zone",
        "duration_minutes",
        "records",
        "attendees",
    ]
    return [
        {**row, "event_id": existing.get(row["event_ref"])}
        for row in found.select(columns).sort("event_ref").to_dicts()
    ]
