"""What a preview asks before the file is imported: whose people, which event."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import state
from components.loaders import Homeless, OwnCompany, UploadView
from components.text import day, plain, plural
from components.upload_steps import Decision

PAGE = "upload"
ALONE = (
    "Imported as it is, this file makes an event of its own. The attendance report joins it later when it "
    "has the same name and day; better import that one first."
)


def joins(lost: Sequence[Homeless], view: UploadView) -> Decision:
    """For polls, questions and registrations of an event that is not on record: the choices with which it
    joins one that is, once somebody says that it is the same."""
    for event in lost:
        with st.container(border=True):
            st.markdown(
                f":material/event_busy: **{plain(event.name)}** is not on record yet. "
                + ("Does this file belong to one of these?" if event.likely else ALONE)
            )
            for place, one in enumerate(event.likely):
                key = state.key(PAGE, f"join.{view.id}.{event.event_ref}.{place}")
                if st.button(f"{plain(one.name)}, {day(one.held_on)}", key=key):
                    former = view.choices.events
                    own = {**former.get(event.event_ref, {}), **dict(one.choices)}
                    return Decision(changes={"events": {**former, event.event_ref: own}})
            if event.likely:
                st.caption(ALONE)
    return Decision()


def own_company(found: OwnCompany | None, upload_id: int) -> str | None:
    """The domain, when it was said to be the own company's."""
    if found is None:
        return None
    who = plural(found.people, "person", "people")
    verb = "is" if found.people == 1 else "are"
    reason = "as you are" if found.own else "hosts among them"
    with st.container(border=True):
        st.markdown(
            f":material/badge: {who} in this file {verb} from **{plain(found.domain)}**, {reason}. "
            "Is that your own company? Colleagues count for no customer."
        )
        if not found.may_add:
            st.caption("An admin can say so on the Settings page.")
            return None
        key = state.key(PAGE, f"own.{upload_id}.{found.domain}")
        return found.domain if st.button("Yes, these are colleagues", key=key) else None
