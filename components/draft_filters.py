"""Which drafts the list shows, and the words that drafts are described with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import state
from components.loaders import Filters, public_id
from components.narrowing import choice
from components.views import counted_views

PAGE = "drafts"
VIEWS = {
    "Waiting": ("pending", "second_look"),
    "Held": ("held",),
    "Approved": ("approved",),
    "Rejected": ("rejected",),
    "Cancelled": ("cancelled",),
}
MINE, EVERYBODYS = "Mine", "Everybody's"
SEVERITIES = {"critical": "Critical", "high": "High", "normal": "Normal", "low": "Low"}
SENDING = {
    "queued": "In the send queue",
    "claimed": "Leaving now",
    "wire": "Leaving now",
    "sent": "Sent",
    "unknown": "Being looked up",
    "review": "Needs a look",
    "failed": "Failed",
    "blocked": "Blocked",
    "cancelled": "Taken out of the send queue",
}


def kind_words(kind: str) -> str:
    """`event_follow_up` as people read it."""
    return kind.replace("_", " ").capitalize()


def filters(
    counts: Mapping[str, int],
    kinds: Sequence[str],
    customer_id: int | None,
    *,
    owners: Mapping[str, int],
    mine: bool,
) -> Filters:
    """The choices above the list. They stand in the address, so a link shows what its sender saw.

    `owners`: whose drafts there are, by name. `mine` is what is chosen at first.
    """
    sums = {name: sum(counts.get(one, 0) for one in states) for name, states in VIEWS.items()}
    view = counted_views(PAGE, sums)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Subject, customer or recipient",
            max_chars=100,
            width=240,
        )
        whose = st.selectbox(
            "Whose",
            [MINE, EVERYBODYS, *owners],
            index=0 if mine else 1,
            key=state.key(PAGE, "whose"),
            bind="query-params",
            width=150,
        )
        kind = choice(PAGE, "kind", "Kind", {one: kind_words(one) for one in kinds})
        severity = choice(PAGE, "severity", "Severity", SEVERITIES)
    return Filters(
        states=VIEWS[view],
        kind=kind,
        severity=severity,
        customer_id=customer_id,
        mine=whose == MINE,
        owner_id=owners.get(whose),
        search=(search or "").strip(),
    )


def query_of(wanted: Filters, owners: Mapping[str, int]) -> dict[str, str]:
    """The address under which the list shows these drafts again."""
    names = {number: name for name, number in owners.items()}
    others = EVERYBODYS if wanted.owner_id is None else names.get(wanted.owner_id, EVERYBODYS)
    view = next((name for name, states in VIEWS.items() if states == wanted.states), "Waiting")
    found = {
        "view": view,
        "whose": MINE if wanted.mine else others,
        "kind": kind_words(wanted.kind) if wanted.kind else None,
        "severity": SEVERITIES.get(wanted.severity or ""),
        "search": wanted.search,
        "customer": public_id("customer", wanted.customer_id) if wanted.customer_id else None,
    }
    return {
        state.key(PAGE, name) if name != "customer" else name: value
        for name, value in found.items()
        if value
    }
