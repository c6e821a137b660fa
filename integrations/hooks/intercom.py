"""Intercom: conversations, as its topics tell of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from data.errors import BadInput
from integrations.formats import structured
from integrations.hooks.desk import (
    hmac_hex,
    lines,
    listed,
    message,
    reader,
    seconds,
    tags_of,
    whole_number,
)
from integrations.hooks.records import Headers, Said, Vendor, digest, parse, same, text
from integrations.ticket_records import Piece, Row, change, csat_of, escalated_to, severity_of

_STATES = {"open": "open", "closed": "solved", "snoozed": "pending"}
_TOPICS = {
    "conversation.admin.closed": "solved",
    "conversation.admin.opened": "open",
    "conversation.admin.snoozed": "pending",
    "conversation.admin.unsnoozed": "open",
    "conversation.user.created": "new",
    "conversation.deleted": "deleted",
}


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    """Hex HMAC-SHA1: the only one it offers, and with no time in it; what is sent again counts once."""
    given = headers.get("x-hub-signature", "")
    right = [same(given, "sha1=" + hmac_hex(secret, raw, sha1=True)) for secret in secrets]
    return any(right)


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = parse(raw)
    topic = text(body, "topic")
    if topic is None:
        raise BadInput("Send a notification with a topic.")
    number = text(body, "data", "item", "id")
    about = f"ticket:{number}" if topic.startswith("conversation.") and number else None
    return Said(text(body, "id") or digest(raw), topic[:80], about)


def _pieces(body: Any) -> Iterator[Piece]:
    item = structured.deep(body, "data", "item")
    if not isinstance(item, dict):
        return
    topic, at = text(body, "topic") or "", seconds(body, "created_at")
    state = _TOPICS.get(topic) or _STATES.get(text(item, "state") or "")
    rating = text(item, "conversation_rating", "rating")
    changes = [change("state", _TOPICS.get(topic), at, None, text(body, "id"))]
    changes.append(
        change("csat", csat_of(rating), seconds(item, "conversation_rating", "created_at"), None)
    )
    yield _ticket(item, state, at), changes, list(_messages(item))


def _ticket(item: Any, state: str | None, at: datetime | None) -> Row:
    author = structured.deep(item, "source", "author")
    customer = author if text(author, "type") in ("user", "lead", "contact") else None
    tags = tags_of(listed(item, "tags", "tags"))
    return {
        "number": text(item, "id"),
        "url": text(item, "source", "url") or text(item, "links", "conversation_web"),
        "subject": text(item, "title") or text(item, "source", "subject"),
        "description": lines(item, "source", "body"),
        "state": state,
        "severity": severity_of(text(item, "priority")),
        "kind": "conversation",
        "channel": text(item, "source", "type"),
        "tags": tags,
        "requester_ref": text(customer, "id"),
        "requester_email": text(customer, "email"),
        "requester_name": text(customer, "name"),
        "opened_at": seconds(item, "created_at"),
        "updated_at": seconds(item, "updated_at") or at,
        "solved_at": at if state == "solved" else None,
        "reopens": whole_number(item, "statistics", "count_reopens"),
        "escalated_to": escalated_to(*(tags or [])),
        "csat": csat_of(text(item, "conversation_rating", "rating")),
        "csat_comment": lines(item, "conversation_rating", "remark"),
    }


def _messages(item: Any) -> Iterator[Row]:
    yield _message(item.get("source"), seconds(item, "created_at"))
    for part in listed(item, "conversation_parts", "conversation_parts"):
        yield _message(part, seconds(part, "created_at"))


def _message(part: Any, at: datetime | None) -> Row:
    kind = text(part, "author", "type")
    author = {"admin": "agent", "bot": "system", "team": "agent"}.get(kind or "", "customer")
    return message(
        text(part, "id"),
        author,
        at,
        lines(part, "body"),
        name=text(part, "author", "name"),
        email=text(part, "author", "email"),
        internal=text(part, "part_type") == "note",
    )


VENDOR = Vendor(
    "intercom", "Intercom", "theirs", verify, sort, None, tickets=reader(_pieces), probed=True
)
