"""Record attendance: who was at an event that no platform tells of, entered by hand."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    actions,
    attendance_entry,
    attendance_people,
    layout,
    loaders,
    navigation,
    state,
)
from components.moments import reader_day
from services.clock import utc_now
from services.ids import public_id
from services.uploads import manual
from services.uploads.event_types import TITLES

viewer = layout.page(
    "Record attendance", "For a dinner, a visit, a call: what no platform exports."
)


def told(found: loaders.Recorded) -> None:
    """How it went, for the top of the next page."""
    matched = sum(one.verdict == "matched" for one in found.answers)
    kept = sum(one.verdict in ("matched", "review", "unmatched") for one in found.answers)
    if found.repeat:
        state.flash("The same was recorded before. There was nothing to do.", kind="note")
    elif found.upload_id is not None:
        state.flash(f"Recorded {kept}, {matched} of them with their customer. Scores follow.")
    for one in found.answers:
        if one.verdict == "rejected" and one.reason:
            state.flash(one.reason, kind="error")


st.subheader("Event", anchor=False)
event = attendance_entry.event_choice(
    partial(loaders.fresh, manual.find_events, viewer),
    TITLES,
    reader_day(utc_now()),
    partial(loaders.fresh, manual.segments_in_use, viewer),
)
st.subheader("People", anchor=False)
chosen = attendance_people.people_choice(
    partial(loaders.fresh, manual.find_people, viewer),
    partial(loaders.fresh, manual.find_customers, viewer),
    manual.MOST,
)
if not chosen:
    layout.empty(
        "Nobody is chosen yet.",
        hint="Find people above. Many at once are quicker in a file: see the Upload page.",
    )
else:
    deeds = attendance_entry.deeds_form(chosen, manual.STATUSES, ready=event is not None)
    if event is None:
        st.caption("Choose the event first.")
    if st.button("Start over", icon=":material/restart_alt:"):
        state.drop(attendance_entry.PAGE, "people")
        st.rerun()
    if deeds and event is not None:
        found = actions.attempt(manual.enter, event, deeds)
        if found:
            told(found)
            state.drop(attendance_entry.PAGE, "people")
            if found.upload_id is not None:
                navigation.go("upload", id=public_id("upload", found.upload_id))
        st.rerun()
