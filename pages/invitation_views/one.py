"""One invitation, as it would be written, before its draft is made."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import actions, invitation_one, layout, loaders, navigation, state
from components.loaders import Viewer
from components.text import plain, plural
from services import rendering
from services.errors import AppError
from services.ids import public_id
from services.invitations.inviting import Wishes, invite_many, preview
from services.invitations.ranking import dismiss

PAGE = "invitations"


def draw(viewer: Viewer, event_id: int, customer_id: int) -> None:
    if st.button("Back to the list", icon=":material/arrow_back:", key=f"{PAGE}.back"):
        del st.query_params["customer"]
        st.rerun()
    asked = state.get(PAGE, f"person.{customer_id}")
    try:
        found = loaders.fresh(preview, viewer, event_id, customer_id, stakeholder_id=asked)
    except AppError as error:
        layout.empty(error.message)
        return
    st.subheader(f"{plain(found.house.name)}: {plain(found.event.name)}", anchor=False)
    person = invitation_one.person_picker(found)
    invitation_one.profile(found)
    invitation_one.why(found)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        pressed = invitation_one.create_button(found)
        topic = invitation_one.topic_picker(found)
        navigation.link("customer", "Customer", id=public_id("customer", customer_id))
    if found.text:
        invitation_one.mail(found, rendering.safe_preview(found.html))
    if topic:
        said = "Noted. It can be taken back on the customer's page, under Interests."
        actions.run(dismiss, customer_id, topic, event_id=event_id, done=said)
    if pressed and person is not None:
        wishes = Wishes(people={customer_id: person})
        made = actions.attempt(invite_many, event_id, [customer_id], wishes=wishes)
        if made is not None and made.draft_ids:
            navigation.go("draft", id=public_id("draft", made.draft_ids[0]))
        if made is not None:
            say(made)
        st.rerun()


def say(made: Any) -> None:
    """How it went, customer by customer where nobody could be invited."""
    if made.draft_ids:
        state.flash(f"{plural(len(made.draft_ids), 'draft')} made. They wait on the Drafts page.")
    for _, why in made.left[:5]:
        state.flash(f"Not invited: {why}", kind="note")
    if len(made.left) > 5:
        state.flash(f"And {len(made.left) - 5:,} more could not be invited.", kind="note")
