"""Advocacy: the candidates and the opportunities by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import layout, navigation, selection, state
from components.first_steps import next_step
from components.loaders import AdvocacyBoard, Candidate, FirstSteps, OpportunityRow
from components.text import money, plain, plural

PAGE = "advocacy"
STAGE_ICONS = {
    "identified": ":material/person_search:",
    "asked": ":material/outgoing_mail:",
    "agreed": ":material/handshake:",
    "delivered": ":material/verified:",
    "declined": ":material/do_not_disturb_on:",
}
TOP = 3
LINES = 82
"""Pixels: longer words break into lines in rows higher than four times the letter size only."""


def nobody(steps: FirstSteps) -> None:
    """Who would be a candidate, and the way there."""
    layout.empty(
        "No candidate at present.",
        hint="A candidate has a score of 80 or more, comes as much as before, is in good health and "
        "has done something notable: spoke, asked much, took part in depth or gave feedback.",
    )
    if not next_step(steps):
        navigation.link("engagement", "See who scores how much")


def candidate_table(rows: Sequence[Candidate], *, blocked: bool) -> tuple[int, ...]:
    """Draw what fits beside the menu on a small screen, what decides first for phones; the ids of those ticked. With `blocked`, what speaks against asking is shown as well."""
    lines = [
        {
            "Customer": row.customer,
            "Score": row.score,
            **({"Not now": row.block_words} if blocked else {}),
            "Ask for": row.type_words or "–",
            "Notable participation": "; ".join(row.remarks) or "–",
            "Champion": row.champion.name if row.champion else "Nobody reachable",
            "ARR": money(row.arr, row.currency),
        }
        for row in rows
    ]
    data: Any = pl.DataFrame(lines, infer_schema_length=None)
    picked = selection.table(
        data,
        [row.customer_id for row in rows],
        PAGE,
        "blocked" if blocked else "candidates",
        mode="multi-row",
        row_height=LINES,
        column_config={
            "Customer": st.column_config.TextColumn(pinned=True, width=120),
            "Not now": st.column_config.TextColumn(width=150),
            "Notable participation": st.column_config.TextColumn(width=200 if blocked else 290),
            "Ask for": st.column_config.TextColumn(width=110),
            "Champion": st.column_config.TextColumn(width=120),
            "Score": st.column_config.NumberColumn(width=60),
            "ARR": st.column_config.TextColumn(width=65),
        },
    )
    return picked.ticked


def create_buttons(count: int, ticked: Sequence[int]) -> str | None:
    """'top' or 'ticked', when that button was pressed."""
    with st.container(horizontal=True, gap="small"):
        first = min(TOP, count)
        if st.button(
            f"Create opportunities for the top {first}",
            type="primary",
            icon=":material/star:",
            key=state.key(PAGE, "top"),
            disabled=not count,
        ):
            return "top"
        if ticked and st.button(
            f"Create for the {len(ticked)} ticked",
            key=state.key(PAGE, f"ticked.{selection.mark(ticked)}"),
        ):
            return "ticked"
    return None


def conversion(board: AdvocacyBoard, target: float) -> None:
    """How many of those asked agreed, with what can be said about it."""
    share = board.conversion
    with st.container(horizontal=True, gap="small"):
        if share.share is None or share.low is None or share.high is None:
            st.metric("Conversion", "–", "nobody asked yet", delta_color="off",
                      delta_arrow="off", border=True, width=190)  # fmt: skip
        else:
            st.metric(
                "Conversion",
                f"{share.share:.0%}",
                f"{share.hits} of {share.of} asked",
                delta_color="off",
                delta_arrow="off",
                border=True,
                width=190,
                help=f"Between {share.low:.0%} and {share.high:.0%} (95% Wilson interval). "
                f"The aim is more than {target:.0%}.",
            )
        for stage, count in board.counts.items():
            st.metric(stage.capitalize(), f"{count:,}", border=True, width=120)
    if share.share is not None and share.low is not None and share.high is not None:
        st.caption(
            plain(
                f"Agreed or delivered, of those asked: {share.hits} of {share.of}, between "
                f"{share.low:.0%} and {share.high:.0%} (95% interval); the aim is over {target:.0%}."
            )
        )


def stages(rows: Sequence[OpportunityRow], names: Mapping[str, str]) -> int | None:
    """The opportunities in columns by stage; the id of the one that was opened."""
    opened = None
    for column, (stage, words) in zip(st.columns(len(names)), names.items(), strict=True):
        mine = [row for row in rows if row.stage == stage]
        with column:
            st.markdown(f"{STAGE_ICONS[stage]} **{words}** ({len(mine):,})")
            for row in mine[:20]:
                with st.container(border=True):
                    st.markdown(f"**{plain(row.customer)}**")
                    st.caption(plain(f"{row.type_words} · {row.champion or 'no champion'}"))
                    if st.button("Open", key=state.key(PAGE, f"open.{row.id}")):
                        opened = row.id
            if len(mine) > 20:
                st.caption(f"and {len(mine) - 20:,} more; download the list to see them all")
    return opened


def say_created(count: int) -> str:
    made = plural(count, "opportunity", "opportunities")
    return (
        f"{made} created, each with its first task. Write to the champion from the customer's page."
    )
