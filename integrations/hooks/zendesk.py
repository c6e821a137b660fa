"""Zendesk: events of tickets, and triggers whose body an admin writes as the app asks for it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from data.errors import BadInput
from integrations.formats import structured
from integrations.hooks.desk import lines, listed, message, reader, tags_of
from integrations.hooks.records import (
    STALE,
    Headers,
    Said,
    Vendor,
    digest,
    moment,
    parse,
    same,
    text,
)
from integrations.ticket_records import Piece, Row, change, escalated_to, severity_of, state_of

_EVENT = "zen:event-type:ticket."


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Base64 over time and body, nothing between them; the time is ISO 8601."""
    stamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
    given = headers.get("x-zendesk-webhook-signature", "")
    signed = stamp.encode("utf-8", "replace") + raw
    right = [same(given, _sign(secret, signed)) for secret in secrets]
    at = moment(stamp)
    return at is not None and abs(at.replace(tzinfo=UTC) - now) <= STALE and any(right)


def _sign(secret: str, signed: bytes) -> str:
    return b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = parse(raw)
    kind, number = text(body, "type"), text(body, "detail", "id") or text(body, "ticket", "id")
    if not isinstance(body, dict) or not (kind or number):
        raise BadInput("Send an event of a ticket, or an object with a `ticket`.")
    subject = f"ticket:{number}" if number else None
    return Said(text(body, "id") or digest(raw), (kind or "ticket")[:80], subject)


def _pieces(body: Any) -> Iterator[Piece]:
    detail = structured.deep(body, "detail") or structured.deep(body, "ticket")
    if isinstance(detail, dict):
        at = moment(text(body, "time")) or moment(text(detail, "updated_at"))
        yield _ticket(detail), list(_changes(body, at)), list(_messages(body, detail, at))


def _ticket(detail: Any) -> Row:
    # A trigger posts them as one text.
    tags = tags_of(listed(detail, "tags") or (text(detail, "tags") or "").split())
    state = state_of(text(detail, "status"))
    return {
        "number": text(detail, "id"),
        "url": text(detail, "url"),
        "subject": text(detail, "subject"),
        "description": lines(detail, "description"),
        "state": state,
        "severity": severity_of(text(detail, "priority")),
        "kind": (text(detail, "type") or "").lower(),
        "channel": text(detail, "via", "channel"),
        "tags": tags,
        "requester_ref": text(detail, "requester_id"),
        "requester_email": text(detail, "requester", "email"),
        "requester_name": text(detail, "requester", "name"),
        "organisation": text(detail, "organization", "name"),
        "opened_at": moment(text(detail, "created_at")),
        "updated_at": moment(text(detail, "updated_at")),
        "solved_at": moment(text(detail, "updated_at")) if state == "solved" else None,
        "escalated_to": escalated_to(*(tags or [])),
    }


def _changes(body: Any, at: datetime | None) -> Iterator[Row]:
    kind, key = (text(body, "type") or "").removeprefix(_EVENT), text(body, "id")
    now, before = text(body, "event", "current"), text(body, "event", "previous")
    if kind == "status_changed":
        yield change("state", state_of(now), at, state_of(before), key)
    elif kind == "priority_changed":
        yield change("severity", severity_of(now), at, severity_of(before), key)


def _messages(body: Any, detail: Any, at: datetime | None) -> Iterator[Row]:
    """What opened it, and a comment that was added; of whom we know only if it is one of our people."""
    opened = moment(text(detail, "created_at"))
    yield message("description", "customer", opened, lines(detail, "description"))
    comment = structured.deep(body, "event", "comment")
    if not isinstance(comment, dict):
        return
    staff = text(comment, "author", "is_staff") == "true"
    yield message(
        text(comment, "id"),
        "agent" if staff else "customer",
        at,
        lines(comment, "body"),
        name=text(comment, "author", "name"),
        internal=text(comment, "is_public") == "false",
    )


VENDOR = Vendor("zendesk", "Zendesk", "theirs", verify, sort, None, tickets=reader(_pieces))
