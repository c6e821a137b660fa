"""Engagement: who takes part, who stays away, and why the score says so."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from components import browser_bridge, layout, loaders, navigation, state
from components.distribution_chart import distribution_chart
from components.downloads import download_buttons
from components.figures import figure_row
from components.filters import PAGE, Choices, day_note, day_picker, filter_bar, sort_picker
from components.leaderboard import leaderboard
from components.phone import strip
from components.score_panel import why_drawer
from components.text import plain
from components.views import one_view
from services import customers
from services.errors import NotFound
from services.ids import public_id, read_id
from services.scoring import board, words
from services.scoring.download import download_board

VIEWS = ("Leaderboard", "Distribution")
GROUPS = {"Everyone": None, "By segment": "segment", "By CSM": "csm"}

viewer = layout.page("Engagement", head=False)
known = loaders.read(board.board_day, viewer)
if (
    known.last_event is None
    or not loaders.read(board.standings, viewer, as_of=known.as_of).rows.height
):
    layout.heading("Engagement", "Who comes to our events")
    layout.empty(
        "No board yet.",
        hint="Load your customers, then drop an attendance file on the Upload page. "
        "The scores are here seconds later.",
    )
    navigation.link("upload", "Go to Upload")
    st.stop()

head = st.container()

with strip("board-filters"):
    as_of = day_picker(known.as_of, known.today, known.first_event)
    with st.spinner(
        "Scoring everybody as of that day …"
    ):  # the board of a past day is stored nowhere
        standings = loaders.read(board.standings, viewer, as_of=as_of)
    chosen = filter_bar(Choices(*words.choices(standings.rows)))
with head:
    layout.heading("Engagement", "Who comes to our events", as_of=as_of)
    day_note(as_of, known.as_of, known.today, known.last_event)

filters = board.BoardFilters(
    chosen.segment, chosen.csm_id, chosen.band, chosen.trend, chosen.search
)
found = board.page_of(standings, filters, limit=None).rows
summary = board.summary_of(found)
figure_row(
    summary.customers,
    standings.rows.height,
    summary.average,
    {band: (words.BAND_TITLES[band], count) for band, count in summary.bands.items()},
)
with st.container(horizontal=True, gap="small", vertical_alignment="center"):
    view = one_view(PAGE, VIEWS)
    tools = st.container(horizontal=True, gap="small", width="content")

if not found.height:
    layout.empty("No customer fits these filters.", hint="Clear one of them to see more.")
elif view == "Distribution":
    with tools:
        split = st.segmented_control(
            "Split",
            list(GROUPS),
            default="Everyone",
            key=state.key(PAGE, "split"),
            bind="query-params",
            label_visibility="collapsed",
            required=True,
        )
    distribution_chart(PAGE, board.distribution_of(found, GROUPS[split]))
else:
    pages = math.ceil(found.height / board.PAGE_ROWS)
    number = 1
    with tools:
        sort, descending = words.SORTS[sort_picker(words.SORT_WORDS)]
        if pages > 1:
            number = st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params")
    order = {"sort": sort, "descending": descending}
    offset = (number - 1) * board.PAGE_ROWS
    shown = board.page_of(standings, filters, **order, offset=offset)
    clicked = leaderboard(PAGE, words.board_rows(shown.rows))
    st.caption("Click a row to see why it stands where it does.")
    download_buttons(
        PAGE,
        f"engagement-{as_of}",
        partial(loaders.fresh, download_board, viewer, as_of=as_of, filters=filters, **order),
    )
    if clicked is not None:
        st.query_params["customer"] = public_id("customer", clicked)

browser_bridge.enter_counts(state.key(PAGE, "day"))  # at the end, where its gap is not seen

asked = st.query_params.get("customer")
if asked:
    try:
        number = loaders.fresh(customers.present, viewer, read_id("customer", asked))
        why = loaders.read(board.why, viewer, number, as_of=as_of)
        why_drawer(why, asked, PAGE)
    except NotFound as error:
        st.warning(plain(error.message))
