"""Engagement: who takes part, who stays away, and why the score says so."""

from __future__ import annotations

import math

import streamlit as st

from components import layout, loaders, navigation, state
from components.distribution_chart import distribution_chart
from components.figures import figure_row
from components.filters import PAGE, Choices, day_picker, filter_bar, sort_picker
from components.leaderboard import leaderboard
from components.score_panel import why_panel
from components.text import day, plain, plural
from services.errors import NotFound
from services.ids import public_id, read_id
from services.scoring import board, words

VIEWS = ("Leaderboard", "Distribution")
GROUPS = {"Everyone": None, "By segment": "segment", "By CSM": "csm"}

viewer = layout.page("Engagement", head=False)
head = st.container()
known = loaders.read(board.board_day, viewer)

with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
    as_of = day_picker(known.as_of, known.today, known.first_event)
    standings = loaders.read(board.standings, viewer, as_of=as_of)
    chosen = filter_bar(Choices(*words.choices(standings.rows)))
with head:
    layout.heading("Engagement", "Who comes to our events", as_of=as_of)
    if known.as_of != known.today and as_of == known.as_of:
        st.info(
            f"The last event on record was on {plain(day(known.last_event))}, so the board is shown "
            "as of that day. Choose another day to look at it from there.",
            icon=":material/history:",
        )

if not standings.rows.height or known.last_event is None:
    layout.empty(
        "No board yet.",
        hint="Load your customers, then drop an attendance file on the Upload page. "
        "The scores are here seconds later.",
    )
    navigation.link("upload", "Go to Upload")
    st.stop()

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
view = st.segmented_control(
    "View",
    VIEWS,
    default=VIEWS[0],
    key=state.key(PAGE, "view"),
    bind="query-params",
    label_visibility="collapsed",
    required=True,
)

if not found.height:
    layout.empty("No customer fits these filters.", hint="Clear one of them to see more.")
elif view == "Distribution":
    split = st.segmented_control(
        "Split",
        list(GROUPS),
        default="Everyone",
        key=state.key(PAGE, "split"),
        bind="query-params",
        required=True,
    )
    distribution_chart(PAGE, board.distribution_of(found, GROUPS[split]))
else:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        sort, descending = words.SORTS[sort_picker(words.SORT_WORDS)]
        pages = math.ceil(found.height / board.PAGE_ROWS)
        number = 1
        if pages > 1:
            number = min(
                st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params"), pages
            )
    shown = board.page_of(
        standings,
        filters,
        sort=sort,
        descending=descending,
        offset=(number - 1) * board.PAGE_ROWS,
    )
    st.caption(
        f"{plural(shown.total, 'customer')}. Click a row to see why it stands where it does."
    )
    clicked = leaderboard(PAGE, words.board_rows(shown.rows))
    if clicked is not None:
        st.query_params["customer"] = public_id("customer", clicked)


def close() -> None:
    st.query_params.pop("customer", None)


@st.dialog("Why this score", width="medium", position="right", on_dismiss=close)
def explain(customer_id: int) -> None:
    why = loaders.read(board.why, viewer, customer_id, as_of=as_of)
    st.subheader(plain(why.customer), anchor=False)
    navigation.link("customer", "Open the customer page", id=public_id("customer", customer_id))
    why_panel(why)


asked = st.query_params.get("customer")
if asked:
    try:
        explain(read_id("customer", asked))
    except NotFound as error:
        st.warning(plain(error.message))
