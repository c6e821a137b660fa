"""The list of campaigns: its filters, its figures and the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.loaders.campaigns import KIND_WORDS, CampaignFilters, CampaignPage, CampaignRow
from components.moments import reader_day
from components.narrowing import choice
from components.text import plural

PAGE = "campaigns"
ROWS = 50
ENOUGH = 0.95
"""Coverage below which somebody should look at who is not matched."""


def filters(vendors: Sequence[tuple[str, str]]) -> CampaignFilters:
    """The choices above the list, kept in the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Name or subject",
            max_chars=100,
            width=220,
        )
        kind = choice(PAGE, "kind", "Kind", KIND_WORDS, 170)
        vendor = choice(PAGE, "vendor", "Platform", dict(vendors), 170)
        single = st.toggle(
            "Mail to single people, too",
            key=state.key(PAGE, "single"),
            bind="query-params",
            help="Receipts, password resets and what else went to fewer than five people counts for nobody's "
            "engagement, unless somebody says under Edit that it is bulk mail.",
        )
    return CampaignFilters(
        search=(search or "").strip(), kind=kind, vendor=vendor, single=bool(single)
    )


def figures(found: CampaignPage) -> None:
    """How many, and how much of the mail we know whose it is."""
    cover = found.coverage
    share = "–" if cover.share is None else f"{cover.share:.1%}"
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("Campaigns", f"{found.total:,}", "fit the filters"),
            ("Mails", f"{found.mails:,}", f"{found.excluded:,} to ourselves"),
            ("Coverage", share, f"{cover.hits:,} of {plural(cover.of, 'mail')}"),
        ):
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=170
            )
    if cover.share is not None and cover.share < ENOUGH:
        st.caption(
            "Coverage is the share of mails whose recipient is known to be of a customer. Below 95% it is "
            "worth opening a campaign and looking at who is not matched."
        )


def place(total: int) -> int:
    """The offset of the page being read."""
    st.caption(f"{plural(total, 'campaign')}. Click one to see who did what.")
    pages = -(-total // ROWS)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * ROWS


def table(rows: Sequence[CampaignRow]) -> int | None:
    """The campaigns; the id of the one that was clicked."""
    data: Any = pl.DataFrame([_line(row) for row in rows], infer_schema_length=None)
    percent = st.column_config.NumberColumn(format="percent")
    human = (
        "Of the mails delivered. Who reads behind a privacy service cannot be known and is left out; empty "
        "where that is everybody, or where the platform told totals only."
    )
    picked = selection.table(
        data,
        [row.id for row in rows],
        PAGE,
        "table",
        placeholder="",
        column_config={
            "Campaign": st.column_config.TextColumn(pinned=True, width="medium"),
            "Started": st.column_config.DateColumn(format="D MMM YYYY"),
            "Open rate, people": st.column_config.NumberColumn(format="percent", help=human),
            "Known readers": st.column_config.NumberColumn(
                help="Mails delivered to those who do not read behind a privacy service: the rate is of these."
            ),
            "Privacy-hidden": st.column_config.NumberColumn(
                help="Loaded by a privacy service: not the same as not opened."
            ),
            "Open rate, raw": percent,
            "Click rate, people": percent,
            "Click rate, raw": percent,
            "Coverage": percent,
        },
    )
    return picked.clicked


def _line(row: CampaignRow) -> dict[str, Any]:
    return {
        "Campaign": row.name,
        "Clicked by people": row.clicked_human if row.judged or row.clicked_human else None,
        "Opened by people": row.opened_human if row.judged or row.opened_human else None,
        "Mails": row.mails,
        "Delivered": None if row.unsent else row.delivered,
        "Started": reader_day(row.started_at),
        "Kind": KIND_WORDS[row.kind],
        "Open rate, people": row.human_opens.share,
        "Known readers": row.human_opens.of or None,
        "Click rate, people": row.human_clicks.share,
        "Privacy-hidden": row.opened_hidden,
        "Open rate, raw": row.raw_opens.share,
        "Click rate, raw": row.raw_clicks.share,
        "Replied": row.replied,
        "Unsubscribed": row.unsubscribed,
        "Bounced": row.bounced_hard + row.bounced_soft,
        "Customers": row.customers,
        "Coverage": row.coverage.share,
        "Platform": row.platform,
    }
