"""The answers given in the match review, each with its way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import layout, state
from components.loaders import AnswerRow
from components.match_words import about, be, capital
from components.text import moment, plain

PAGE = "match_review"
SAID = {"is": "{}", "never": "never {}", "nobody": "no customer"}


def answer_list(rows: Sequence[AnswerRow], zone: str) -> int | None:
    """Newest first; the id of the answer to take back when its button was pressed."""
    if not rows:
        layout.empty("No answer has been given yet.", hint="Each one can be taken back here.")
    pressed = None
    for row in rows:
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ):
            with st.container(gap="xxsmall", width="stretch"):
                st.markdown(words(row))
                st.caption(_when(row, zone))
            if row.withdrawn_at is None and st.button(
                "Take back", icon=":material/undo:", key=state.key(PAGE, f"back.{row.id}")
            ):
                pressed = row.id
    return pressed


def words(row: AnswerRow) -> str:
    """`dataflow.io is DataFlow Inc`, for Markdown."""
    whom = capital(about(row.key), row.key)
    said = SAID[row.verdict].format(row.customer or "")
    return f"**{plain(whom)}** {plain(f'{be(row.key)} {said}')}"


def _when(row: AnswerRow, zone: str) -> str:
    said = f"Answered {moment(row.answered_at, zone)} by {row.answered_by or 'a program'}"
    if row.withdrawn_at:
        said += f"; taken back {moment(row.withdrawn_at, zone)}"
    return plain(said)
