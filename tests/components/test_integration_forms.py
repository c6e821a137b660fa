"""Each system that can be added says how."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from components.integration_forms import BODIES, HOW
from integrations.hooks import VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
def test_setup_of_each_system_is_told(vendor: str):
    assert len(HOW[vendor]) > 60


TOLD = {
    "ticket.id": "1004", "ticket.status": "Solved", "ticket.priority": "High",
    "ticket.link": "techflow.zendesk.example/agent/tickets/1004", "ticket.ticket_type": "Incident",
    "ticket.title": "Export fails", "ticket.requester.name": "David Kim",
    "ticket.organization.name": "TechFlow", "ticket.tags": "api tier_3",
    "ticket.requester.email": "david@techflow.example",
    "ticket.created_at_with_timestamp": "2026-09-15T08:00:00Z",
    "ticket.updated_at_with_timestamp": "2026-09-18T13:05:21Z",
}  # fmt: skip


def posted(**more: str) -> dict[str, Any]:
    """What is read of the body as Zendesk fills it: plain placeholders as they are, `json` as JSON text."""
    told = TOLD | {name.replace("__", "."): value for name, value in more.items()}

    def fill(found: re.Match[str]) -> str:
        value = told[found[1]]
        return json.dumps(value, ensure_ascii=False) if found[2] else value

    body = re.sub(r"\{\{\s*([\w.]+?)\s*(\|\s*json\s*)?\}\}", fill, BODIES["zendesk"])
    reader = VENDORS["zendesk"].tickets
    assert reader is not None
    (row,) = reader([body.encode()]).tickets.to_dicts()
    return row


def test_the_body_to_paste_into_zendesk_tells_whose_ticket_is_how():
    row = posted()
    assert (row["number"], row["state"], row["severity"]) == ("1004", "solved", "high")
    assert (row["requester_email"], row["tags"]) == ("david@techflow.example", ["api", "tier_3"])
    assert row["escalated_to"] == "engineering"
    assert str(row["solved_at"]) == "2026-09-18 13:05:21"


def test_what_people_write_is_escaped_in_the_body_to_paste():
    title = 'Export says "no data" in C:\\Users'
    row = posted(ticket__title=title, ticket__requester__name='David "Dave" Kim', ticket__organization__name='"TechFlow"')  # fmt: skip
    assert (row["subject"], row["requester_name"]) == (title, 'David "Dave" Kim')
    assert "| json" in HOW["zendesk"]
