"""The level of a ticket: every point of it, and setting another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection, state
from components.loaders.tickets import LEVEL_WORDS, LevelView, OverrideReport, TicketView
from components.text import moment, plain, plural

PAGE = "ticket"


@dataclass(frozen=True)
class NewLevel:
    level: str
    why: str


def level(found: TicketView, zone: str) -> NewLevel | None:
    """The sum as it came about; the level that was set instead, once sent."""
    now = found.level
    if now is None:
        layout.empty(
            "It has no level yet.",
            hint="A ticket is weighed once it is solved, and anew whenever something of it changes.",
        )
        return None
    st.markdown(f"##### {plain(LEVEL_WORDS[now.level])} · {plural(now.points, 'point')}")
    if now.overridden:
        st.info(
            f"Set by {plain(now.by)}, {plain(moment(now.at, zone))}: {plain(now.why)} "
            f"The rubric says {LEVEL_WORDS[now.rule_level].lower()}.",
            icon=":material/edit:",
        )
    points(now)
    chosen = _override(now)
    if len(found.levels) > 1:
        with st.expander("How it was weighed before"):
            for one in found.levels[1:]:
                by = f", set by {plain(one.by)}: {plain(one.why)}" if one.overridden else ""
                told = f"{LEVEL_WORDS[one.level]}, {plural(one.points, 'point')}"
                st.caption(f"{plain(f'{moment(one.at, zone)}: {told}')}{by}")
    return chosen


def points(found: LevelView) -> None:
    """One line for each thing that counted, and what the sum means."""
    for one in found.parts:
        count = f"{one.points:+d}" if one.points else "0"
        st.markdown(f":gray-badge[{count}] {plain(one.words)}")
    if not found.parts:
        st.caption("Nothing counted: an everyday ticket.")
    st.caption(
        plain(
            f"{found.because.removesuffix(chr(46))}. Up to 3 points: acknowledge. 4 to 7: satisfaction check. "
            "8 and more: relationship repair."
        )
    )


def _override(found: LevelView) -> NewLevel | None:
    with st.popover("Set another level", icon=":material/tune:"):
        others = [one for one in LEVEL_WORDS if one != found.level]
        with st.form(state.key(PAGE, "override"), border=False):
            wanted = st.radio(
                "Level",
                others,
                format_func=lambda one: LEVEL_WORDS[one],
                key=state.key(PAGE, "level"),
            )
            why = st.text_input("Why", max_chars=500, key=state.key(PAGE, "why"))
            sent = st.form_submit_button("Set it", type="primary")
        st.caption("The reason is kept and reported: the rubric is bettered from it.")
    return NewLevel(wanted, why or "") if sent else None


def overrides(found: OverrideReport) -> int | None:
    """Where people see it otherwise than the rubric; the id of the ticket that was clicked."""
    if not found.rows:
        layout.empty(
            f"Nobody has set another level than the rubric, of {plural(found.weighed, 'ticket')} weighed.",
            hint="Open a ticket and choose Set another level: the reason stands here then.",
        )
        return None
    share = found.overridden / found.weighed if found.weighed else 0
    st.markdown(
        f"**{found.overridden:,} of {plural(found.weighed, 'ticket')}** weighed "
        f"({share:.1%}) have another level than the rubric's."
    )
    for rule, wanted, count in found.moves:
        st.markdown(f"- {count:,}× {LEVEL_WORDS[rule].lower()} → {LEVEL_WORDS[wanted].lower()}")
    lines = [
        {
            "Ticket": one.number,
            "Subject": one.subject,
            "Customer": one.customer,
            "Points": one.points,
            "Rubric": LEVEL_WORDS[one.rule_level],
            "Level": LEVEL_WORDS[one.level],
            "Why": one.why,
            "By": one.by,
            "At": one.at,
        }
        for one in found.rows
    ]
    data: Any = pl.DataFrame(lines, infer_schema_length=None)
    picked = selection.table(
        data,
        [one.ticket_id for one in found.rows],
        "tickets",
        "overrides",
        column_config={"Why": st.column_config.TextColumn(width="large")},
    )
    return picked.clicked
