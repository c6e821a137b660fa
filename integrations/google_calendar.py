"""Entries in a person's Google Calendar, under ids of our own: putting one twice changes it, never doubles it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from integrations.google_http import GoogleAccount, call
from integrations.google_trouble import Trouble

LONGEST_TITLE, LONGEST_DETAIL = 300, 8_000


@dataclass(frozen=True)
class CalendarEntry:
    """`key` names what it stands for, such as `task:42`. `start` is a day for a whole-day entry, else a
    moment; `zone` is the IANA zone it is shown in. `remind_minutes`: before the start; None: as the person
    has it."""

    key: str
    title: str
    detail: str
    start: date | datetime
    length: timedelta
    zone: str
    link: str = ""
    remind_minutes: int | None = None


def entry_id(key: str) -> str:
    """Google takes 5 to 1024 of the characters a-v and 0-9; hexadecimal digits are among them."""
    return f"cscx{sha256(key.encode()).hexdigest()[:40]}"


def put(account: GoogleAccount, entry: CalendarEntry) -> str:
    """Make the entry, or change the one of this key, also one that was deleted; its id. Raises Trouble.

    May be tried again after any failure.
    """
    number = entry_id(entry.key)
    body = _body(entry)
    try:
        made = call(
            account,
            lambda g: g.events().insert(calendarId="primary", body={"id": number, **body}),
            api="calendar",
        )
    except Trouble as trouble:
        if trouble.kind != "exists":
            raise
        made = call(
            account,
            lambda g: g.events().update(calendarId="primary", eventId=number, body=body),
            api="calendar",
        )
    return str(made.get("id") or number)


def remove(account: GoogleAccount, number: str) -> None:
    """Take the entry away; gone already is fine. Raises Trouble for everything else."""
    try:
        call(
            account,
            lambda g: g.events().delete(calendarId="primary", eventId=number),
            api="calendar",
        )
    except Trouble as trouble:
        if trouble.kind != "missing":
            raise


def _body(entry: CalendarEntry) -> dict[str, Any]:
    detail = "\n\n".join(filter(None, (entry.detail[:LONGEST_DETAIL], entry.link)))
    body: dict[str, Any] = {
        "summary": entry.title[:LONGEST_TITLE],
        "description": detail,
        "status": "confirmed",
        **_times(entry),
    }
    if entry.remind_minutes is not None:
        reminder = {"method": "popup", "minutes": entry.remind_minutes}
        body["reminders"] = {"useDefault": False, "overrides": [reminder]}
    return body


def _times(entry: CalendarEntry) -> dict[str, Any]:
    if isinstance(entry.start, datetime):
        end = entry.start + entry.length
        return {
            "start": {"dateTime": entry.start.isoformat(), "timeZone": entry.zone},
            "end": {"dateTime": end.isoformat(), "timeZone": entry.zone},
        }
    # The end of a whole-day entry is the day after its last.
    last = entry.start + max(entry.length, timedelta(days=1))
    return {
        "start": {"date": entry.start.isoformat()},
        "end": {"date": last.isoformat()},
        "transparency": "transparent",
    }
