"""What an integration can be told beside its first secret: more of them, and what a desk's own states mean."""

from __future__ import annotations

import streamlit as st

from components import state
from components.integration_asked import PAGE, Asked
from components.loaders import IntegrationRow, OwnState
from components.text import plain, plural

MEANS = {
    "new": "New",
    "open": "Open",
    "pending": "Pending",
    "on_hold": "On hold",
    "solved": "Solved",
    "closed": "Closed",
}
SHOWN = 30
"""States to be named at a time: saving brings the next ones."""


def more_secrets(row: IntegrationRow) -> Asked | None:
    """Beside the first; only where the vendor makes them."""
    if row.secret != "theirs":  # noqa: S105 - where it comes from
        return None
    asked = None
    with st.popover("More secrets"):
        st.caption(
            "Where the other side has several webhooks, each with a secret of its own, add the others here: "
            "what is signed with any of them is believed."
        )
        for one in row.more_secrets:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(plain(one.name))
                if st.button("Forget", key=_key(row, f"drop.{one.id}")):
                    asked = Asked(row.id, "drop_secret", which=one.id)
        with st.form(_key(row, "more"), border=False, clear_on_submit=True):
            name = st.text_input(
                "Its name", key=_key(row, "more.name"), max_chars=100, placeholder="Ticket events"
            )
            secret = st.text_input(
                "Another secret", type="password", key=_key(row, "more.secret"), max_chars=500
            )
            if st.form_submit_button("Add secret"):
                asked = Asked(row.id, "add_secret", secret, name=name)
    return asked


def own_states(row: IntegrationRow) -> Asked | None:
    """None where the system has no states of its users' making."""
    if row.own_states is None:
        return None
    waiting = [one for one in row.own_states if one.means is None]
    title = f"States of your own ({len(waiting):,} to name)" if waiting else "States of your own"
    with st.expander(title, expanded=bool(waiting)), st.form(_key(row, "states"), border=False):
        st.caption(
            "What your own stages and states mean, by the name or number that the other side sends. Naming one "
            "that has come reads again what came; changing one holds for what comes from then on."
        )
        named = [one for one in row.own_states if one.means is not None]
        shown = [*waiting[:SHOWN], *named]
        chosen = {one.said: _meaning(row, one) for one in shown}
        another = st.text_input("Another state", key=_key(row, "states.another"), max_chars=100)
        means = st.selectbox(
            "It means",
            list(MEANS),
            index=4,
            format_func=MEANS.__getitem__,
            key=_key(row, "states.means"),
        )
        if not st.form_submit_button("Save states"):
            return None
    was = {one.said: one.means for one in shown}
    said = {word: means for word, means in chosen.items() if means != was[word]}
    if another.strip():
        said[another] = means
    return Asked(row.id, "states", states=said)


def _meaning(row: IntegrationRow, one: OwnState) -> str | None:
    told = f", told {plural(one.told, 'time', 'times')}" if one.told else ""
    return st.selectbox(
        plain(f"{one.said}{told}"),
        [None, *MEANS],
        index=[None, *MEANS].index(one.means),
        format_func=lambda key: MEANS.get(key or "", "Not named"),
        # What another admin said meanwhile makes it a new widget: the former choice is not saved over it.
        key=_key(row, f"state.{one.said}.{one.means}"),
        width=320,
    )


def _key(row: IntegrationRow, name: str) -> str:
    return state.key(PAGE, f"{name}.{row.id}")
