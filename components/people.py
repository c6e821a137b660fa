"""Colleagues: the list, the form for one of them, and their one-time link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from components import selection, state
from components.loaders import PersonRow, public_id
from components.moments import moment_column
from components.sidebar import ROLE_WORDS
from components.text import plain, plural

PAGE = "people"
NOBODY = "Nobody"


@dataclass(frozen=True)
class Typed:
    """What the form holds; `email` is empty for people who do not sign in."""

    name: str
    email: str
    role: str
    manager_id: int | None


def people_table(rows: Sequence[PersonRow]) -> PersonRow | None:
    """The list; who is chosen, if anybody."""
    picked = selection.table(
        {
            "Name": [row.name for row in rows],
            "E-mail": [row.email or "" for row in rows],
            "Role": [ROLE_WORDS[row.role] for row in rows],
            "Reports to": [row.manager or "" for row in rows],
            "Customers": [row.customers for row in rows],
            "Access": [_access(row) for row in rows],
            "Last signed in": [row.last_seen for row in rows],
        },
        [row.id for row in rows],
        PAGE,
        "table",
        mode="single-row",
        column_config={
            "Name": st.column_config.TextColumn(pinned=True),
            "Last signed in": moment_column(),
        },
    )
    return next((row for row in rows if row.id == picked.clicked), None)


def matching(rows: Sequence[PersonRow], words: str, *, gone: bool) -> list[PersonRow]:
    """Those whose name or address holds the words; people without access only when `gone`."""
    asked = words.strip().casefold()
    return [
        row
        for row in rows
        if (gone or row.active) and asked in f"{row.name} {row.email or ''}".casefold()
    ]


def person_form(row: PersonRow | None, managers: Mapping[int, str]) -> Typed | None:
    """The fields of a new colleague, or of `row`; what was typed, once it is sent."""
    number = public_id("person", row.id) if row else "new"
    roles = list(ROLE_WORDS)
    bosses = [None, *(one for one in managers if row is None or one != row.id)]
    with st.form(state.key(PAGE, f"form.{number}"), clear_on_submit=row is None):
        name = st.text_input(
            "Name", row.name if row else "", key=state.key(PAGE, f"name.{number}"), max_chars=200
        )
        email = st.text_input(
            "E-mail", (row.email or "") if row else "",
            key=state.key(PAGE, f"email.{number}"), max_chars=320,
            help="They sign in with it. Another address takes the password with it.",
        )  # fmt: skip
        role = st.selectbox(
            "Role", roles, index=roles.index(row.role) if row else 0,
            format_func=ROLE_WORDS.__getitem__, key=state.key(PAGE, f"role.{number}"),
            help="A CSM sees their own customers, a manager those of the team, an admin all of them.",
        )  # fmt: skip
        boss = st.selectbox(
            "Reports to", bosses,
            index=bosses.index(row.manager_id) if row and row.manager_id in bosses else 0,
            format_func=lambda one: managers[one] if one else NOBODY,
            key=state.key(PAGE, f"manager.{number}"),
        )  # fmt: skip
        sent = st.form_submit_button("Save" if row else "Add", type="primary")
    return Typed(name, email, role, boss) if sent else None


def person_moves(row: PersonRow, *, myself: bool) -> str | None:
    """What was pressed for this colleague: link, out, deactivate or reactivate."""
    number = public_id("person", row.id)
    if not row.active:
        again = state.key(PAGE, f"again.{number}")
        return "reactivate" if st.button("Give access back", key=again) else None
    with st.container(horizontal=True, gap="small"):
        link = st.button(
            "Make a sign-in link", key=state.key(PAGE, f"link.{number}"), icon=":material/key:",
            help="They choose a password by it: for the first time, or because it is forgotten.",
        )  # fmt: skip
        out = st.button(
            "Sign out everywhere", key=state.key(PAGE, f"out.{number}"), icon=":material/logout:"
        )
        gone = False
        if not myself:
            with st.popover("Take access away", icon=":material/person_off:"):
                st.markdown(
                    "Signed out at once, and tokens end, also those they made for others. History keeps the name; "
                    f"{plural(row.customers, 'customer')} stay with them until somebody takes over."
                )
                gone = st.button(
                    "Take it away", key=state.key(PAGE, f"gone.{number}"), type="primary"
                )
    return "link" if link else "out" if out else "deactivate" if gone else None


def shown_once(link: str, name: str) -> None:
    """The link, which cannot be shown again."""
    st.success(
        f"Hand this link to {plain(name)}. It works once, for three days, and is not shown again."
    )
    st.code(link, language=None)


def _access(row: PersonRow) -> str:
    if not row.active:
        return "No access"
    return "Password" if row.can_sign_in else "No password"
