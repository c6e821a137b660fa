"""Attendance entered by hand: the people, found in the portfolio or new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from components import state
from components.loaders import Choice
from components.text import plain

PAGE = "record_attendance"
Find = Callable[[str], Sequence[Choice]]


def people_choice(find: Find, customers: Find, most: int) -> list[dict[str, Any]]:
    """The people chosen so far: dictionaries of stakeholder, name, email, customer and company."""
    chosen: list[dict[str, Any]] = list(state.get(PAGE, "people", []))
    words = st.text_input(
        "Find people by name, address or customer",
        key=state.key(PAGE, "words"),
        max_chars=100,
        width=320,
    )
    there = {one["stakeholder"] for one in chosen}
    found = [one for one in find(words) if one.id not in there] if words.strip() else []
    if words.strip() and not found:
        st.caption("Nobody else of this name in your portfolio. Add them below as somebody new.")
    with st.container(horizontal=True, gap="small"):
        for one in found[:12]:
            label = f"{plain(one.name)}, {plain(one.about)}"
            if st.button(label, key=state.key(PAGE, f"add.{one.id}"), icon=":material/person_add:"):
                _add(chosen, {"stakeholder": one.id, "name": one.name, "company": one.about}, most)
    with st.expander("Somebody new", icon=":material/person_add:"):
        _somebody_new(chosen, customers, most)
    return chosen


def _somebody_new(chosen: list[dict[str, Any]], customers: Find, most: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        name = st.text_input("Full name", key=state.key(PAGE, "new.name"), max_chars=300, width=200)
        email = st.text_input("E-mail", key=state.key(PAGE, "new.email"), max_chars=320, width=240)
        company = st.text_input(
            "Customer", key=state.key(PAGE, "new.words"), max_chars=100, width=180
        )
        found = {one.id: one.name for one in customers(company)} if company.strip() else {}
        which = st.selectbox(
            "Which one",
            list(found),
            index=0 if len(found) == 1 else None,
            format_func=lambda one: found.get(one) or str(one),
            placeholder="By the address",
            key=state.key(PAGE, f"new.customer.{company.strip().lower()}"),
            width=220,
        )
        if st.button("Add", key=state.key(PAGE, "new.add"), disabled=not (name or email).strip()):
            new = {"stakeholder": None, "name": name, "email": email, "customer": which}
            _add(chosen, new | {"company": found.get(which, "") if which else ""}, most)


def _add(chosen: list[dict[str, Any]], one: dict[str, Any], most: int) -> None:
    if len(chosen) < most:
        state.put(PAGE, "people", [*chosen, one])
    st.rerun()
