"""Sessions of an event from a file: CSV with a heading, whatever separates its cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from data.errors import AppError, BadInput, FileRefused
from data.types import EPOCH
from services.access import Viewer
from services.invitations.catalogue import checks
from services.invitations.catalogue.book import edit, plan_of
from services.invitations.catalogue.records import SESSION_KINDS, EventPlan, SessionPlan, in_utc

LARGEST = 2 * 1024 * 1024
COLUMNS = {
    "title": ("title", "session", "session title", "name"),
    "speaker": ("speaker", "speakers", "presenter", "host"),
    "kind": ("kind", "type", "format", "session type"),
    "topics": ("topics", "topic", "tags", "track"),
    "description": ("description", "abstract", "summary"),
    "day": ("day", "date"),
    "starts": ("starts", "start", "start time", "time", "begins"),
    "minutes": ("minutes", "duration", "length"),
    "room": ("room", "location", "stage"),
    "virtual": ("virtual", "online", "streamed"),
}
EXAMPLE = "Title,Speaker,Kind,Topics,Day,Starts,Minutes,Room,Virtual\nScaling CS with AI Agents,Dana Fox,Talk,AI; Scaling,2026-03-15,14:00,45,Main stage,yes\n"
_YES, _NO = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0", "")


@dataclass(frozen=True)
class Programme:
    """What a file says. `problems` are (line, why) of rows that cannot be used."""

    sessions: tuple[SessionPlan, ...]
    problems: tuple[tuple[int, str], ...]


def read_programme(raw: bytes, plan: EventPlan) -> Programme:
    """The sessions of a CSV file, times in the event's zone. FileRefused when it is none."""
    rows = _rows(raw)
    names = _columns(rows[0])
    found: list[SessionPlan] = []
    problems: list[tuple[int, str]] = []
    for line, cells in enumerate(rows[1:], 2):
        said = {
            name: cells[place].strip() if place < len(cells) else ""
            for name, place in names.items()
        }
        if not any(said.values()):
            continue
        try:
            found.append(_session(said, plan))
        except AppError as error:
            problems.append((line, error.message))
    return Programme(tuple(found), tuple(problems))


def import_programme(
    session: Session, event_id: int, raw: bytes, *, by: Viewer, now: datetime
) -> Programme:
    """Add a file's sessions to an event; one of the same title and start is brought in line with the file.

    All or nothing: with problems nothing is kept, and they are in what comes back.
    """
    plan = plan_of(session, event_id)
    programme = read_programme(raw, plan)
    if not programme.problems:
        merged = merged_with(plan.sessions, programme.sessions)
        edit(session, event_id, replace(plan, sessions=merged), by=by, now=now)
    return programme


def merged_with(
    known: Sequence[SessionPlan], coming: Sequence[SessionPlan]
) -> tuple[SessionPlan, ...]:
    """By title and start, so that the same file twice is as once; in the order of time."""
    by_key = {_key(one): one for one in known}
    for one in coming:
        former = by_key.get(_key(one))
        by_key[_key(one)] = replace(one, id=former.id if former else 0)
    return tuple(
        sorted(by_key.values(), key=lambda one: (one.starts_at is None, one.starts_at or EPOCH))
    )


def _key(one: SessionPlan) -> tuple[str, datetime | None]:
    return " ".join(one.title.lower().split()), one.starts_at


def _rows(raw: bytes) -> list[list[str]]:
    if len(raw) > LARGEST:
        raise FileRefused("This file is larger than 2 MB. A programme has a line per session.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        raise FileRefused("This is no CSV file. Save the table as CSV, and try again.") from None
    if len(rows) < 2:
        raise FileRefused("The file needs a heading and a line per session.")
    if len(rows) - 1 > checks.MOST_SESSIONS:
        raise FileRefused(f"An event can have {checks.MOST_SESSIONS} sessions.")
    return rows


def _columns(head: Sequence[str]) -> dict[str, int]:
    places = {" ".join(cell.lower().split()): n for n, cell in reversed(list(enumerate(head)))}
    found = {
        name: places[word]
        for name, words in COLUMNS.items()
        for word in reversed(words)
        if word in places
    }
    if "title" not in found:
        raise FileRefused(
            "The file has no column called Title. These are known: Title, Speaker, Kind, Topics, "
            "Description, Day, Starts, Minutes, Room, Virtual."
        )
    return found


def _session(said: Mapping[str, str], plan: EventPlan) -> SessionPlan:
    made = SessionPlan(
        title=" ".join(said["title"].split()),
        speaker=said.get("speaker") or None,
        kind=_kind(said.get("kind", "")),
        topics=tuple(word.strip() for word in said.get("topics", "").replace(",", ";").split(";")),
        description=said.get("description") or None,
        starts_at=_starts(said.get("day", ""), said.get("starts", ""), plan),
        minutes=_minutes(said.get("minutes", "")),
        room=said.get("room") or None,
        virtual=_yes(said.get("virtual", "")),
    )
    checks.check_characters(made)
    checks.check_session(made, plan.starts_at, plan.ends_at)
    return made


def _kind(word: str) -> str | None:
    kind = word.lower().strip()
    if kind and kind not in SESSION_KINDS:
        raise BadInput(f"{word[:40]} is no kind of session. Use one of {', '.join(SESSION_KINDS)}.")
    return kind or None


def _starts(day: str, clock: str, plan: EventPlan) -> datetime | None:
    """`2026-03-15` and `14:00` apart, or both in one cell; a time alone is on the event's first day."""
    there = checks.zone(plan.zone)
    words = clock.replace("T", " ").split()
    if len(words) == 2:
        day, clock = words
    if not clock:
        return None
    try:
        on = date.fromisoformat(day) if day else plan.starts_at.astimezone(there).date()
        found = datetime.combine(on, time.fromisoformat(clock.zfill(5)), there)
    except ValueError:
        raise BadInput(f"“{day} {clock}” is no time. Write 2026-03-15 and 14:00.") from None
    known = in_utc(found)
    if known is None or known.astimezone(there).time() != found.time():
        raise BadInput(f"There is no {clock} on {on}: the clocks are put forward over it.")
    return found


def _minutes(word: str) -> int | None:
    if not word:
        return None
    if not (word.isascii() and word.isdigit()):
        raise BadInput(f"“{word[:20]}” is no number of minutes.")
    return int(word)


def _yes(word: str) -> bool | None:
    if word.lower() in _YES:
        return True
    if word.lower() in _NO:
        return False if word else None
    raise BadInput(f"“{word[:20]}” says neither yes nor no.")
