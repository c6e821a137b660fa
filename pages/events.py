"""Events: what was held, who came, and whether anybody followed up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from components import (
    event_calendar,
    event_list,
    layout,
    loaders,
    navigation,
)
from components.downloads import download_buttons
from components.moments import reader_day
from components.views import one_view
from pages.event_views import late
from services.attendance import events
from services.attendance.events import EventFilters
from services.attendance.events.listing import STATES
from services.clock import utc_now
from services.ids import public_id
from services.invitations.catalogue import listing

PAGE = "events"
VIEWS = ("All events", "Upcoming", "Calendar", "Late follow-ups")

viewer = layout.page("Events", "What was held, who came, and how far the follow-up is")


navigation.link("plan_event", "Plan an event")


def all_events() -> None:
    every = loaders.read(events.table, viewer)
    if every.is_empty():
        layout.empty(
            "No events yet.",
            hint="Drop an attendance file on the Upload page. Follow-ups for the customers who were at an "
            "event of the last 14 days are drafted within minutes.",
        )
        navigation.link("upload", "Go to Upload")
        return
    wanted = EventFilters(*event_list.filters(loaders.read(events.choices, viewer), STATES))
    found = events.listed(every, loaders.fresh(events.follow_ups, viewer), wanted, utc_now())
    if found.is_empty():
        layout.empty("No event fits these filters.", hint="Clear one of them to see more.")
        return
    clicked = event_list.table(found.slice(event_list.place(found.height), event_list.ROWS))
    if clicked is not None:
        navigation.go("event", id=public_id("event", clicked))
    make = partial(loaders.fresh, events.export, viewer, filters=wanted)
    download_buttons(PAGE, "events", make)


def upcoming() -> None:
    rows = loaders.fresh(listing.upcoming, viewer, search=event_calendar.search())
    if rows.is_empty():
        layout.empty(
            "No event lies ahead.",
            hint="Plan one, or upload a platform's list of registrations for an event to come.",
        )
        return
    clicked = event_calendar.upcoming(rows)
    if clicked is not None:
        navigation.go("event", id=public_id("event", clicked), **{"event.view": "Invitations"})
    download_buttons(PAGE, "upcoming_events", partial(loaders.fresh, listing.export, viewer))


def month() -> None:
    first = event_calendar.month(reader_day(utc_now()))
    clicked = event_calendar.weeks(first, loaders.fresh(listing.month, viewer, first))
    if clicked is not None:
        navigation.go("event", id=public_id("event", clicked))


view = one_view(PAGE, VIEWS)
SHOWN: dict[str, Callable[[], None]] = dict(
    zip(VIEWS, (all_events, upcoming, month, partial(late.draw, viewer)), strict=True)
)
SHOWN[view or VIEWS[0]]()  # an address may name none
