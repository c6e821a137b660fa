"""HubSpot: changes of tickets, one property each; signed as its events of mail are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data.errors import BadInput
from integrations.hooks.desk import reader, seconds
from integrations.hooks.hubspot import verify
from integrations.hooks.records import Headers, Said, Vendor, digest, parse, text
from integrations.ticket_records import (
    Piece,
    Row,
    change,
    own_state,
    severity_of,
    spoken,
    state_of,
)

_STAGES = {"1": "new", "2": "pending", "3": "open", "4": "closed"}
"""Of the pipeline that every account begins with; what those of others mean, an admin says."""
_FIELDS = {"subject": "subject", "content": "description", "hs_resolution": "resolution"}


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    events = _events(parse(raw))
    if not events:
        raise BadInput("Send a list of events, each with a subscriptionType and an objectId.")
    about = any((text(one, "subscriptionType") or "").startswith("ticket.") for one in events)
    kind = text(events[0], "subscriptionType") or "ticket"
    return Said(digest(raw), kind[:80], "tickets" if about else None)


def _events(body: Any) -> list[Row]:
    found = body if isinstance(body, list) else [body]
    return [one for one in found if isinstance(one, dict) and text(one, "objectId")]


def _pieces(body: Any) -> Iterator[Piece]:
    for one in _events(body):
        kind = text(one, "subscriptionType") or ""
        if kind.startswith("ticket."):
            yield _piece(one, kind)


def _piece(one: Row, kind: str) -> Piece:
    at, key = seconds(one, "occurredAt"), text(one, "eventId")
    name, value = text(one, "propertyName"), text(one, "propertyValue")
    ticket: Row = {"number": text(one, "objectId"), "updated_at": at}
    if kind == "ticket.creation":
        return (
            ticket | {"state": "new", "opened_at": at},
            [change("state", "new", at, None, key)],
            [],
        )
    if kind == "ticket.deletion":
        return ticket | {"state": "deleted"}, [change("state", "deleted", at, None, key)], []
    if name == "hs_pipeline_stage":
        state = _STAGES.get(value or "") or state_of(value)
        if state is None:
            return ticket, [own_state(value, at, key)], []
        solved = at if state in ("solved", "closed") else None
        return (
            ticket | {"state": state, "solved_at": solved},
            [change("state", state, at, None, key)],
            [],
        )
    if name == "hs_ticket_priority":
        severity = severity_of(value)
        return ticket | {"severity": severity}, [change("severity", severity, at, None, key)], []
    field = _FIELDS.get(name or "")
    if field == "resolution":
        value = spoken(value)
    return (ticket | {field: value} if field else ticket), [], []


VENDOR = Vendor(
    "hubspot_tickets",
    "HubSpot tickets",
    "theirs",
    verify,
    sort,
    None,
    tickets=reader(_pieces),
    names_states=True,
)
