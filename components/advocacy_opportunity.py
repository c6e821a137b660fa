"""One advocacy opportunity: what is asked for, how far it is, and what has happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from components import navigation, state
from components.advocacy_board import PAGE, STAGE_ICONS
from components.loaders import OpportunityRow, OpportunityStep, Wording, public_id
from components.moments import reader_day
from components.text import day, moment, plain

LONGEST_NOTE = 2_000
MOVE_WORDS = {
    "identified": "Take it up again",
    "asked": "We have asked",
    "agreed": "They agreed",
    "delivered": "Delivered",
    "declined": "Declined",
}


@dataclass(frozen=True)
class Asked:
    """What was asked for: a move to stage `to`, or (empty) saved `notes` and `types`."""

    to: str = ""
    note: str = ""
    notes: str = ""
    types: tuple[str, ...] = ()


def opened(row: OpportunityRow) -> Wording:
    """What stood there when the form was opened; a form that was left is opened anew."""
    kept = state.get(PAGE, f"opened.{row.id}")
    drawn = state.get(PAGE, f"notes.{_name(row.id)}") is not None
    notes, types = kept if kept and drawn else (row.notes, row.types)
    state.put(PAGE, f"opened.{row.id}", (notes, types))
    return Wording(notes, types)


def _name(number: int) -> str:
    return f"{number}.{state.get(PAGE, f'round.{number}', 0)}"


def saved(number: int) -> None:
    """The next form shows what is on record."""
    state.drop(PAGE, f"opened.{number}")
    state.put(PAGE, f"round.{number}", state.get(PAGE, f"round.{number}", 0) + 1)


def told(row: OpportunityRow, both: Sequence[str]) -> None:
    """What somebody else has changed in `both` has been shown: saved over it, it is known."""
    base = opened(row)
    notes = row.notes if "notes" in both else base.notes
    state.put(PAGE, f"opened.{row.id}", (notes, row.types if "types" in both else base.types))


def _standing(row: OpportunityRow) -> None:
    """The next step, and what it was made for."""
    if row.task and row.due_at:
        st.markdown(f"Next: {plain(row.task)}, due {day(row.due_at.date())}.")
        navigation.link("today", "Today, to tick it off")
    score = "" if row.score is None else f"Engagement score {row.score} when it was made. "
    facts = "; ".join(f"{claim} ({fact.rstrip('.')})" for claim, fact in row.evidence)
    if score or facts:
        st.caption(plain(f"{score}{facts}"))


def opportunity(
    row: OpportunityRow,
    steps: Sequence[OpportunityStep],
    moves: Sequence[str],
    types: Mapping[str, str],
    zone: str,
) -> Asked | None:
    """One opportunity with its history; what was asked for, if anything."""
    asked = None
    name, base = _name(row.id), opened(row)
    with st.container(border=True):
        st.subheader(f"{plain(row.customer)}: {plain(row.type_words)}", anchor=False)
        champion = row.champion or "no champion yet"
        st.caption(
            f"{row.stage.capitalize()} · champion {plain(champion)} · {plain(row.owner or 'no owner')} · "
            f"since {day(reader_day(row.created_at))}"
        )
        _standing(row)
        navigation.link("customer", "Open the customer", id=public_id("customer", row.customer_id))
        with st.form(state.key(PAGE, f"edit.{row.id}")):
            chosen = st.multiselect(
                "Ask for",
                list(types),
                default=list(base.types),
                format_func=lambda one: types.get(one, one),
                key=state.key(PAGE, f"types.{name}"),
            )
            notes = st.text_area(
                "Notes", base.notes, max_chars=LONGEST_NOTE, key=state.key(PAGE, f"notes.{name}")
            )
            if st.form_submit_button("Save"):
                asked = Asked(notes=notes, types=tuple(chosen))
        with st.form(state.key(PAGE, f"move.{row.id}"), border=False):
            note = st.text_input(
                "What happened?", key=state.key(PAGE, f"note.{row.id}"), max_chars=LONGEST_NOTE
            )
            with st.container(horizontal=True, gap="small"):
                for to in sorted(moves, key=list(MOVE_WORDS).index):
                    if st.form_submit_button(MOVE_WORDS[to], icon=STAGE_ICONS[to]):
                        asked = Asked(to=to, note=note or "")
        data: Any = pl.DataFrame(
            [
                {
                    "When": moment(step.at, zone),
                    "Stage": step.to_stage.capitalize(),
                    "Who": step.who or "The app",
                    "Note": step.note,
                }
                for step in steps
            ]
        )
        st.dataframe(data, hide_index=True, width="stretch")
    return asked
