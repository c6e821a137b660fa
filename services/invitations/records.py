"""Words that the parts of invitations share."""

from __future__ import annotations

SOURCE = "event"
"""Of drafts: `source_id` is the event's, so that all of an event's can be withdrawn at once."""
TOPIC = "events"
INVITATION, REMINDER, NUDGE = "invitation", "event_reminder", "invitation_nudge"
"""Kinds of drafts: the invitation, what reminds those who are registered, what asks again."""
CALLED_OFF, MOVED = "event_cancelled", "event_moved"
"""What those who are registered are told when the event is off, or at another time or place."""
SEAT_FREE = "event_seat_free"
"""What the first of the waiting list are told."""
MAIL_STATES = ("sent", "delivered", "opened", "clicked")
"""Of invitations that went out and have no answer yet."""
UNANSWERED = ("drafted", "approved", *MAIL_STATES, "undelivered")
STATE_WORDS = {
    "drafted": "Waits for approval",
    "approved": "Approved",
    "sent": "Sent",
    "delivered": "Delivered",
    "opened": "Opened",
    "clicked": "Clicked",
    "undelivered": "Not delivered",
    "registered": "Registered",
    "declined": "Declined",
    "attended": "Attended",
    "missed": "Registered, did not come",
    "no_response": "No response",
    "withdrawn": "Withdrawn",
}
REGISTRATION_WORDS = {
    "registered": "Registered",
    "cancelled": "Cancelled",
    "attended": "Attended",
    "no_show": "Did not come",
}


def invitation_key(event_id: int, stakeholder_id: int) -> str:
    """Names the occasion of an invitation's draft: once per person and event."""
    return f"{INVITATION}:{event_id}:{stakeholder_id}"


def nudge_key(invitation_id: int, revision: int | None = None) -> str:
    """Of an event that has changed its own, so that people are asked with what holds now."""
    return f"{NUDGE}:{revision}:{invitation_id}" if revision else f"{NUDGE}:{invitation_id}"


def invitation_of(key: str) -> int:
    """Whose a nudge is."""
    return int(key.rpartition(":")[2])
