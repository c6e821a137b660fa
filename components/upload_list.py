"""The list of uploads: what, who, when, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import navigation, state
from components.loaders import UploadRow
from components.text import moment, plain

PAGE = "upload"
STEP = 20
STATES = {
    "reading": ":gray-badge[Not read]",
    "previewed": ":blue-badge[Preview]",
    "committed": ":green-badge[Imported]",
    "undone": ":orange-badge[Taken back]",
    "discarded": ":gray-badge[Discarded]",
    "failed": ":red-badge[Not readable]",
}


def length() -> int:
    """How many are wanted by now."""
    return int(state.get(PAGE, "length", STEP))


def upload_list(rows: Sequence[UploadRow], zone: str, public: dict[int, str]) -> int | None:
    """Newest first; the id of the upload to take back when its button was pressed.

    `public` maps ids to those of addresses. The caller asks for one row more than `length()`.
    """
    pressed = None
    for row in rows[: length()]:
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ):
            with st.container(gap="xxsmall", width="stretch"):
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    navigation.link("upload", plain(row.file_name), id=public[row.id])
                    st.markdown(STATES[row.state], width="content")
                st.caption(words(row, zone))
            if row.state == "committed" and st.button(
                "Undo", key=state.key(PAGE, f"undo.{row.id}"), icon=":material/undo:"
            ):
                pressed = row.id
    if len(rows) > length() and st.button("Show older", key=state.key(PAGE, "older")):
        state.put(PAGE, "length", length() + STEP)
        st.rerun()
    return pressed


def words(row: UploadRow, zone: str) -> str:
    """What is in it, who uploaded it when; for Markdown."""
    what = [row.label or "", row.error or row.summary.get("sentence", "")]
    return " · ".join([*(plain(part) for part in what if part), when(row, zone)])


def when(row: UploadRow, zone: str) -> str:
    """Who uploaded it when, and when it began and ceased to count; for Markdown."""
    said = [f"Uploaded {moment(row.uploaded_at, zone)} by {row.uploaded_by or 'a program'}"]
    if row.undone_at:
        said.append(f"taken back {moment(row.undone_at, zone)}")
    elif row.committed_at:
        said.append(f"imported {moment(row.committed_at, zone)}")
    return " · ".join(plain(part) for part in said)
