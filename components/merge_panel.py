"""Merging a customer with a duplicate: what would move, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import state
from components.loaders import CustomerHead, Merge, MergePreview
from components.text import moment, plain

PAGE = "customer"
FOUND = 6


def find(head: CustomerHead, search: Callable[[str], Sequence[tuple[str, str]]]) -> str | None:
    """The public id of the duplicate that was chosen. `search` gives public ids and names."""
    st.caption(
        "For one company that stands here twice. Choose the duplicate; you see what moves before anything "
        "does, and a merge can be taken back."
    )
    typed = st.text_input(
        "Find the duplicate",
        key=_key(head, "merge.search"),
        placeholder="Name, domain or identifier, then Enter",
        max_chars=100,
        width=320,
    )
    found = [one for one in search(typed.strip()) if one[0] != head.public_id] if typed else []
    if typed and not found:
        st.caption("No other customer of yours fits.")
    if not found:
        return None
    labels = {number: f"{name} ({number})" for number, name in found[:FOUND]}
    return st.radio(
        "Which one?",
        list(labels),
        index=None,
        format_func=lambda number: plain(labels[number]),
        key=_key(head, "merge.which"),
        label_visibility="collapsed",
    )


def confirm(head: CustomerHead, preview: MergePreview) -> bool:
    """Draws what would happen; whether it is wanted."""
    kept, gone = plain(preview.kept), plain(preview.gone)
    with st.container(border=True):
        st.markdown(
            f"**{gone}** becomes part of **{kept}** and is no customer of its own any more."
        )
        moves = ", ".join(f"{words} {count:,}" for words, count in preview.moves)
        _line("Moves", f"{moves}." if moves else "nothing but its name.")
        _line("Filled in here", ", ".join(f"{label}: {value}" for label, value in preview.fills))
        if preview.drops:
            st.markdown("Where both say something:")
            titles = ("Field", "Stays", "Is dropped")
            columns = zip(*preview.drops, strict=True)
            st.dataframe(dict(zip(titles, map(list, columns), strict=True)), hide_index=True)
        st.caption(
            "Matches and scores follow at once. A file that still has both keeps them together."
        )
        return st.button(
            f"Merge into {kept}",
            type="primary",
            icon=":material/merge:",
            key=_key(head, "merge.confirm"),
        )


def _line(label: str, text: str) -> None:
    if text:
        st.markdown(f"{label}: {plain(text)}")


def taken_back(head: CustomerHead, merges: Sequence[Merge], zone: str) -> int | None:
    """The merge to take back, when its button was pressed."""
    pressed = None
    for one in merges:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            by = f" by {plain(one.by)}" if one.by else ""
            st.caption(
                f"{plain(one.name)} was merged into it on {plain(moment(one.at, zone))}{by}."
            )
            key = _key(head, f"unmerge.{one.id}")
            if st.button("Take back", icon=":material/undo:", key=key):
                pressed = one.id
    return pressed


def _key(head: CustomerHead, name: str) -> str:
    return state.key(PAGE, f"{head.public_id}.{name}")
