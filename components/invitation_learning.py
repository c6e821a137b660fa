"""What invitations came to."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.moments import reader_day
from components.text import day

PAGE = "invitations"
GOAL = 0.20
TOO_FEW = "not enough data"


def acceptance(found: Any) -> None:
    """Accepted invitations by reason, by the chance that was said, and by month."""
    for title, lines in (
        ("By reason", found.reasons),
        ("By chance", found.bands),
        ("By month", found.months),
    ):
        st.markdown(f"**{title}**")
        if not lines:
            st.caption("Nothing yet.")
            continue
        data: Any = pl.DataFrame(
            [
                {
                    title.removeprefix("By ").capitalize(): one.name,
                    "Invited": one.share.of,
                    "Accepted": one.share.hits,
                    "Share": f"{one.share.share:.0%} ({one.share.low:.0%}–{one.share.high:.0%})",
                }
                for one in lines
            ]
        )
        st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, title))
    st.caption(
        f"Invitations that reached people since {day(reader_day(found.since))}. Accepted: registered or came. "
        "Intervals are Wilson's, 95%. An invitation counts for each of its reasons."
    )


def lift(found: Any) -> None:
    """Recommended customers against those held out."""
    one = found.lift
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("Recommended came", _share(one.recommended), f"{one.recommended.of:,} on lists"),
            ("Held out came", _share(one.held_out), f"{one.held_out.of:,} left out"),
            ("Lift of the list", _lift(one), f"goal +{GOAL:.0%}"),
            ("It would take", TOO_FEW if one.detectable is None else f"±{one.detectable:.0%}", "to be seen today"),
        ):  # fmt: skip
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=210
            )
    st.caption(
        "Both sides would have been on the list; one customer in ten, by its number, never is. So the "
        "difference is the list's doing. The last figure is the smallest lift that as many customers would "
        "show four times in five: a smaller one can be there and not be seen."
    )


def _share(one: Any) -> str:
    return "–" if one.share is None else f"{one.share:.0%}"


def _lift(one: Any) -> str:
    if one.relative is None:
        return TOO_FEW
    return f"{one.relative:+.0%} ({one.low:+.0%} to {one.high:+.0%})"
