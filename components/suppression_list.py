"""The list "Do not contact": its table, and the forms around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import selection
from components.file_box import file_box
from components.loaders import Suppressions
from components.moments import moment_column
from components.text import plain

PAGE = "suppression"
LIST_MB = 20
"""Megabytes: half a million addresses."""
COLUMNS = ["email", "topic", "reason", "customer", "stakeholder", "note", "at", "by"]


@dataclass(frozen=True)
class Added:
    """What the form asks for; `topic` is empty for everything."""

    email: str
    topic: str
    note: str


def table(found: Suppressions, *, lifted: bool) -> Mapping[str, Any] | None:
    """The rows; the one that is chosen, if any."""
    columns = [*COLUMNS, "lifted_at", "lifted_by"] if lifted else COLUMNS
    picked = selection.table(
        found.rows.select(columns).to_pandas(),
        found.rows["id"].to_list(),
        PAGE,
        "lifted" if lifted else "table",
        mode="single-row",
        column_config={
            "email": st.column_config.TextColumn("E-mail", pinned=True),
            "topic": "Topic",
            "reason": "Why",
            "customer": st.column_config.TextColumn("Customer", width=selection.NAME_WIDTH),
            "stakeholder": "Stakeholder",
            "note": "Note",
            "at": moment_column("Since"),
            "by": "Added by",
            "lifted_at": moment_column("Lifted"),
            "lifted_by": "Lifted by",
        },
    )
    if picked.clicked is None:
        return None
    return found.rows.row(by_predicate=pl.col("id") == picked.clicked, named=True)


def lift_form(chosen: Mapping[str, Any]) -> str | None:
    """Why the chosen entry should end, once somebody says so."""
    with st.form(f"{PAGE}.lift", border=True):
        st.markdown(f"Write to **{plain(chosen['email'])}** again: {plain(chosen['topic'])}")
        why = st.text_input(
            "How do you know that they agree?", key=f"{PAGE}.why.{chosen['id']}", max_chars=200
        )
        return why if st.form_submit_button("Lift", icon=":material/undo:") else None


def add_form(topics: Mapping[str, str]) -> Added | None:
    """The new entry, when the form is sent."""
    with st.expander("Add an address", icon=":material/add:"), st.form(f"{PAGE}.add"):
        email = st.text_input("E-mail", key=f"{PAGE}.email", max_chars=320)
        topic = st.selectbox(
            "About", list(topics), format_func=topics.__getitem__, key=f"{PAGE}.topic"
        )
        note = st.text_input("Why", key=f"{PAGE}.note", max_chars=200)
        return Added(email, topic, note) if st.form_submit_button("Add") else None


def import_form(topics: Mapping[str, str]) -> tuple[bytes, str] | None:
    """A file's bytes and its topic, when the form is sent with a file."""
    with st.expander("Import a list", icon=":material/upload:"), st.form(f"{PAGE}.import"):
        st.caption("A CSV or text file; every e-mail address in it counts.")
        file = file_box("File", ["csv", "txt"], LIST_MB, key=f"{PAGE}.file")
        topic = st.selectbox(
            "About", list(topics), format_func=topics.__getitem__, key=f"{PAGE}.import_topic"
        )
        sent = st.form_submit_button("Import")
        return (file.getvalue(), topic) if sent and isinstance(file, UploadedFile) else None
