"""Score weights: what each component is worth, tried out before it counts."""

from __future__ import annotations

import streamlit as st

from components import actions, health_weights, layout, loaders, state
from components.text import plain
from components.weights_editor import PAGE, preview_tables, version_list, weights_editor
from services.access import ADMINISTRATOR
from services.errors import BadInput
from services.scoring import board, health, publish
from services.scoring.weights import WeightBook, Weights

viewer = layout.page(
    "Score weights", "What each part of the engagement score is worth. The parts add up to 100."
)
is_admin = viewer.role == ADMINISTRATOR
versions = loaders.read(publish.versions, viewer)
counting = versions[0]
day = loaders.read(board.board_day, viewer)
standings = loaders.read(board.standings, viewer, as_of=day.as_of)

typed, own = weights_editor(
    counting.version,
    counting.book.default.as_dict(),
    {segment: weights.as_dict() for segment, weights in counting.book.by_segment.items()},
    standings.rows["segment"].drop_nulls().unique().to_list(),
)
try:
    book = WeightBook(
        Weights.from_dict(typed),
        {segment: Weights.from_dict(points) for segment, points in own.items()},
    )
except BadInput as error:
    st.warning(plain(error.message))
    book = counting.book

if book != counting.book:
    st.subheader("What would change", anchor=False)
    with st.spinner("Scoring everybody by them …"):
        changes = loaders.read(publish.preview, viewer, as_of=day.as_of, book=book)
    preview_tables(changes)
    if is_admin:
        with st.form(state.key(PAGE, "publish")):
            note = st.text_input(
                "Why the change?", key=state.key(PAGE, "note"), max_chars=publish.LONGEST_NOTE
            )
            if st.form_submit_button("Publish and score everybody anew", type="primary"):
                with st.spinner("Scoring everybody anew …"):
                    actions.run(
                        publish.publish,
                        book=book,
                        note=note,
                        done="Published: the new weights count.",
                    )
    else:
        st.info("You can try weights out here. Ask an admin to publish them.")

st.subheader("Versions", anchor=False)
chosen = version_list(versions, revertible=is_admin)
if chosen is not None:
    with st.spinner("Scoring everybody anew …"):
        actions.run(
            publish.revert, version=chosen, done=f"The weights of version {chosen} count again."
        )

st.subheader("Engagement in the health score", anchor=False)
in_force = loaders.fresh(health.load, viewer)
engagement = health_weights.editor(in_force)
wanted = health.HealthWeights(100 - engagement, engagement)
if wanted != in_force:
    health_weights.preview_tables(
        loaders.fresh(health.preview, viewer, weights=wanted), health.LINES
    )
    if not is_admin:
        st.info("You can try weights out here. Ask an admin to put them in force.")
    elif st.button("Put in force", type="primary", key=state.key(PAGE, "health.save")):
        with st.spinner("Computing everybody's health anew …"):
            actions.run(
                health.set_weights, wanted, done="In force: everybody's health is computed anew."
            )
