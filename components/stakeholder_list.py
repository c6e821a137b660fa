"""The stakeholders of a customer: the table, and the form for one of them."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.loaders.roles import ROLE_WORDS

PAGE = "customer"
NEW = "new"


def stakeholder_table(rows: pl.DataFrame) -> None:
    if rows.is_empty():
        st.caption("Nobody yet. Add somebody below, or load contacts on the Customers page.")
        return
    shown: Any = rows.with_columns(pl.col(pl.String).fill_null("")).select(
        pl.col("name").alias("Name"),
        pl.col("title").alias("Job title"),
        pl.col("role").replace(ROLE_WORDS).alias("Role"),
        pl.col("events").alias("Events attended"),
        pl.col("last_event").alias("Last event"),
        pl.col("email").alias("E-mail"),
        pl.col("unsubscribed").alias("Unsubscribed"),
        pl.col("language").alias("Language"),
        pl.col("time_zone").alias("Time zone"),
    )
    st.dataframe(shown, hide_index=True, width="stretch")


def pick(rows: pl.DataFrame) -> str:
    """The stakeholder to edit by public id, or NEW."""
    names = dict(
        rows.select("id", pl.col("name").replace("", None).fill_null(pl.col("email"))).iter_rows()
    )
    return st.selectbox(
        "Add or edit",
        [NEW, *names],
        format_func=lambda one: "Somebody new" if one == NEW else names.get(one) or one,
        key=state.key(PAGE, "stakeholder"),
        width=320,
    )


def stakeholder_form(who: str, rows: pl.DataFrame) -> dict[str, Any] | None:
    """The fields as typed, once they are submitted. Names are split at the last blank."""
    found = rows.filter(pl.col("id") == who).to_dicts()
    shown: dict[str, Any] = found[0] if found else dict.fromkeys(rows.columns)
    first, _, last = (shown["name"] or "").rpartition(" ")
    emails = "; ".join(e for e in (shown["email"], shown["other_emails"]) if e)
    with st.form(state.key(PAGE, f"{who}.form")):
        with st.container(horizontal=True, gap="small"):
            typed: dict[str, Any] = {
                "first_name": _text("First name", who, first, 150),
                "last_name": _text("Last name", who, last, 150),
                "emails": _text("E-mail addresses, the main one first", who, emails, 1_000),
                "title": _text("Job title", who, shown["title"], 200),
                "role": st.selectbox(
                    "Role",
                    list(ROLE_WORDS),
                    index=list(ROLE_WORDS).index(shown["role"]) if shown["role"] else None,
                    format_func=lambda one: ROLE_WORDS[one],
                    placeholder="Not known",
                    key=state.key(PAGE, f"{who}.role"),
                    width=220,
                ),
                "language": _text("Language", who, shown["language"], 20),
                "time_zone": _text("Time zone", who, shown["time_zone"], 64),
            }
        typed["unsubscribed"] = st.checkbox(
            "Unsubscribed: gets no mail",
            bool(shown["unsubscribed"]),
            key=state.key(PAGE, f"{who}.unsubscribed"),
        )
        return typed if st.form_submit_button("Save", type="primary") else None


def _text(label: str, who: str, value: str | None, limit: int) -> str:
    return st.text_input(
        label, value or "", key=state.key(PAGE, f"{who}.{label}"), max_chars=limit, width=220
    )
