"""Exports that are no attendance at all, told apart so that the answer can say where they belong."""

from __future__ import annotations

from integrations.formats.fields import map_columns
from integrations.formats.headings import normalise
from integrations.formats.master import known_master

_FOREIGN: tuple[tuple[set[str], str], ...] = (
    (
        {"email address", "opens", "clicks"},
        "These are the recipients of a mail campaign, as Mailchimp exports them, not attendance. Drop the file on the "
        "Upload page: it takes it for Mail campaigns and asks which one it was.",
    ),
    *(
        (
            headings,
            "This is a mailing list export: it tells of nobody's attendance, nor of any campaign. Upload the event "
            "platform's report, or a campaign's own export of its recipients, opens or clicks.",
        )
        for headings in (
            {"member rating", "leid", "euid"},
            {"email address", "optin time", "confirm time"},
        )
    ),
    (
        {"sg event id", "event", "timestamp"},
        "This is SendGrid's record of mails delivered and opened, not attendance. "
        "Upload the event platform's report.",
    ),
    *(
        (headings, "This is a support ticket export, not attendance. Upload it under Tickets.")
        for headings in (
            {"requester", "ticket type", "solved at"},
            {"issue key", "issue type", "project key"},
        )
    ),
)
_SURELY = {"event", "minutes", "joined_at", "event_start"}
_MAYBE = {"date", "status", "registered_at"}
_CUSTOMER = {"domain", "parent", "segment", "arr", "lifecycle_stage", "renews_on", "health_score"}
_STAKEHOLDER = {"champion", "unsubscribed", "external_id"}


def misplaced(header: tuple[str, ...]) -> str | None:
    """What to tell somebody who uploads this as attendance; None when it may well be attendance."""
    known = {normalise(h) for h in header}
    for headings, answer in _FOREIGN:
        if headings <= known:
            return answer
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
