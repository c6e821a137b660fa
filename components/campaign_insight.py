"""Which mail works with whom, and whom to contact because of it."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection
from components.loaders.campaigns import (
    KIND_WORDS,
    MailAnalysis,
    MailGroup,
    MailOutcomes,
    Recommendation,
    Recommendations,
    Share,
)
from components.moments import reader_zone
from components.text import moment, plain

PAGE = "campaigns"
BEST = "Best time, theirs"


def analysis(found: MailAnalysis) -> None:
    """A table per question, counts beside every rate."""
    if not found.whole.delivered:
        layout.empty(
            "No mail to compare yet.", hint="It takes campaigns that were delivered to customers."
        )
        return
    st.caption(
        "Of the last year's mail to your customers. Answers are clicks by people and replies, of the mails "
        "delivered, with a 95% interval; small groups are ordered as if drawn towards the whole. "
        f"As of {moment(found.as_of, reader_zone())}."
    )
    for title, groups in (
        ("Segments", found.segments),
        ("Kinds of mail", found.kinds),
        ("CSMs", found.csms),
        ("Day of sending (UTC)", found.days),
        ("Hour of sending (UTC)", found.hours),
    ):
        st.subheader(title, anchor=False)
        data: Any = pl.DataFrame([_group(one) for one in groups], infer_schema_length=None)
        st.dataframe(data, hide_index=True, width="stretch")


def _group(one: MailGroup) -> dict[str, Any]:
    return {
        "Group": KIND_WORDS.get(one.name, one.name),
        "Customers": one.customers,
        "Delivered": one.delivered,
        "Answered": _said(one.answers),
        "Clicked by people": _said(one.clicks),
        "Opened by people": _said(one.opens),
        "Privacy-hidden": one.hidden,
    }


def _said(share: Share) -> str:
    if share.share is None or share.low is None or share.high is None:
        return "Not enough data"
    return f"{share.share:.1%} ({share.hits:,} of {share.of:,}; {share.low:.0%}–{share.high:.0%})"


def outcomes(found: MailOutcomes) -> None:
    """How many were contacted, and what that was worth."""
    gap = found.gap
    lift, below = "–", "not enough data; aim +15%"
    if gap.relative is not None:
        lift = f"{gap.relative:+.0%}"
        below = f"{gap.relative_low:+.0%} to {gap.relative_high:+.0%}; aim +15%"
    with st.container(horizontal=True, gap="small"):
        for label, value, note in (
            ("Followed up", _short(found.followed_up), f"{_counts(found.followed_up)}; aim > 30%"),
            ("Talks after contact", _short(found.contacted), _counts(found.contacted)),
            ("Talks without", _short(found.others), _counts(found.others)),
            ("Conversion lift", lift, below),
        ):
            st.metric(
                label, value, note, delta_color="off", delta_arrow="off", border=True, width=200
            )
    st.caption(
        "Of the customers for whom a rule on engagement has fired in the last year, each once. A talk is an "
        "answer to us within 30 days; one before any contact counts for those without. Who is contacted is "
        "chosen by people, so the lift is a comparison, not a proof. Below eight customers on a side there "
        "is none."
    )


def _short(share: Share) -> str:
    return "–" if share.share is None else f"{share.share:.0%}"


def _counts(share: Share) -> str:
    return f"{share.hits:,} of {share.of:,}"


def recommendations(found: Recommendations) -> Recommendation | None:
    """The high engagers; the one that was clicked."""
    st.caption(
        plain(
            "High engagers who were contacted in the last 30 days, by a mail of their own or as their CSM "
            f"says: {_said(found.followed_up)}. As of {moment(found.as_of, reader_zone())}."
        )
    )
    if not found.rows:
        layout.empty(
            "Nobody to recommend yet.", hint="High engagers replied, or clicked in two of three."
        )
        return None
    data: Any = pl.DataFrame([_line(row) for row in found.rows], infer_schema_length=None)
    st.caption("Click one for what to say, and to write to them.")
    picked = selection.table(
        data,
        [row.recipient_id for row in found.rows],
        PAGE,
        "recommendations",
        placeholder="",
        column_config={
            BEST: st.column_config.TextColumn(help="Hours of their own day, where they are.")
        },
    )
    return next((row for row in found.rows if row.recipient_id == picked.clicked), None)


def _line(row: Any) -> dict[str, Any]:
    slot = f"{row.hours[0]:02d}:00–{row.hours[1]:02d}:00" if row.hours else "Not enough data"
    return {
        "Person": row.name,
        "Customer": row.customer,
        "Why": row.reason,
        "Topics": ", ".join(row.topics),
        BEST: slot,
        "Contacted": "Yes" if row.contacted else "",
    }
