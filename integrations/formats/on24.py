"""ON24 event attendees (API JSON). Live and on-demand minutes are never added up."""

from __future__ import annotations

import json

from integrations.formats.durations import minutes
from integrations.formats.events import EventFacts
from integrations.formats.structured import Item, text_of
from integrations.formats.values import number


def sees(rows: list[Item]) -> bool:
    return any({"eventuserid", "liveminutes"} <= row.keys() for row in rows[:5])


def event(document: object) -> EventFacts:
    top = document if isinstance(document, dict) else {}
    name = text_of(top.get("eventname") or top.get("description"))
    return EventFacts(name=name, source_event_id=text_of(top.get("eventid")), type="webinar")


def surveyed(rows: list[Item]) -> bool:
    """Whether there was a survey, as far as anybody answered one."""
    return any(_answered(row) for row in rows)


def _answered(item: Item) -> bool:
    return (number(text_of(item.get("answeredsurveys"))) or 0) > 0


def row(line: int, item: Item, *, survey: bool = False) -> dict[str, str | None]:
    live = minutes(text_of(item.get("liveminutes"))) or 0
    archive = minutes(text_of(item.get("archiveminutes"))) or 0
    on_demand = live <= 0 < archive
    came = live > 0 or on_demand
    first = "firstarchiveactivity" if on_demand else "firstliveactivity"
    return {
        "line": str(line),
        "raw": json.dumps([text_of(v) for v in item.values()], ensure_ascii=False),
        "email": text_of(item.get("email")),
        "first_name": text_of(item.get("firstname")),
        "last_name": text_of(item.get("lastname")),
        "company": text_of(item.get("company")),
        "title": text_of(item.get("jobtitle")),
        "status": "attended" if came else "no show",
        "joined_at": text_of(item.get(first)),
        "minutes": str(archive if on_demand else live),
        "questions": text_of(item.get("askedquestions")),
        "polls": text_of(item.get("answeredpolls")),
        "downloads": text_of(item.get("resourcesdownloaded")),
        "feedback": str(int(_answered(item))) if survey and came else None,
        "note": "on demand" if on_demand else None,
    }
