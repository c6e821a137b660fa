"""Jira Service Management: issues and their comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from data.errors import BadInput
from integrations.formats import structured
from integrations.hooks.desk import hmac_hex, lines, listed, message, reader, seconds, tags_of
from integrations.hooks.records import Headers, Said, Vendor, digest, parse, same, text
from integrations.ticket_records import (
    Piece,
    Row,
    change,
    escalated_to,
    severity_of,
    spoken,
    state_of,
)

_CATEGORIES = {"new": "new", "indeterminate": "open", "done": "solved"}


def verify(headers: Headers, raw: bytes, secrets: Sequence[str], _now: datetime) -> bool:
    """It signs the body alone: what is sent again counts once."""
    given = headers.get("x-hub-signature", "")
    right = [same(given, "sha256=" + hmac_hex(secret, raw)) for secret in secrets]
    return any(right)


def sort(headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    body = parse(raw)
    kind, number = text(body, "webhookEvent"), text(body, "issue", "key")
    if kind is None:
        raise BadInput("Send an event of an issue.")
    known = headers.get("x-atlassian-webhook-identifier", "")[:150] or digest(raw)
    return Said(known, kind[:80], f"ticket:{number}" if number else None)


def _pieces(body: Any) -> Iterator[Piece]:
    issue, at = structured.deep(body, "issue"), seconds(body, "timestamp")
    if not isinstance(issue, dict):
        return
    deleted = text(body, "webhookEvent") == "jira:issue_deleted"
    ticket = _ticket(issue, at, deleted=deleted)
    yield ticket, list(_changes(body, ticket["state"], at)), list(_messages(body, issue))


def _ticket(issue: Any, at: datetime | None, *, deleted: bool) -> Row:
    fields = structured.deep(issue, "fields")
    tags = tags_of(listed(fields, "labels"))
    said = text(fields, "status", "name")
    category = text(fields, "status", "statusCategory", "key")
    state = state_of(said) or _CATEGORIES.get(category or "")
    areas = tags_of(listed(fields, "components"))
    return {
        "number": text(issue, "key"),
        "url": text(issue, "self"),
        "subject": text(fields, "summary"),
        "description": lines(fields, "description"),
        "state": "deleted" if deleted else state,
        "severity": severity_of(text(fields, "priority", "name")),
        "kind": text(fields, "issuetype", "name"),
        "area": ", ".join(areas) if areas else None,
        "tags": tags,
        "requester_ref": text(fields, "reporter", "accountId"),
        "requester_email": text(fields, "reporter", "emailAddress"),
        "requester_name": text(fields, "reporter", "displayName"),
        "agent": text(fields, "assignee", "displayName"),
        "opened_at": seconds(fields, "created"),
        "updated_at": seconds(fields, "updated") or at,
        "solved_at": seconds(fields, "resolutiondate"),
        "escalated_to": escalated_to(*(tags or [])),
        "resolution": spoken(text(fields, "resolution", "name")),
    }


def _changes(body: Any, state: str | None, at: datetime | None) -> Iterator[Row]:
    number = text(body, "changelog", "id")
    for item in listed(body, "changelog", "items"):
        name, now, before = (text(item, key) for key in ("field", "toString", "fromString"))
        key = f"{number}:{name}" if number else None
        if name == "status":
            # A state of their own making: what it comes to is told by its category.
            yield change("state", state_of(now) or state, at, state_of(before), key)
        elif name == "priority":
            yield change("severity", severity_of(now), at, severity_of(before), key)


def _messages(body: Any, issue: Any) -> Iterator[Row]:
    fields = structured.deep(issue, "fields")
    yield message(
        "description", "customer", seconds(fields, "created"), lines(fields, "description")
    )
    comment = structured.deep(body, "comment")
    if not isinstance(comment, dict):
        return
    kind = text(comment, "author", "accountType")
    reporter = text(fields, "reporter", "accountId")
    asked = reporter is not None and text(comment, "author", "accountId") == reporter
    yield message(
        text(comment, "id"),
        "customer" if kind == "customer" or asked else "agent",
        seconds(comment, "created"),
        lines(comment, "body"),
        name=text(comment, "author", "displayName"),
        email=text(comment, "author", "emailAddress"),
        internal=text(comment, "jsdPublic") == "false",
    )


VENDOR = Vendor(
    "jira", "Jira Service Management", "theirs", verify, sort, None, tickets=reader(_pieces)
)
