"""Event analysis: what events change, with counts, intervals and a comparison group."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from components import event_analysis as drawn
from components import event_analysis_rows as behind_it
from components import event_analysis_support as support
from components import event_analysis_views as views
from components import layout, loaders, navigation, state
from components.downloads import download_buttons
from components.views import one_view
from services.attendance import analysis
from services.attendance.analysis import AnalysisFilters
from services.attendance.analysis.rates import since
from services.attendance.analysis.worth import SHARE_IN_REVENUE
from services.clock import utc_now

PAGE = "event_analysis"
VIEWS = ("Trends", "Topics", "Reach", "Lift", "Value by segment", "Training", "Follow-up")
FILES = {"Trends": "months", "Topics": "topics", "Value by segment": "by_segment"}
IN_PARTS = ("Lift", "Value by segment")
ROWS = {
    "Trends": ("seats",),
    "Topics": ("seats",),
    "Reach": ("reach",),
    "Lift": ("lift",),
    "Value by segment": ("worth",),
    "Training": ("people", "again", "support", "tickets"),
}

viewer = layout.page("Event analysis", head=False)
today = utc_now().date()
layout.heading("Event analysis", "What events change, and how sure one can be", as_of=today)
segments, types = loaders.read(analysis.choices, viewer)
if not types:
    layout.empty(
        "Nothing to analyse yet.",
        hint="Once events with attendance are on record, trends and topics show at once, and what events "
        "change after 90 days.",
    )
    navigation.link("upload", "Go to Upload")
    st.stop()
days, segment, kind = drawn.filters(segments, types)
view = one_view(PAGE, VIEWS)
share = SHARE_IN_REVENUE
if view == "Value by segment":
    share = drawn.share_in_revenue(share)
wanted = AnalysisFilters(days, segment, kind, share)
found: Any = None
tickets = None
with st.spinner("Working out what events change …"):
    if view == "Training":
        found, tickets = loaders.read(analysis.with_tickets, viewer, today=today, filters=wanted)
    else:  # what is not shown is not worked out
        service = analysis.analysis if view in IN_PARTS else analysis.overview
        found = loaders.read(service, viewer, today=today, filters=wanted)
rates = loaders.fresh(
    analysis.rates, viewer, since=since(utc_now(), days), segment=segment, event_type=kind
)
drawn.headline(found, rates)
if view == "Trends":
    views.trends(found.months)
elif view == "Topics":
    views.topics(found.topics)
elif view == "Reach":
    views.reach(found.reach)
elif view == "Lift":
    views.lifts(found)
elif view == "Value by segment":
    views.worth(found.worth)
elif view == "Training":
    views.training(found.training)
    support.tickets(tickets)
else:
    behind_it.rows_behind(
        rates.rows.head(analysis.MOST_SHOWN), rates.rows.height, analysis.ROWS_OF["follow_up"]
    )
    navigation.link("events", "Late follow-ups", **{"events.view": "Late follow-ups"})
    follow_ups = partial(loaders.fresh, analysis.export_follow_ups, viewer, filters=wanted)
    download_buttons(PAGE, "event_follow_up", follow_ups)
export = partial(loaders.fresh, analysis.export, viewer, today=today, filters=wanted)
if view in FILES:
    download_buttons(PAGE, f"event_{FILES[view]}", partial(export, what=FILES[view]))
for what in ROWS.get(view, ()):
    behind = st.expander(
        f"The rows it is made of: {analysis.ROWS_OF[what]}",
        key=state.key(PAGE, f"rows.{what}"),
        on_change="rerun",
    )
    if not behind.open:
        continue  # they are read for who wants to see them
    with behind:
        shown = loaders.read(analysis.rows_shown, viewer, today=today, filters=wanted, what=what)
        behind_it.rows_behind(shown.rows, shown.total, analysis.ROWS_OF[what])
        download_buttons(f"{PAGE}.{what}", f"event_{what}", partial(export, what=what))
