"""Risk: customers who fade from our events, why we think so, and what to do about it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, layout, loaders, risk_list, risk_outreach, risk_signal, state
from components.downloads import download_buttons
from components.loaders.address import in_address
from components.moments import reader_day, reader_zone
from components.text import plural
from pages.task_views import undoing
from pages.task_views.moves import close
from services import first_steps
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id
from services.scoring import risk

PAGE = "risk"
viewer = layout.page(
    "Risk", "Customers who come less than their own past and the pull of the events let one expect"
)
zone = reader_zone()


def look() -> None:
    with st.spinner("Comparing everybody with their own past …"):
        found = actions.attempt(risk.detect)
    if found is not None:
        state.flash(
            f"{plural(found.judged, 'customer')} with enough history judged as of {found.as_of}: "
            f"{found.opened} new, {found.escalated} worse, {found.closed} closed, "
            f"{found.still} still fading."
        )
    st.rerun()


def plan(page: str, signals: tuple[int, ...], at: object = None) -> None:
    """`page` is where it is offered to take it back."""
    with st.spinner("Writing to each of them …"):
        made = actions.attempt(risk.plan_outreach, signals, at=at)
    if made is not None:
        undoing.keep_written(page, made)
        risk_outreach.say_planned(len(made.drafts), len(made.tasks), made.unreachable, made.before)
    st.rerun()


def one(number: int) -> None:
    if st.button("Back to the list", key=f"{PAGE}.back", icon=":material/arrow_back:"):
        del st.query_params["signal"]
        st.rerun()
    try:
        row = loaders.fresh(risk.get_signal, viewer, number)
        moves = loaders.fresh(risk.history, viewer, number)
    except NotFound as error:
        layout.empty(error.message)
        return
    page = f"{PAGE}.{number}"
    undoing.offer(page)
    done = partial(close, page, said="Noted: the task is done.")
    pressed = risk_signal.signal(row, moves, zone, reader_day(utc_now()), done)
    if pressed is None:
        return
    if pressed.what == "plan":
        plan(page, (number,), pressed.at)
    elif pressed.what == "close":
        actions.run(risk.close, number, pressed.why, done="Closed. They stay quiet for 180 days.")
    elif pressed.what == "acknowledge":
        actions.run(risk.acknowledge, number, done="Noted: you have it in hand.")
    else:
        actions.run(risk.reopen, number, done="It is open again.")


def signals() -> None:
    segments, csms = loaders.fresh(risk.choices, viewer)
    wanted = risk_list.filters(segments, csms, in_address("customer", "customer"))
    listing = partial(loaders.fresh, risk.listing, viewer, filters=wanted, limit=risk_list.ROWS)
    found = listing()
    if not found.total:
        risk_list.nothing(wanted, loaders.read(first_steps.first_steps, viewer))
        return
    risk_list.figures(found)
    if offset := risk_list.place(found.total):
        found = listing(offset=offset)
    clicked, ticked = risk_list.table(found)
    if clicked is not None:
        st.query_params["signal"] = public_id("signal", clicked)
        st.rerun()
    st.caption("Click a cell to see why; tick rows to plan outreach for several.")
    with st.container(horizontal=True, gap="small"):
        chosen = risk_outreach.bulk(
            ticked,
            [row.id for row in found.rows if row.state != "closed"],
            {row.id: row.customer_id for row in found.rows},
        )
    if chosen:
        plan(PAGE, chosen)
    download_buttons(
        PAGE, "risk", partial(loaders.fresh, risk.download_signals, viewer, filters=wanted)
    )


opened = in_address("signal", "signal")
if opened is not None:
    one(opened)
else:
    if st.button("Look for risk now", key=f"{PAGE}.look", icon=":material/radar:"):
        look()
    undoing.offer(PAGE)
    signals()
