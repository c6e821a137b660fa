"""One campaign: its figures, when people reacted, and which links they followed."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import layout
from components.bars import bars
from components.loaders.campaigns import KIND_WORDS, CampaignRow, Share
from components.text import moment, plain, plural

_WIDTH = 150
_COLOURS = {"opened": "#2F6FB0", "clicked": "#237A4B", "replied": "#9A6600"}


def subtitle(row: CampaignRow, zone: str) -> str:
    kind = KIND_WORDS[row.kind] if row.bulk else "Mail to single people"
    kind += "" if row.kind_by == "person" else " (detected)"
    return f"{kind} · {row.platform} · started {moment(row.started_at, zone)}"


def figures(row: CampaignRow) -> None:
    """Counts beside both rates; what cannot be known is said."""
    bounced = row.bounced_hard + row.bounced_soft
    left = f"{row.quarantined:,} in question" if row.quarantined else "by people"
    told = (
        ("Mails", f"{row.mails:,}", plural(row.customers, "customer")),
        ("Coverage", _percent(row.coverage), _of(row.coverage)),
        ("Delivered", "–" if row.unsent else f"{row.delivered:,}", f"{bounced:,} bounced"),
        ("Opened by people", _percent(row.human_opens), _of(row.human_opens)),
        ("Opened, raw", _percent(row.raw_opens), _of(row.raw_opens)),
        ("Privacy-hidden", f"{row.opened_hidden:,}", "nobody can know"),
        ("Clicked by people", _percent(row.human_clicks), _of(row.human_clicks)),
        ("Clicked, raw", _percent(row.raw_clicks), _of(row.raw_clicks)),
        ("Replied", f"{row.replied:,}", f"{row.forwarded:,} forwarded"),
        ("Unsubscribed", f"{row.unsubscribed:,}", left),
    )
    with st.container(horizontal=True, gap="small"):
        for label, value, below in told:
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=_WIDTH
            )
    if row.unsent:
        st.info(
            "Only those who did something were told of, not to whom it was sent, so there are no rates. "
            "Import the file of deliveries too, or have the platform tell of them.",
            icon=":material/help:",
        )
    elif row.unjudged:
        st.info(
            f"Of {row.delivered - row.judged:,} mails the platform told totals without times. Whether people or "
            "programs made them nobody can know, so they count for no one's engagement.",
            icon=":material/help:",
        )
    st.caption(
        "People's opens and clicks are those that no scanner, proxy or privacy service can explain. The "
        "open rate leaves out who reads behind a privacy service: whether they looked is hidden."
    )


def _percent(share: Share) -> str:
    return "–" if share.share is None else f"{share.share:.1%}"


def _of(share: Share) -> str:
    return f"{share.hits:,} of {share.of:,}"


def timeline(counted: pl.DataFrame) -> None:
    """Mails by the hour or day of the first human sign of each kind."""
    st.subheader("When people reacted", anchor=False)
    if counted.is_empty():
        layout.empty("No human sign yet.", hint="Opens of programs and proxies do not count here.")
        return
    daily = counted["at"].dt.hour().max() == 0
    bars(
        counted,
        x=("at", "First sign (UTC)"),
        y=("mails", "Mails"),
        per="day" if daily else "hour",
        of=("sign", "Sign"),
        colours=_COLOURS,
    )


def links(found: pl.DataFrame) -> None:
    st.subheader("Links", anchor=False)
    if found.is_empty():
        layout.empty(
            "No links yet.", hint="They are known once somebody or something follows them."
        )
        return
    trap = int(found["hidden"].sum())
    if trap:
        st.caption(
            plain(
                f"{plural(trap, 'link')} that nobody can see stand here too: only programs follow them."
            )
        )
    shown: Any = found.select(
        pl.coalesce("label", "url").alias("Link"),
        pl.col("people").alias("People"),
        pl.col("clicks_human").alias("Clicks by people"),
        pl.col("clicks").alias("Clicks, raw"),
        pl.col("topic").fill_null("").alias("Topic"),
        pl.when("hidden").then(pl.lit("hidden")).otherwise(pl.lit("")).alias("Kind"),
        pl.col("url").alias("Address"),
    )
    name = st.column_config.TextColumn(width="medium")  # leaves room for figures on a phone
    wide = st.column_config.TextColumn(width="large")
    st.dataframe(
        shown, hide_index=True, width="stretch", column_config={"Link": name, "Address": wide}
    )


def kind(row: CampaignRow) -> tuple[str, bool | None] | None:
    """The kind that was chosen and saved, if one was, and whether it is bulk mail, if that was changed."""
    with st.form(f"campaign.kind.{row.id}", border=True):
        chosen = st.selectbox(
            "Kind",
            list(KIND_WORDS),
            index=list(KIND_WORDS).index(row.kind),
            format_func=lambda one: KIND_WORDS[one],
            help="What it was detected as stays until a person says otherwise.",
            width=220,
        )
        bulk = st.checkbox(
            "Bulk mail",
            value=row.bulk,
            help="Only bulk mail counts for how people take our mail: not receipts or password resets.",
        )
        saved = st.form_submit_button("Save kind")
    return (chosen, bulk if bulk != row.bulk else None) if saved else None
