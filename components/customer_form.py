"""Editing a customer: its fields, its domains, its other names, its further identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import state
from components.loaders import CustomerHead
from components.text import plain

PAGE = "customer"
TEXTS = {
    "name": "Name",
    "external_id": "Identifier in your CRM",
    "segment": "Segment",
    "industry": "Industry",
    "region": "Region",
    "country": "Country",
    "city": "City",
    "time_zone": "Time zone",
    "arr": "ARR",
    "currency": "Currency",
    "lifecycle_stage": "Lifecycle stage",
    "reported_health": "Health, as reported",
}
DAYS = {"started_on": "Customer since", "renews_on": "Renewal date", "churned_on": "Left on"}
LISTS = {"interests": "Interests", "goals": "Goals", "challenges": "Challenges"}


def customer_form(head: CustomerHead, csms: Sequence[tuple[int, str]]) -> dict[str, Any] | None:
    """The fields as typed, once they are submitted with a name."""
    names = dict(csms)
    if head.csm_id and head.csm:
        names.setdefault(head.csm_id, head.csm)
    typed: dict[str, Any] = {}
    with st.form(_key(head, "form")):
        with st.container(horizontal=True, gap="small"):
            for name, label in TEXTS.items():
                value = getattr(head, name)
                typed[name] = st.text_input(
                    label,
                    "" if value is None else str(value),
                    key=_key(head, name),
                    max_chars=300,
                    width=220,
                )
            typed["csm_id"] = st.selectbox(
                "CSM",
                list(names),
                index=list(names).index(head.csm_id) if head.csm_id else None,
                format_func=lambda one: names[one],
                placeholder="Nobody",
                key=_key(head, "csm"),
                width=220,
            )
            for name, label in DAYS.items():
                typed[name] = st.date_input(
                    label, getattr(head, name), key=_key(head, name), width=220
                )
        for name, label in LISTS.items():
            typed[name] = st.text_area(
                f"{label}, one per line", "\n".join(getattr(head, name)), key=_key(head, name)
            )
        typed["parent"] = st.text_input(
            "Parent customer, by its id such as cus_42",
            head.parent.id if head.parent else "",
            key=_key(head, "parent"),
            width=320,
        )
        saved = st.form_submit_button("Save", type="primary")
    if saved and not (typed["name"] or "").strip():
        st.error("A customer needs a name.")
        return None
    return typed if saved else None


def changed(head: CustomerHead, typed: dict[str, Any]) -> dict[str, Any]:
    """Only what differs from what was shown, so that nobody else's change is taken back."""
    shown = {name: getattr(head, name) for name in typed if name != "parent"}
    shown["parent"] = head.parent.id if head.parent else ""
    return {k: v for k, v in typed.items() if _as_typed(shown[k]) != _as_typed(v)}


def _as_typed(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(value)
    return "" if value is None else str(value).strip()


def identifiers(head: CustomerHead) -> tuple[str, str]:
    """As `several`, below those it has."""
    if head.further_ids:
        st.caption(f"Identifiers in other programs: {plain(', '.join(head.further_ids))}")
    return several(head, "identifier", "an identifier in another program", head.further_ids)


def several(head: CustomerHead, name: str, label: str, present: Sequence[str]) -> tuple[str, str]:
    """Values to add and to remove, as (added, removed); empty while nothing was asked for."""
    with st.form(_key(head, f"{name}.form"), clear_on_submit=True):
        added = st.text_input(f"Add {label}", key=_key(head, f"{name}.add"), max_chars=300)
        removed = st.selectbox(
            f"Remove {label}",
            list(present),
            index=None,
            placeholder="Keep all",
            key=_key(head, f"{name}.remove"),
        )
        if st.form_submit_button("Apply"):
            return (added or "").strip(), removed or ""
    return "", ""


def _key(head: CustomerHead, name: str) -> str:
    return state.key(PAGE, f"{head.public_id}.{name}")
