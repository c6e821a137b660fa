"""Advocacy: who could speak for us, what to ask of them, and what came of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, advocacy_board, advocacy_opportunity, layout, loaders, state
from components.downloads import download_buttons
from components.moments import reader_zone
from components.text import day, plain
from components.views import one_view
from services import first_steps
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id, read_id
from services.scoring import advocacy

PAGE = "advocacy"
VIEWS = ("Candidates", "Opportunities")
viewer = layout.page("Advocacy", "Customers who could speak for us, and what came of asking them")
zone = reader_zone()


def create(service: object, what: object, **more: object) -> None:
    made = actions.attempt(service, what, **more)  # type: ignore[arg-type]
    if made:
        state.flash(advocacy_board.say_created(len(made)))  # type: ignore[arg-type]
    st.rerun()


def candidates() -> None:
    known = loaders.read(advocacy.high, viewer, today=utc_now().date())
    found = loaders.fresh(advocacy.candidates, viewer, known=known)
    st.caption(f"As of {day(found.as_of)}")
    if found.rows:
        ticked = advocacy_board.candidate_table(found.rows, blocked=False)
        pressed = advocacy_board.create_buttons(len(found.rows), ticked)
        if pressed == "top":
            create(advocacy.create_top, advocacy_board.TOP)
        elif pressed == "ticked":
            create(advocacy.create, ticked)
    else:
        advocacy_board.nobody(loaders.read(first_steps.first_steps, viewer))
    if found.others:
        with st.expander(f"Not now ({len(found.others)}): high scores, and what speaks against it"):
            ticked = advocacy_board.candidate_table(found.others, blocked=True)
            if ticked and st.button("Ask in spite of the renewal", key=f"{PAGE}.override"):
                create(advocacy.create, ticked, override=True)


def opportunities() -> None:
    board = loaders.fresh(advocacy.listing, viewer)
    if not sum(board.counts.values()):
        layout.empty(
            "No opportunity yet.",
            hint="Create one under Candidates; it comes with a champion, notes and a first task.",
        )
        return
    advocacy_board.conversion(board, advocacy.TARGET)
    opened = advocacy_board.stages(board.rows, advocacy.STAGES)
    if opened is not None:
        st.query_params["opportunity"] = public_id("opportunity", opened)
        st.rerun()
    download_buttons(
        PAGE, "advocacy", partial(loaders.fresh, advocacy.download_opportunities, viewer)
    )


def one(asked_for: str) -> None:
    if st.button("Back to the list", key=f"{PAGE}.back", icon=":material/arrow_back:"):
        del st.query_params["opportunity"]
        st.rerun()
    try:
        number = read_id("opportunity", asked_for)
        row = loaders.fresh(advocacy.get_opportunity, viewer, number)
        steps = loaders.fresh(advocacy.history, viewer, number)
    except NotFound as error:
        st.warning(plain(error.message))
        return
    moves = sorted(advocacy.MOVES[row.stage])
    asked = advocacy_opportunity.opportunity(row, steps, moves, advocacy.TYPES, zone)
    if asked and asked.to:
        actions.run(advocacy.move, number, asked.to, asked.note, done="Noted.")
    elif asked:
        save(row, advocacy.Wording(asked.notes, asked.types))


def save(row: loaders.OpportunityRow, wanted: advocacy.Wording) -> None:
    base, there = advocacy_opportunity.opened(row), advocacy.Wording(row.notes, row.types)
    both = advocacy.clashes(base, wanted, there)
    done = actions.attempt(advocacy.edit, row.id, wanted, opened=base, done="Saved.")
    if done is not None:
        advocacy_opportunity.saved(row.id)
    elif both:
        advocacy_opportunity.told(row, both)
    st.rerun()


opened = st.query_params.get("opportunity")
if opened:
    one(opened)
else:
    view = one_view(PAGE, VIEWS)
    if view == VIEWS[1]:
        opportunities()
    else:
        candidates()
