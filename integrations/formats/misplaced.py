"""Exports that are no attendance at all, told apart so that the answer can say where they belong."""

from __future__ import annotations

from integrations.formats.fields import map_columns, normalise
from integrations.formats.master import known_master

_MAILING = ({"member rating", "leid", "euid"}, {"email address", "optin time", "confirm time"})
_TICKETS = ({"requester", "ticket type", "solved at"}, {"issue key", "issue type", "project key"})
_SURELY = {"event", "minutes", "joined_at", "event_start"}
_MAYBE = {"date", "status", "registered_at"}
_CUSTOMER = {"domain", "parent", "segment", "arr", "lifecycle_stage", "renews_on", "health_score"}
_STAKEHOLDER = {"champion", "unsubscribed", "external_id"}


def misplaced(header: tuple[str, ...]) -> str | None:
    """What to tell somebody who uploads this as attendance; None when it may well be attendance."""
    known = {normalise(h) for h in header}
    if any(headings <= known for headings in _MAILING):
        return "This is a mailing list export, not attendance. Upload the event platform's report."
    if any(headings <= known for headings in _TICKETS):
        return "This is a support ticket export, not attendance. Upload it under Tickets."
    fields = map_columns(header, "attendance").keys()
    if fields & _SURELY:
        return None
    if label := known_master(header):
        return f"This looks like a list of {label}, not attendance. Upload it under Customers."
    if fields & _MAYBE:
        return None
    if len(map_columns(header, "customers").keys() & _CUSTOMER) >= 2:
        return "This looks like a list of customers, not attendance. Upload it under Customers."
    if len(map_columns(header, "stakeholders").keys() & _STAKEHOLDER) >= 2:
        return "This looks like a list of contacts, not attendance. Upload it under Customers."
    return None
