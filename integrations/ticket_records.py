"""What desks tell of tickets, in one shape: what a ticket is now, what changed, and what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

MOMENT = pl.Datetime("us")
AHEAD = timedelta(days=1)
"""How far a desk's clock may be ahead of ours."""
FUTURE = "A time lies in the future by more than a day. Send what has happened."
TICKETS: dict[str, Any] = {
    "number": pl.String,
    "url": pl.String,
    "subject": pl.String,
    "description": pl.String,
    "state": pl.String,
    "severity": pl.String,
    "kind": pl.String,
    "channel": pl.String,
    "area": pl.String,
    "tags": pl.List(pl.String),
    "requester_email": pl.String,
    "requester_name": pl.String,
    "requester_ref": pl.String,
    "organisation": pl.String,
    "agent": pl.String,
    "team": pl.String,
    "opened_at": MOMENT,
    "solved_at": MOMENT,
    "updated_at": MOMENT,
    "first_reply_minutes": pl.Int64,
    "replies": pl.Int64,
    "reopens": pl.Int64,
    "escalated_to": pl.String,
    "csat": pl.String,
    "csat_comment": pl.String,
    "resolution": pl.String,
}
"""Null: not told, so what is known stays. Times are UTC. `state`, `severity` and `csat` in the words of
data.tables.tickets. `requester_ref` is the desk's own id of the person."""
CHANGES: dict[str, Any] = {
    "number": pl.String,
    "key": pl.String,
    "what": pl.String,
    "before": pl.String,
    "value": pl.String,
    "at": MOMENT,
}
MESSAGES: dict[str, Any] = {
    "number": pl.String,
    "key": pl.String,
    "author": pl.String,
    "name": pl.String,
    "email": pl.String,
    "internal": pl.Boolean,
    "text": pl.String,
    "at": MOMENT,
}
_LONGEST = {
    "number": 100, "url": 500, "subject": 500, "description": 20_000, "kind": 40, "channel": 40,
    "area": 200, "requester_email": 320, "requester_name": 300, "requester_ref": 100,
    "organisation": 300, "agent": 200, "team": 200, "escalated_to": 100, "csat_comment": 5_000,
    "resolution": 5_000, "key": 150, "before": 100, "value": 100, "name": 300, "email": 320,
    "text": 20_000,
}  # fmt: skip
_LINES = ("description", "resolution", "csat_comment", "text")
"""Where line breaks mean something."""

OWN = "own_state"
SHORT_ANSWER = 3
"""Words up to which a resolution is a state of the desk's (`Done`, `Won't do`) and tells nobody anything."""
_STATES = {
    "new": "new unassigned submitted",
    "open": "open inprogress waitingonus waitingforsupport todo reopened active indeterminate working",
    "pending": "pending waitingoncontact waitingforcustomer waitingoncustomer snoozed awaitingreply",
    "on_hold": "onhold hold waitingonthirdparty waitingforthirdparty blocked",
    "solved": "solved resolved done fixed completed",
    "closed": "closed cancelled canceled archived",
    "deleted": "deleted spam",
}
_SEVERITIES = {
    "urgent": "urgent critical highest blocker p1 sev1 4",
    "high": "high major p2 sev2 3 priority",
    "normal": "normal medium standard moderate p3 sev3 2",
    "low": "low lowest minor trivial p4 p5 sev4 1",
}
_CSATS = {
    "good": "good goodwithcomment great amazing happy satisfied positive 4 5",
    "bad": "bad badwithcomment terrible unhappy dissatisfied negative 1 2",
    "offered": "offered",
}


def _turned(table: Mapping[str, str]) -> dict[str, str]:
    return {word: key for key, words in table.items() for word in words.split()}


_STATE, _SEVERITY, _CSAT = _turned(_STATES), _turned(_SEVERITIES), _turned(_CSATS)
_ESCALATED = (
    (re.compile(r"(?i)\b(?:management|executive|director|vp)\b"), "management"),
    (re.compile(r"(?i)\b(?:engineering|engineers|development|developers|dev|r&d|tier ?3|l3)\b"), "engineering"),
    (re.compile(r"(?i)\bescalat(?:ed|ion)\b"), "a higher level"),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Frames as TICKETS, CHANGES and MESSAGES, in the order it was told. `own` is as CHANGES: states of the
    desk's own making, `value` as it says them, `key` and `at` null where it has none."""

    tickets: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TICKETS))
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))
    messages: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MESSAGES))
    own: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))


Row = dict[str, Any]
Piece = tuple[Row, list[Row], list[Row]]
"""One ticket, with its changes and messages."""


def told(pieces: Iterable[Piece]) -> Told:
    """Cleaned and cut to length; without tickets that have no number, changes without value or time, and
    messages without text or time."""
    tickets: list[Row] = []
    changes: list[Row] = []
    own: list[Row] = []
    messages: list[Row] = []
    for ticket, changed, written in pieces:
        number = ticket.get("number")
        if not number:
            continue
        tickets.append(ticket)
        said = [{**one, "number": number} for one in changed if one["value"]]
        own += [one for one in said if one["what"] == OWN]
        changes += [one for one in said if one["what"] != OWN and one["at"]]
        messages += [{**one, "number": number} for one in written if one["text"] and one["at"]]
    return Told(
        cleaned(_frame(tickets, TICKETS)),
        cleaned(_frame(changes, CHANGES)),
        cleaned(_frame(messages, MESSAGES)),
        cleaned(_frame(own, CHANGES)).filter(pl.col("value").is_not_null()),
    )


def latest(one: Told) -> datetime | None:
    """The last moment that is told, in UTC without a zone; None where none is."""
    named = [
        frame[name].max()
        for frame in (one.tickets, one.changes, one.messages, one.own)
        for name, kind in frame.schema.items()
        if kind == MOMENT
    ]
    return max((at for at in named if isinstance(at, datetime)), default=None)


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts without control characters, cut to length; empty ones null."""
    found = []
    for name, kind in frame.schema.items():
        if kind != pl.String:
            continue
        unwanted = r"[\p{Cc}\p{Cf}&&[^\n\t]]+" if name in _LINES else r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+"
        text = pl.col(name).str.replace_all(unwanted, " ").str.strip_chars()
        text = text.str.slice(0, _LONGEST.get(name, 100))
        found.append(pl.when(text != "").then(text).alias(name))
    return frame.with_columns(found)


def state_of(said: str | None) -> str | None:
    """The word for a desk's state; None for one that only its owner knows."""
    return _STATE.get(_letters(said))


def severity_of(said: str | None) -> str | None:
    return _SEVERITY.get(_letters(said))


def csat_of(said: str | None) -> str | None:
    return _CSAT.get(_letters(said))


def escalated_to(*said: str | None) -> str | None:
    """Who it went to, read from tags and the names of teams; None when nothing of it is said."""
    words = " · ".join(one.replace("_", " ") for one in said if one)
    return next((who for pattern, who in _ESCALATED if pattern.search(words)), None)


def spoken(resolution: str | None) -> str | None:
    """A resolution that tells somebody something; None for a state of the desk's (`Done`, `Won't do`)."""
    return resolution if resolution and len(resolution.split()) > SHORT_ANSWER else None


def change(
    what: str, value: str | None, at: Any, before: str | None, key: str | None = None
) -> Row:
    """`key` is the vendor's id of the change, else what it says."""
    named = key or f"{what}={value}@{at.isoformat() if at else ''}"
    return {"key": named, "what": what, "before": before, "value": value, "at": at}


def own_state(said: str | None, at: Any, key: str | None = None) -> Row:
    """A state that only its owner knows, as a change; see `Told.own`."""
    return {"key": key, "what": OWN, "before": None, "value": said, "at": at}


def _letters(said: str | None) -> str:
    return re.sub(r"[\W_]+", "", said or "").lower()


def _frame(rows: list[Row], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: pl.Series(name, [row.get(name) for row in rows], kind, strict=False)
            for name, kind in schema.items()
        }
    )
