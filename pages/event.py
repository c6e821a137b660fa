"""Event: who came and who did not, what was written to them, and what there is to pass on."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from components import (
    actions,
    event_details,
    event_head,
    event_opened,
    event_people,
    layout,
    loaders,
    navigation,
    state,
)
from components.downloads import download_buttons
from components.text import plain, plural
from components.views import one_view
from pages.event_views import impact, invitations, newcomers
from services.attendance import events, follow_up
from services.attendance.events import Details
from services.attendance.events.viewing import PEOPLE_LABELS, TYPES
from services.attendance.follow_up import breaches
from services.attendance.follow_up.records import Part, Resource
from services.errors import NotFound
from services.ids import public_id, read_id

PAGE = "event"
VIEWS = ("People", "Invitations", "Follow-up", "Impact", "Details")

viewer = layout.page("Event", head=False)
try:
    number = read_id("event", st.query_params.get("id", ""))
    event = loaders.fresh(events.view, viewer, number)
except NotFound as error:
    layout.heading("Event")
    st.warning(plain(error.message) if "id" in st.query_params else "No event is chosen.")
    navigation.link("events", "Choose an event")
    st.stop()


def entered(form: dict[str, Any]) -> Details:
    """The form's rows as records; rows without a title are refused by name when they are saved."""
    parts = (
        Part(row["id"] or 0, row["Title"] or "", row["Speaker"], tuple(row["Topics"] or ()), tuple(row["Takeaways"] or ()))
        for row in form["parts"]
    )  # fmt: skip
    resources = (
        Resource(row["Title"] or "", row["Address"] or "", form["sessions"].get(row["Session"]), tuple(row["Topics"] or ()))
        for row in form["resources"]
    )  # fmt: skip
    return Details(
        form["type"], form["topic"], form["cost"], tuple(parts), tuple(resources), form["private"], form["seen"]
    )  # fmt: skip


def make(pressed: str) -> None:
    service = events.renew if pressed == "renew" else follow_up.create_now
    with st.spinner("Writing to each of them …"):
        made = actions.attempt(service, number)
    if made is not None:
        state.flash(f"{plural(made, 'draft')} made. They wait on the Drafts page.")
    st.rerun()


layout.heading(event.name, event_head.subtitle(event))
people = loaders.read(events.attendees, viewer, number)
if event.over:
    counts = loaders.fresh(breaches.counts_of_event, viewer, number)
    event_head.figures(event, people, counts)
unread = loaders.fresh(events.unread, viewer, number)
pressed = event_head.create_now(event, old=not event.by_itself, unread=unread)
if pressed:
    make(pressed)
view = one_view(PAGE, VIEWS, VIEWS[0] if event.over else VIEWS[1])
if view != "Details":
    event_opened.close(number)
if view == "Invitations":
    invitations.draw(viewer, number)
elif view == "Impact":
    impact.draw(viewer, number)
elif view == "Details":
    if form := event_details.details(event, TYPES, events.merged):
        saved = actions.attempt(
            events.save, number, entered(form), done="Saved. New drafts use it."
        )
        event_opened.close(number) if saved is not None else event_opened.beside(number, form)
        st.rerun()
elif view == "Follow-up":
    event_people.clock(loaders.fresh(breaches.of_event, viewer, number))
elif people.is_empty():
    layout.empty(
        "Nobody of your customers is on record for this event.",
        hint="Upload its attendance file, or answer what is open on the Match review page.",
    )
else:
    newcomers.draw(viewer, number)
    shown = event_people.narrowed(people)
    written = loaders.fresh(events.with_drafts, viewer, number, shown)
    customer, draft = event_people.people(written, PEOPLE_LABELS)
    with st.container(horizontal=True, gap="small"):
        if draft is not None:
            navigation.link("draft", "Open the draft", id=public_id("draft", draft))
        if customer is not None:
            navigation.link("customer", "Open the customer", id=public_id("customer", customer))
    download_buttons(
        PAGE, "event_people", partial(loaders.fresh, events.export_people, viewer, number)
    )
