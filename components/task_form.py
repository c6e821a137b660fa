"""Entering a task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

MOST = 300


@dataclass(frozen=True)
class TypedTask:
    title: str
    due: date
    repeats: str | None


def task_form(key: str, today: date, repeats: dict[str, str]) -> TypedTask | None:
    """What was typed, when it was saved. `repeats` are the rules on offer and their names."""
    with st.form(f"{key}.task", clear_on_submit=True, border=False):
        title = st.text_input("What has to be done?", key=f"{key}.task_title", max_chars=MOST)
        due = st.date_input("Due", today + timedelta(days=1), key=f"{key}.task_due")
        rule = st.selectbox(
            "Repeats",
            [None, *repeats],
            format_func=lambda one: repeats[one] if one else "Never",
            key=f"{key}.task_repeats",
        )
        saved = st.form_submit_button("Add task")
    return TypedTask(title, due, rule) if saved else None
