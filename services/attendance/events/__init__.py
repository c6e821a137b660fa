"""Events as people look at them: the list, one of them, and what is entered by hand."""

from __future__ import annotations

from services.attendance.events.editing import Details, renew, save, unread
from services.attendance.events.listing import (
    EventFilters,
    choices,
    export,
    follow_ups,
    listed,
    table,
)
from services.attendance.events.merging import merged
from services.attendance.events.newcomers import add_newcomers, newcomers
from services.attendance.events.viewing import (
    EventView,
    attendees,
    export_people,
    people,
    view,
    with_drafts,
)

__all__ = [
    "Details",
    "EventFilters",
    "EventView",
    "add_newcomers",
    "attendees",
    "choices",
    "export",
    "export_people",
    "follow_ups",
    "listed",
    "merged",
    "newcomers",
    "people",
    "renew",
    "save",
    "table",
    "unread",
    "view",
    "with_drafts",
]
