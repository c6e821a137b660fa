"""What words for a status mean that the app does not know."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import state
from components.loaders import UploadView
from components.text import plain, plural

PAGE = "upload"
ANSWERS = {
    "": "Not known",
    "attended": "Attended",
    "no_show": "No-show",
    "registered": "Registered",
    "cancelled": "Cancelled",
}
WHY = (
    "A row whose status is not known counts only if it tells a time there. Say what the words mean: files with the "
    "same columns are read so from now on."
)


def status_question(view: UploadView, name: str) -> dict[str, Any] | None:
    """The `statuses` chosen, once confirmed; open as long as a word has no meaning."""
    if not view.status_words:
        return None
    open_ = any(said is None for _, _, said in view.status_words)
    title = f"{plural(len(view.status_words), 'word')} for the status that the app does not know"
    with (
        st.expander(title, expanded=open_, icon=":material/help:"),
        st.form(state.key(PAGE, f"statuses.{name}"), border=False),
    ):
        st.caption(WHY)
        picked = _pickers(view, name)
        if st.form_submit_button("Use these meanings"):
            return {"statuses": {**(view.choices.statuses or {}), **picked}}
    return None


def _pickers(view: UploadView, name: str) -> dict[str, str]:
    picked: dict[str, str] = {}
    with st.container(horizontal=True, gap="small"):
        for place, (word, rows, said) in enumerate(view.status_words):
            picked[word] = st.selectbox(
                plain(f"{word} ({plural(rows, 'row')})"),
                list(ANSWERS),
                index=list(ANSWERS).index(said or ""),
                format_func=lambda answer: ANSWERS[answer],
                key=state.key(PAGE, f"status.{name}.{place}"),
                width=240,
            )
    return picked
