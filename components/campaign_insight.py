"""Which mail works with whom, and whom to contact because of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import layout, state
from components.campaign_list import KINDS
from components.loaders.campaigns import MailAnalysis, MailGroup, Recommendations, Share
from components.text import plain

PAGE = "campaigns"


def analysis(found: MailAnalysis) -> None:
    """A table per question, counts beside every rate."""
    st.caption(
        "Of the last year's mail to your customers. Answers are clicks by people and replies, of the mails "
        "delivered, with a 95 % interval; small groups are ordered as if drawn towards the whole."
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
        "Group": KINDS.get(one.name, one.name),
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


def recommendations(found: Recommendations) -> int | None:
    """The high engagers; the id of the customer that was clicked."""
    st.caption(
        plain(
            f"High engagers who had a personal mail in the last 30 days: {_said(found.followed_up)}."
        )
    )
    if not found.rows:
        layout.empty(
            "Nobody to recommend yet.", hint="High engagers replied, or clicked in two of three."
        )
        return None
    data: Any = pl.DataFrame([_line(row) for row in found.rows], infer_schema_length=None)
    picked = st.dataframe(
        data, hide_index=True, width="stretch", on_select="rerun", selection_mode="single-cell",
        key=state.key(PAGE, "recommendations"),
    )  # fmt: skip
    cells: Sequence[Any] = picked["selection"]["cells"][:1]
    return next((found.rows[n].customer_id for n, _ in cells if n < len(found.rows)), None)


def _line(row: Any) -> dict[str, Any]:
    slot = f"{row.hours[0]:02d}:00–{row.hours[1]:02d}:00" if row.hours else "Not enough data"
    return {
        "Person": row.name,
        "Customer": row.customer,
        "Why": row.reason,
        "Topics": ", ".join(row.topics),
        "Best time": slot,
        "Talking points": " ".join(row.talking_points),
        "Contacted": "Yes" if row.contacted else "",
    }
