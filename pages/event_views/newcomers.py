"""People who came and whom nobody can write to yet, made stakeholders in one go."""

from __future__ import annotations

import streamlit as st

from components import actions, event_people, loaders, state
from components.loaders import Viewer
from components.text import plural
from services.attendance import events
from services.uploads.rematch import rematching


def draw(viewer: Viewer, number: int) -> None:
    """Nothing where there are none."""
    waiting = loaders.read(events.newcomers, viewer, number)
    if waiting.height and event_people.newcomers(waiting):
        added = actions.attempt(events.add_newcomers, number, within=rematching)
        if added:
            state.flash(
                f"{plural(added, 'person', 'people')} added as {'a stakeholder' if added == 1 else 'stakeholders'}. "
                "Their follow-ups can be made now."
            )
        st.rerun()
