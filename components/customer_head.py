"""The head of a customer's page: who they are, the figures that matter before a call."""

from __future__ import annotations

import streamlit as st

from components import navigation
from components.loaders import CustomerHead
from components.loaders.scoring import BAND_WORDS, SIGNED_TRENDS
from components.text import day, money, plain, plural


def subtitle(head: CustomerHead) -> str:
    parts = (head.segment, head.industry, head.city, head.country, head.lifecycle_stage)
    return " · ".join(dict.fromkeys(filter(None, parts)))  # Singapore is a city and a country


def figures(head: CustomerHead) -> None:
    score = None if head.score is None else str(head.score)
    words = (
        BAND_WORDS.get(head.band or ""),
        SIGNED_TRENDS.get(head.trend or "") if score else None,
    )
    band = ", ".join(word for word in words if word)
    with st.container(horizontal=True, gap="small"):
        _figure("Engagement", score or "–", band or None)
        _figure("ARR", plain(money(head.arr, head.currency)))
        _figure(*_renewal(head.renews_in), day(head.renews_on) if head.renews_on else None)
        _figure("Health", "–" if head.health_score is None else str(head.health_score))
        _figure(
            "Events attended",
            f"{head.attended} of {head.eligible}",
            plural(head.people, "person", "people"),
        )
    with st.container(horizontal=True, gap="medium"):
        st.caption(f"CSM: {plain(head.csm)}" if head.csm else "No CSM yet")
        if head.domains:
            st.caption(f"Domains: {plain(', '.join(head.domains))}")
        if head.other_names:
            st.caption(f"Also known as {', '.join(map(plain, head.other_names))}")
        if head.scored_on:
            st.caption(f"Score as of {day(head.scored_on)}")
    _family(head)


def _figure(label: str, value: str, below: str | None = None) -> None:
    st.metric(
        label,
        value,
        below,
        delta_color="off",
        delta_arrow="off",
        border=True,
        width=150,
        height="stretch",
    )


def _renewal(days: int | None) -> tuple[str, str]:
    """Label and value: the value has to fit a narrow tile."""
    if days is None:
        return "Renewal", "–"
    if days == 0:
        return "Renewal", "Today"
    return ("Renews in", plural(days, "day")) if days > 0 else ("Renewal", f"{-days:,} days ago")


def _family(head: CustomerHead) -> None:
    if not head.parent and not head.children:
        return
    with st.container(horizontal=True, gap="small"):
        if head.parent:
            navigation.link("customer", f"Part of {plain(head.parent.name)}", id=head.parent.id)
        for child in head.children:
            navigation.link("customer", plain(child.name), id=child.id)
