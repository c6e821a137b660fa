"""What is put in the place of what somebody wrote, was written, or was said about them."""

from __future__ import annotations

from typing import Any

from services.erased import NAME

GONE = "(erased)"
BLANKS: dict[str, dict[str, Any]] = {
    "stakeholder": {
        "first_name": NAME.split()[0],
        "last_name": NAME.split()[1],
        "title": None,
        "time_zone": None,
        "language": None,
        "unsubscribed": True,
    },
    "participant": {"name": NAME, "title": None, "spellings": None},
    "campaign_recipient": {"name": None},
    "ticket_requester": {"name": NAME, "ref": None},
    "registration": {"name": None, "source_ref": None},
    "draft": {"values": {}, "subject": GONE, "text": GONE, "html": GONE, "evidence": []},
    "draft_attachment": {"name": GONE, "content": b""},
    "draft_event": {"why": None, "way": None},
    "frozen_mail": {"mime": b""},
    "outbox": {"subject": GONE, "raw": b"", "reply": None},
    "outbox_event": {"why": None},
    "mail_event": {"ip": None, "user_agent": None, "detail": None},
    "inbound_mail": {"subject": GONE, "text": GONE, "message_id": None},
    "touch": {"what": GONE},
    "task": {"title": GONE, "detail": ""},
    "timeline_entry": {"title": GONE, "detail": ""},
    "invitation": {"sessions": [], "reasons": [], "declined_why": None},
    "invitation_event": {"why": None},
    "rule_firing": {"evidence": []},
    "rating": {"comment": None},
    "promise": {"sentence": GONE, "what": GONE},
    "ticket": {"csat_comment": None},
    "ticket_message": {"text": GONE},
    "ticket_follow_up": {"why": None},
    "suppression": {"note": ""},
}
"""Per table, for the rows that hang on the person. Numbers, dates, states and links stay everywhere, and
texts that are not named here lose the address and the name alone."""
NUMBERED = {"attendance_note": "text"}
"""Words that are unique together with the row's other columns: they become one of a kind."""
ON_THE_WAY = ("claimed", "wire", "unknown")
"""A mail in these states is being handed over this minute, or has to be asked after."""
