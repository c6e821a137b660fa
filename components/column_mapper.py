"""Which column of a file holds what."""

from __future__ import annotations

import streamlit as st

from components import state
from components.loaders import FilePreview

PAGE = "customers"


def column_mapper(preview: FilePreview, name: str) -> tuple[tuple[str, str], ...] | None:
    """The mapping when the person has just confirmed one; `name` keeps apart the widgets of two files."""
    with (
        st.expander("Columns", expanded=preview.needs_mapping),
        st.form(state.key(PAGE, f"{name}.form"), border=False),
    ):
        _sample(preview)
        picked = _picked(preview, name)
        return tuple(picked.items()) if st.form_submit_button("Use these columns") else None


def _sample(preview: FilePreview) -> None:
    if preview.sample:
        columns = {
            column: [row[place] if place < len(row) else "" for row in preview.sample]
            for place, column in enumerate(preview.columns)
        }
        st.dataframe(columns, hide_index=True, width="stretch")


def _picked(preview: FilePreview, name: str) -> dict[str, str]:
    now = dict(preview.mapping)
    # Several columns read together are one choice, such as "domain + alt_domains".
    joined = [columns for columns in now.values() if columns not in preview.columns]
    offered = [*preview.columns, *joined]
    picked: dict[str, str] = {}
    with st.container(horizontal=True, gap="small"):
        for field, label, required in preview.fields:
            choice = st.selectbox(
                f"{label} *" if required else label,
                offered,
                index=offered.index(now[field]) if now.get(field) in offered else None,
                placeholder="Not in the file",
                key=state.key(PAGE, f"{name}.{field}"),
                width=220,
            )
            if choice:
                picked[field] = choice
    return picked
