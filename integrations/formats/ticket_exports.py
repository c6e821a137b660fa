"""Exports of support desks: told from other files by their headings, and what their columns mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integrations.formats.headings import Field, field
from integrations.formats.mail_exports import first_headings

ROWS_OF_TEXT = "\x1e"
"""Between the comments of one ticket, which Jira gives a column each."""
TICKETS: dict[str, Field] = {
    "number": field(
        "Ticket number",
        "ticket number|ticket id|ticket|issue key|case number|number|key|case id|id|ticket no",
        required=True,
    ),
    "subject": field("Subject", "subject|summary|ticket name|ticket subject|title|issue"),
    "description": field("What the customer wrote", "description|body|details|ticket description"),
    "state": field("Status", "status|ticket status|state|ticket state"),
    "severity": field("Severity", "priority|severity|ticket priority|urgency|impact"),
    "kind": field("Kind", "ticket type|issue type|type|case reason|category"),
    "channel": field("Channel", "via|via channel|source|case origin|channel|origin"),
    "area": field(
        "Part of the product",
        "product area list|product area|component s|components|product|module|area",
    ),
    "tags": field("Tags", "tags|labels|label"),
    "email": field(
        "Requester's email",
        "requester email|contact email|email|reporter email|customer email|web email"
        "|associated contact email|email address|requester email address",
    ),
    "name": field(
        "Requester's name",
        "requester|requester name|contact name|full name|reporter|associated contact|customer contact"
        "|contact|name|submitter",
    ),
    "requester_ref": field("Requester's number", "requester id|reporter id|contact id"),
    "organisation": field(
        "Customer or company",
        "organization|organisation|organization name|account name|company name|associated company"
        "|company|customer|custom field organizations|organizations|account",
    ),
    "agent": field(
        "Agent", "assignee|agent|case owner|ticket owner|owner|assigned to|assignee name"
    ),
    "team": field("Team", "group|group name|team|queue|assigned team"),
    "opened_at": field(
        "Opened",
        "created at|created time|created|create date|date time opened|opened date|opened|created date"
        "|opened at|date opened",
    ),
    "solved_at": field(
        "Solved",
        "solved at|resolved time|resolved|close date|date time closed|closed date|closed time"
        "|solved|resolved at|closed at|date closed|resolution date",
    ),
    "updated_at": field(
        "Last change",
        "updated at|last update time|updated|last modified date|last activity date|last modified",
    ),
    "first_reply_minutes": field(
        "Minutes to the first reply", "first reply time in minutes|first response minutes"
    ),
    "replies": field("Replies", "replies|agent interactions|number of replies"),
    "reopens": field("Times reopened", "reopens|reopened|times reopened|reopen count"),
    "escalated": field("Escalated", "escalated|is escalated|escalated to|escalation"),
    "csat": field(
        "Satisfaction",
        "satisfaction score|satisfaction rating score|satisfaction|csat|survey results"
        "|satisfaction rating|custom field satisfaction|customer satisfaction|rating",
    ),
    "csat_comment": field(
        "Comment on satisfaction",
        "satisfaction comment|satisfaction rating comment|csat comment|survey comment",
    ),
    "resolution": field(
        "Resolution", "resolution notes|resolution summary|solution|resolution|resolution details"
    ),
    "url": field("Link", "url|link|ticket url"),
    "comments": field("Comments", "comment|comments"),
}
LAYOUTS: tuple[tuple[frozenset[str], str, str, str], ...] = tuple(
    (frozenset(headings.split("|")), form, label, source)
    for headings, form, label, source in (
        ("id|requester|requester email|satisfaction score", "zendesk_tickets", "Zendesk tickets", "zendesk"),
        ("id|subject|requester id|priority|satisfaction rating score", "zendesk_json", "Zendesk tickets", "zendesk"),
        ("id|subject|requester id|priority|via channel", "zendesk_json", "Zendesk tickets", "zendesk"),
        ("summary|issue key|status|project key", "jira_issues", "Jira issues", "jira"),
        ("summary|issue key|status|reporter", "jira_issues", "Jira issues", "jira"),
        ("ticket id|ticket name|pipeline", "hubspot_tickets", "HubSpot tickets", "hubspot_tickets"),
        ("ticket id|ticket name|ticket status", "hubspot_tickets", "HubSpot tickets", "hubspot_tickets"),
        ("ticket id|subject|status|created time", "freshdesk_tickets", "Freshdesk tickets", "freshdesk"),
        ("case number|subject|status", "salesforce_cases", "Salesforce cases", "salesforce"),
        ("case number|account name|date time opened", "salesforce_cases", "Salesforce cases", "salesforce"),
        ("ticket number|subject|status", "tickets", "Tickets", "file"),
        ("ticket id|subject|status", "tickets", "Tickets", "file"),
    )
)  # fmt: skip
"""Headings that give a layout away; the more particular first."""
_JSON = ({"id", "subject", "requester_id"}, {"id", "subject", "priority", "status"})


def layout_of(header: set[str]) -> tuple[str, str, str] | None:
    """Format, label and vendor of normalised headings; None for what is no export of a desk."""
    return next((rest for headings, *rest in LAYOUTS if headings <= header), None)  # type: ignore[return-value]


def is_ticket_export(path: Path) -> bool:
    """Whether the beginning of a file has the headings of one. Workbooks are not looked into."""
    found = first_headings(path)
    if isinstance(found, str):
        return any(all(f'"{key}"' in found for key in keys) for keys in _JSON)
    return any(layout_of(header) for header in found)


def sees(row: dict[str, Any]) -> bool:
    """Whether an object of a list is a ticket as Zendesk exports it."""
    return any(keys <= row.keys() for keys in _JSON)


def flat(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Zendesk's objects with what lies one level down beside the rest, comments as Jira writes them."""
    return [_flat(row) for row in rows]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"satisfaction rating score": None, "via channel": None}
    for key, value in row.items():
        if isinstance(value, dict):
            made |= {f"{key} {inner}".replace("_", " "): told for inner, told in value.items()}
        elif key == "tags" and isinstance(value, list):
            made[key] = " ".join(str(tag) for tag in value)
        elif key == "comments" and isinstance(value, list):
            made[key] = ROWS_OF_TEXT.join(_comment(one) for one in value if isinstance(one, dict))
        else:
            made[key] = value
    return made


def _comment(said: dict[str, Any]) -> str:
    author = "" if said.get("public") is False else str(said.get("author_id") or "")
    words = said.get("plain_body") or said.get("body") or ""
    return f"{said.get('created_at') or ''};{author};{words}"
