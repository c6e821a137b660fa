"""What is held about one stakeholder: given to them, or erased once the name is typed."""

from __future__ import annotations

import streamlit as st

from components import state
from components.loaders import ErasurePreview
from components.text import plain, plural

PAGE = "customer"


def wants_export(who: str) -> bool:
    """Whether it shall be put together: that goes into the audit log, so it takes a press of its own."""
    return st.button(
        "Put together all that is held about them",
        key=state.key(PAGE, f"{who}.export"),
        icon=":material/folder_open:",
    )


def export_ready(who: str, made: bytes) -> None:
    st.download_button(
        "Download it",
        made,
        file_name=f"{who}.json",
        mime="application/json",
        on_click="ignore",
        key=state.key(PAGE, f"{who}.export_file"),
        icon=":material/download:",
    )


def wants_preview(who: str) -> bool:
    return st.toggle("Erase this person…", key=state.key(PAGE, f"{who}.erase"))


def confirm(who: str, preview: ErasurePreview) -> str | None:
    """Draws what would go and what would stay; the name as typed, once it is confirmed."""
    with st.container(border=True):
        st.markdown(f"**Erasing {plain(preview.name)} cannot be taken back.**")
        rows = sum(preview.changes.values())
        files = plural(len(preview.uploads), "kept file")
        st.markdown(
            f"What goes: the name, the addresses and the words in {plural(rows, 'row')} of "
            f"{plural(len(preview.changes), 'table')}, {files}, and "
            f"{plural(preview.deliveries, 'delivery', 'deliveries')} of other systems. Mails that wait are cancelled."
        )
        st.markdown(
            f"What stays: {plural(preview.attendances, 'attendance')} and "
            f"{plural(preview.mails, 'campaign mail')}, without a name, so that counts and scores stay as they are."
        )
        for sentence in preview.stays[1:]:
            st.caption(sentence + ".")
        if preview.namesakes:
            st.caption(
                "Somebody else here has the same name: where a text does not say which of them it means, "
                "the name stays."
            )
        with st.form(state.key(PAGE, f"{who}.erase_form"), border=False):
            typed = st.text_input(
                f"Type {plain(preview.confirm)} to erase them",
                key=state.key(PAGE, f"{who}.erase_name"),
                max_chars=310,
                width=320,
            )
            return typed if st.form_submit_button("Erase for good", type="primary") else None
