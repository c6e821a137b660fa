"""Freshdesk: automations that post a ticket. It signs nothing, so it sends a password along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from data.errors import BadInput
from integrations.formats import structured
from integrations.hooks.desk import lines, message, reader, seconds
from integrations.hooks.mail import USER, knows_password
from integrations.hooks.records import Headers, Said, Vendor, digest, parse, text
from integrations.ticket_records import (
    Piece,
    Row,
    change,
    escalated_to,
    own_state,
    severity_of,
    state_of,
)

_STATES = {"2": "open", "3": "pending", "4": "solved", "5": "closed"}
_SOURCES = {
    "1": "email",
    "2": "portal",
    "3": "phone",
    "7": "chat",
    "9": "feedback",
    "10": "outbound",
}
_START = "ticket_"


def verify(headers: Headers, _raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    return knows_password(headers, secrets)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    number = text(_item(parse(raw)), "id")
    if number is None:
        raise BadInput("Let the automation send the ticket's fields, its id among them.")
    return Said(digest(raw), "ticket", f"ticket:{number}")


def _item(body: Any) -> Row:
    """The ticket's fields, whether they begin with `ticket_` or not."""
    found = structured.deep(body, "freshdesk_webhook") or structured.deep(body, "ticket") or body
    if not isinstance(found, dict):
        return {}
    return {name.removeprefix(_START): value for name, value in found.items()}


def _pieces(body: Any) -> Iterator[Piece]:
    item = _item(body)
    said = text(item, "status")
    state = _STATES.get(said or "") or state_of(said)
    at = seconds(item, "updated_at") or seconds(item, "triggered_at")
    solved = seconds(item, "resolved_at") or (at if state == "solved" else None)
    opened = seconds(item, "created_at")
    tags = [one.strip() for one in (text(item, "tags") or "").split(",") if one.strip()]
    comment = lines(item, "latest_public_comment")
    yield (
        {
            "number": text(item, "id"),
            "url": text(item, "url") or text(item, "portal_url"),
            "subject": text(item, "subject"),
            "description": lines(item, "description"),
            "state": state,
            "severity": severity_of(text(item, "priority")),
            "kind": (text(item, "type") or text(item, "ticket_type") or "").lower(),
            "channel": _SOURCES.get(text(item, "source") or "", text(item, "source")),
            "area": text(item, "product_description"),
            "tags": tags or None,
            "requester_email": text(item, "requester_email") or text(item, "contact_email"),
            "requester_name": text(item, "requester_name") or text(item, "contact_name"),
            "organisation": text(item, "company_name"),
            "agent": text(item, "agent_name"),
            "team": text(item, "group_name"),
            "opened_at": opened,
            "updated_at": at,
            "solved_at": solved,
            "escalated_to": escalated_to(*tags, text(item, "group_name")),
        },
        [change("state", state, at, None) if state else own_state(said, at)],
        [
            message("description", "customer", opened, lines(item, "description")),
            # It does not say who wrote it, so it is nobody's mood.
            message(None, "system", at, comment),
        ],
    )


VENDOR = Vendor(
    "freshdesk",
    "Freshdesk",
    "ours",
    verify,
    sort,
    None,
    tickets=reader(_pieces),
    user=USER,
    names_states=True,
    # Until somebody says more, they are ways to wait: its own four end a ticket.
    unnamed_state="open",
)
