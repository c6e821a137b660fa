"""RingCentral Events (Hopin) registrations with minutes per area."""

from __future__ import annotations

from integrations.formats.assemble import Facts
from integrations.formats.plain import Plain, signature

# First and last seen span the whole event; only the minutes say how long somebody was there,
# so the last-seen time is not taken for a leave time.
_COLUMNS = {
    "first name": "first_name",
    "last name": "last_name",
    "email": "email",
    "company": "company",
    "job title": "title",
    "registered at utc": "registered_at",
    "attended": "status",
    "first seen utc": "joined_at",
    "total minutes": "minutes",
    "polls answered": "polls",
    "questions asked": "questions",
    "sessions attended": "sessions",
}

LAYOUTS = (
    Plain(
        "ringcentral",
        "RingCentral Events registrations",
        "hopin",
        (signature("first seen utc", "last seen utc", "total minutes"),),
        _COLUMNS,
        Facts(event_type="conference", zone="UTC"),
    ).layout(),
)
