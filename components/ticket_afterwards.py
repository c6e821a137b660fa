"""What follow-ups of tickets came to: each figure with its counts and interval, or why there is none."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.loaders.tickets import LEVEL_WORDS, AfterwardsReport, Lift, Share, Timing
from components.text import plain, plural

PAGE = "tickets"
TOO_LITTLE = "Not enough data"


def afterwards(found: AfterwardsReport) -> None:
    """Mails by level, health with and without a follow-up, and the best time for one."""
    st.caption(
        plain(
            f"The last year: {plural(found.followed, 'solved ticket')} with a follow-up, "
            f"{plural(found.others, 'solved ticket')} without."
        )
    )
    _levels(found)
    _health(found)
    _timing(found.timing)


def share_words(share: Share) -> str:
    """`62% of 40 (46–76%)`; a dash where there is nothing to divide by."""
    if share.share is None:
        return "–"
    ends = f" ({share.low:.0%} to {share.high:.0%})" if share.low is not None else ""
    return f"{share.share:.0%} of {share.of:,}{ends}"


def _levels(found: AfterwardsReport) -> None:
    st.markdown("##### Follow-ups by level")
    lines = [
        {
            "Level": LEVEL_WORDS[one.level],
            "Sent": one.sent,
            "Answered": share_words(one.replied),
            "Rated": share_words(one.rated),
            "Rated good": share_words(one.good),
            "Rated poor": one.poor,
            "Confidence back": share_words(one.back),
        }
        for one in found.levels
    ]
    data: Any = pl.DataFrame(lines)
    st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, "levels"))
    st.caption(
        "In brackets the 95% interval: with few mails it is wide. Confidence is looked at two weeks after each mail."
    )


def lift_words(lift: Lift) -> str:
    """`+3.1 points (0.4 to 5.8)`, or that there is not enough data."""
    if lift.points is None:
        return TOO_LITTLE
    ends = f" ({lift.low:+.1f} to {lift.high:+.1f})" if lift.low is not None else ""
    return f"{lift.points:+.1f} points{ends}"


def _health(found: AfterwardsReport) -> None:
    st.markdown("##### Health afterwards, against tickets without a follow-up")
    lines = [
        {
            "Days after the mail": days,
            "Difference in health": lift_words(lift),
            "Customers with": lift.treated,
            "Customers without": lift.others,
        }
        for days, lift in found.health
    ]
    data: Any = pl.DataFrame(lines)
    st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, "health"))
    st.caption(
        "On day 0 how much higher health stood, on the others how much more it rose since the mail left, than "
        "with tickets of the same level that nobody followed up (there from when a mail would have left). Follow-ups are not handed out by chance: it shows what goes with them, not "
        "what they cause."
    )


def _timing(found: Timing) -> None:
    st.markdown("##### When to write")
    st.markdown(plain(found.sentence))
    lines = [
        {
            "After solving": one.words,
            "Sent": one.answered.of,
            "Answered or rated": share_words(one.answered),
            "Rated good": share_words(one.good),
        }
        for one in found.spans
    ]
    data: Any = pl.DataFrame(lines)
    st.dataframe(data, hide_index=True, width="stretch", key=state.key(PAGE, "timing"))
