"""Each system that can be added says how."""

from __future__ import annotations

import pytest

from components.integration_forms import BODIES, HOW
from integrations.hooks import VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
def test_setup_of_each_system_is_told(vendor: str):
    assert len(HOW[vendor]) > 60


def test_the_body_to_paste_into_zendesk_tells_whose_ticket_is_how():
    told = {
        "ticket.id": "1004", "ticket.status": "Solved", "ticket.priority": "High",
        "ticket.requester.email": "david@techflow.example", "ticket.tags": "api tier_3",
        "ticket.updated_at_with_timestamp": "2026-09-18T13:05:21Z",
    }  # fmt: skip
    body = BODIES["zendesk"]
    for name, value in told.items():
        body = body.replace("{{" + name + "}}", value)
    reader = VENDORS["zendesk"].tickets
    assert reader is not None
    (row,) = reader([body.encode()]).tickets.to_dicts()
    assert (row["number"], row["state"], row["severity"]) == ("1004", "solved", "high")
    assert (row["requester_email"], row["tags"]) == ("david@techflow.example", ["api", "tier_3"])
    assert row["escalated_to"] == "engineering"
    assert str(row["solved_at"]) == "2026-09-18 13:05:21"
