"""What a customer's people come to hear, and what they have learned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from components import layout, state
from components.loaders import Interest, Training
from components.moments import reader_day
from components.text import day, plain, plural

STATES = {"passed": "Passed", "failed": "Not passed", "completed": "Completed", "began": "Enrolled"}
_SHOWN = 12


def interests(found: Sequence[Interest]) -> None:
    """The strongest topics with their counts, and the questions asked about them."""
    st.subheader("Interests", anchor=False)
    if not found:
        layout.empty(
            "No topics yet.",
            hint="They come from the topics of the events and sessions that this customer's people attend.",
        )
        return
    strongest = max(one.weight for one in found) or 1.0
    shown: Any = {
        "Topic": [one.topic for one in found],
        "Strength": [round(100 * one.weight / strongest) for one in found],
        "Events": [one.events for one in found],
        "People": [one.people for one in found],
        "Questions": [one.asked for one in found],
        "Last": [one.last_on for one in found],
    }
    bar = st.column_config.ProgressColumn(
        "Strength",
        help="Events attended, halved for every 180 days of age; more for questions asked.",
        min_value=0,
        max_value=100,
        format="%d%%",
    )
    columns = {"Strength": bar, "Last": st.column_config.DateColumn(format="D MMM YYYY")}
    st.dataframe(shown, hide_index=True, width="stretch", column_config=columns)
    for one in [one for one in found[:_SHOWN] if one.quotes]:
        st.markdown(f"**{plain(one.topic)}**: they asked")
        for words in one.quotes:
            st.markdown(f"- {plain(words)}")


def unwanted(found: Sequence[tuple[int, str, datetime]]) -> int | None:
    """Topics they do not want to hear about (id, topic, when it was noted); the one that is taken back."""
    if not found:
        return None
    st.markdown("**Not their topic**")
    st.caption("Each note counts against invitations to events on it, up to five of a topic.")
    for number, topic, at in found:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"{plain(topic)}, noted {day(reader_day(at))}")
            if st.button("Take back", key=state.key("customer", f"topic.{number}")):
                return number
    return None


def training(found: Training) -> None:
    st.subheader("Training", anchor=False)
    if found.rows.is_empty():
        layout.empty(
            "No training yet.",
            hint="Completions come from learning systems and from training sessions attended.",
        )
        return
    with st.container(horizontal=True, gap="medium"):
        st.metric("Completed", f"{found.completed} of {found.began}")
        st.metric("Passed", f"{found.passed} of {found.passed + found.failed}")
    st.caption(
        plain(
            f"{plural(found.began, 'enrolment')}, the last completed {day(found.last_on)}. A course "
            "without a test is completed, not passed."
        )
    )
    shown: Any = found.rows.select(
        pl.col("on").alias("On"),
        pl.col("event").alias("Course"),
        pl.col("person").alias("Person"),
        pl.col("state").replace(STATES).alias("State"),
        pl.col("minutes").round(0).cast(pl.Int64).cast(pl.String).fill_null("").alias("Minutes"),
    )
    on = {"On": st.column_config.DateColumn(format="D MMM YYYY")}
    st.dataframe(shown, hide_index=True, width="stretch", column_config=on)
