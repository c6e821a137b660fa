"""The analysis of events, drawn: each figure with its counts and interval, or the reason there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import state
from components.event_list import type_words
from components.figures import WIDTH
from components.narrowing import choice, period
from components.text import plural

PAGE = "event_analysis"
TOO_LITTLE = "Not enough data"


def filters(segments: Sequence[str], types: Sequence[str]) -> tuple[int, str | None, str | None]:
    """Days, segment and type."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        days = period(PAGE, "Events of the last")
        segment = choice(PAGE, "segment", "Segment", segments, 170)
        kind = choice(PAGE, "type", "Type", {one: type_words(one) for one in types}, 170)
    return days, segment, kind


def share_in_revenue(default: float) -> float:
    """The assumption behind what events are worth."""
    percent = st.slider(
        "How much of a lift shows in revenue (your assumption)",
        0,
        100,
        round(default * 100),
        5,
        format="%d%%",
        key=state.key(PAGE, "share"),
        bind="query-params",
        width=360,
    )
    return percent / 100


def headline(found: Any, rates: Any) -> None:
    """The three success figures with their targets, and how far events reach."""
    with st.container(horizontal=True, gap="small"):
        _share(
            "Events followed up",
            rates.events,
            "events",
            f"Target: more than 80%. Events learned of more than {rates.recent_days} days after count once "
            "somebody asks for their follow-ups.",
        )
        _share("Followed up", rates.customers, "customers at events", "72 hours are over.")
        _share("Answered", rates.replies, "sent", "Target: more than 30%.")
        _lift(
            "Engagement lift",
            found.lift,
            "Target: +15%. Compared with customers who did not come.",
        )
        _share("Reach", found.reach, "customers", "Customers of whom anybody came.")
        _figure("Events", f"{found.events:,}", plural(found.seats, "seat"))


def share_words(share: Any) -> str:
    """`8 of 10 (80%, 49–94%)`, or the raw count where there is nothing to divide by."""
    if share.share is None:
        return f"{TOO_LITTLE} (0 of 0)"
    return f"{share.hits:,} of {share.of:,} ({share.share:.0%}, {share.low:.0%}–{share.high:.0%})"


def lift_words(lift: Any) -> str:
    """The relative lift with its interval, or why there is none."""
    if lift.relative is None:
        return (
            f"{TOO_LITTLE} ({lift.treated:,} came, {lift.others:,} did not; 8 of each are needed)"
        )
    return (
        f"{lift.relative:+.0%} ({lift.relative_low:+.0%} to {lift.relative_high:+.0%}; "
        f"{lift.treated:,} came, {lift.others:,} did not)"
    )


def between(low: str, middle: str, high: str) -> str:
    """`-$8.3K (-$54.8K to $54.6K)`: a minus reads as such, and what is likeliest comes first."""
    return f"{middle} ({low} to {high})"


def _share(label: str, share: Any, of: str, help_text: str) -> None:
    if share.share is None:
        _figure(label, "–", TOO_LITTLE.lower(), help_text)
        return
    said = f"{share.hits:,} of {share.of:,} {of}; 95% interval {share.low:.0%}–{share.high:.0%}. {help_text}"
    _figure(label, f"{share.share:.0%}", f"{share.hits:,} of {share.of:,}", said)


def _lift(label: str, lift: Any, help_text: str) -> None:
    if lift.relative is None:
        _figure(label, "–", TOO_LITTLE.lower(), lift_words(lift))
        return
    below = f"{lift.relative_low:+.0%} to {lift.relative_high:+.0%}"
    _figure(label, f"{lift.relative:+.0%}", below, f"{lift_words(lift)}. {help_text}")


def _figure(label: str, value: str, below: str, help_text: str | None = None) -> None:
    st.metric(
        label, value, below, delta_color="off", delta_arrow="off", border=True, width=WIDTH + 34,
        help=help_text,
    )  # fmt: skip
