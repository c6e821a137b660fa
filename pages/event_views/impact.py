"""What an event changed, beside what it cost."""

from __future__ import annotations

import streamlit as st

from components import event_analysis_views as views
from components import layout, loaders, navigation
from components.event_analysis import lift_words
from components.loaders import Viewer
from components.text import day
from services.attendance import analysis
from services.clock import utc_now
from services.errors import NotFound


def draw(viewer: Viewer, number: int) -> None:
    today = utc_now().date()
    try:
        with st.spinner("Working out what it changed …"):
            found = loaders.read(analysis.impact, viewer, number, today=today)
    except NotFound as error:
        layout.empty(error.message)
        return
    if found.measured:
        st.markdown(f"**Lift** {lift_words(found.lift)}")
        st.caption(
            "How much more the customers who came took part in other events in the 90 days after, against those "
            "who did not come, within segment and quarter of start. One event alone has a wide interval."
        )
    elif found.private:
        st.info("It was for a few customers, so there is nobody to compare them with.")
    elif today < found.measured_from:
        st.info(
            f"What it changed can be measured from {day(found.measured_from)}: 90 days after it are needed."
        )
    else:
        st.info(
            "It cannot be measured: the events of the 270 days before it are not on record, or no customer was "
            "there all that time."
        )
    if found.worth:
        views.worth(found.worth)
    navigation.link("event_analysis", "Event analysis")
