"""Impact, for who leads: every promised figure, what events are worth, who carries how much, who waits."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from components import impact as drawn
from components import impact_at_risk, layout, loaders, navigation, paper, state
from components import impact_blocks as blocks
from components import impact_metric as one
from components.downloads import download_buttons
from components.views import one_view
from services import impact
from services.attendance import analysis
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id
from services.impact.untouched import per_currency

PAGE = "impact"
FRESH_MINUTES = 5
VIEWS = ("Success", "Value of events", "Topics", "Training", "Load and promises", "At risk")

viewer = layout.page("Impact", head=False)
now = utc_now()
# What outlives a rerun is kept for so long, whatever the data versions say; the head names it.
at = now.replace(minute=now.minute // FRESH_MINUTES * FRESH_MINUTES, second=0, microsecond=0)
layout.heading("Impact", "What the work with customers is worth", as_of=at)
wanted = drawn.filters(loaders.read(impact.choices, viewer))
events_seen_by = impact.lens_of(viewer, wanted, segment=False)
metrics = {metric.key: metric for metric in impact.METRICS}


def events_changed() -> analysis.Analysis:
    day = at.date()
    return loaders.read(analysis.analysis, events_seen_by, today=day, filters=wanted.events)


def success(*, printed: bool = False) -> None:
    with st.spinner("Counting what was promised …"):
        found = loaders.read(impact.measured, viewer, at=at, wanted=wanted)
        found = impact.complete(found, events_changed().lift)
    drawn.tiles(found, metrics, printed=printed)


def value(*, printed: bool = False) -> None:
    with st.spinner("Working out what events are worth …"):
        by_event = loaders.read(
            analysis.worth_by_event, events_seen_by, today=at.date(), filters=wanted.events
        )
        blocks.value(events_changed(), by_event, printed=printed)


def topics(*, printed: bool = False) -> None:
    blocks.topics(events_changed(), printed=printed)


def training(*, printed: bool = False) -> None:
    blocks.training(events_changed(), printed=printed)


def load(*, printed: bool = False) -> None:
    blocks.desks(loaders.read(impact.desks, viewer, at=at, wanted=wanted), printed=printed)


def at_risk(*, printed: bool = False) -> None:
    rows = loaders.read(impact.untouched, viewer, at=at, wanted=wanted)
    clicked = impact_at_risk.untouched(rows, per_currency(rows), printed=printed)
    if clicked is not None:
        navigation.go("customer", id=public_id("customer", clicked))


def one_figure(key: str) -> None:
    one.close_button()
    try:
        metric = impact.find_metric(key)
    except NotFound as error:
        layout.empty(error.message)
        return
    with st.spinner("Reading the rows it is made of …"):
        found = loaders.read(impact.opened, viewer, key=key, at=at, wanted=wanted)
        told = found.measured or next(
            x for x in impact.complete((), events_changed().lift) if x.key == key
        )
    one.opened(found, told, metric)
    make = partial(loaders.fresh, impact.export_rows, viewer, key=key, at=at, wanted=wanted)
    download_buttons(f"{PAGE}.{key}", drawn.file_stem(wanted, at, f"{key}-"), make)


DRAWN: dict[str, Any] = dict(
    zip(VIEWS, (success, value, topics, training, load, at_risk), strict=True)
)
opened = st.query_params.get(drawn.METRIC)
if opened:
    one_figure(opened)
    st.stop()
with paper.screen_only("view"), st.container(horizontal=True, vertical_alignment="center"):
    view = one_view(PAGE, VIEWS)
    in_full = state.key(PAGE, "print")
    printed = st.toggle("All on one page, to print", key=in_full, bind="query-params")
if printed:
    with paper.screen_only("hint"):
        st.caption("Print it or save it as PDF from the browser: menu and buttons stay away.")
    for name, draw in DRAWN.items():
        st.header(name, anchor=False)
        draw(printed=True)
else:
    DRAWN[view or VIEWS[0]]()  # an address may name none
st.download_button(
    "Download all as Excel",
    partial(loaders.fresh, impact.export, viewer, at=at, wanted=wanted),
    file_name=f"{drawn.file_stem(wanted, at)}.xlsx",
    on_click="ignore",
    key=state.key(PAGE, "download"),
    icon=":material/download:",
)
