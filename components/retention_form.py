"""How long things are kept: four choices, and what would go with them before they are saved."""

from __future__ import annotations

import streamlit as st

from components import state
from components.loaders import Gone, Kept
from components.text import plural

PAGE = "settings"
_ALWAYS = "As long as there is room"
_OFFERED: dict[str, tuple[str, dict[int | None, str]]] = {
    "files": (
        "Original files of imports",
        {None: _ALWAYS, 365: "A year", 90: "90 days", 30: "30 days"},
    ),
    "deliveries": (
        "Deliveries of other systems, as they came",
        {90: "90 days", 30: "30 days", 7: "7 days"},
    ),
    "mails": (
        "Words of mails that were sent, and of answers",
        {None: _ALWAYS, 730: "Two years", 365: "A year", 90: "90 days"},
    ),
    "audit": (
        "Entries of the audit log",
        {None: _ALWAYS, 1095: "Three years", 730: "Two years", 365: "A year"},
    ),
}


def choose(now: Kept) -> Kept:
    """The days as they are chosen, saved or not."""
    chosen: dict[str, int | None] = {}
    with st.container(horizontal=True, gap="small"):
        for name, (label, offered) in _OFFERED.items():
            kept: int | None = getattr(now, name)
            words = {kept: f"{kept} days", **offered}
            chosen[name] = st.selectbox(
                label,
                list(words),
                index=list(words).index(kept),
                format_func=lambda days, words=words: words[days],
                key=state.key(PAGE, f"keep.{name}"),
                width=320,
            )
    return Kept(**chosen)


def save_wanted(gone: Gone, *, changed: bool) -> bool:
    """Draws what the next night would take; whether it is to be saved."""
    st.caption(
        f"The next night takes at most {plural(gone.files, 'original file')}, "
        f"{plural(gone.deliveries, 'delivery', 'deliveries')}, the words of {plural(gone.mails, 'mail')} and "
        f"{plural(gone.audit, 'entry', 'entries')} of the audit log. Counts and scores stay. It cannot be taken back."
    )
    return st.button("Save how long", key=state.key(PAGE, "keep.save"), disabled=not changed)
