"""The audit log: its filters and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from components import state
from components.loaders import AuditFilters, AuditPage
from components.moments import moment_column, say_zone

PAGE = "audit_log"
ROWS = 100


def filters(people: Mapping[int, str], nouns: Sequence[str]) -> AuditFilters:
    """The choices above the list. They stand in the address, so a link shows what its sender saw."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        person = st.selectbox(
            "Who", list(people), index=None, format_func=people.__getitem__,
            key=state.key(PAGE, "person"), bind="query-params", placeholder="Everybody", width=190,
        )  # fmt: skip
        noun = st.selectbox(
            "About", list(nouns), index=None, format_func=lambda one: one.replace("_", " ").capitalize(),
            key=state.key(PAGE, "noun"), bind="query-params", placeholder="Everything", width=170,
        )  # fmt: skip
        record = st.text_input(
            "Record", key=state.key(PAGE, "record"), bind="query-params", max_chars=30,
            placeholder="cus_42", width=110,
        )  # fmt: skip
        words = st.text_input(
            "Search", key=state.key(PAGE, "search"), bind="query-params", max_chars=100, width=170
        )
        since = _day("From", "since")
        until = _day("To", "until")
    return AuditFilters(person, noun, record or None, since, until, words or None)


def table(found: AuditPage) -> None:
    columns = {
        "at": moment_column("When", "D MMM YYYY, HH:mm:ss"),
        "person": "Who",
        "action": "Did",
        "record": "Record",
        "what": "What",
        "detail": "Detail",
    }
    rows = found.rows.to_pandas()
    st.dataframe(rows, hide_index=True, key=state.key(PAGE, "table"), column_config=columns)
    say_zone(columns)


def _day(label: str, name: str) -> date | None:
    chosen = st.date_input(label, None, key=state.key(PAGE, name), bind="query-params", width=140)
    return chosen if isinstance(chosen, date) else None
