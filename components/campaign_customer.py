"""How a customer's people take bulk mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection, state
from components.loaders.campaigns import KIND_WORDS, CustomerMail, MailPreference
from components.moments import moment_column, reader_zone
from components.text import moment, plain, plural

NOT_ENOUGH = "Not enough data"
PATTERNS = {
    "engaged": "Highly engaged",
    "clicked": "Clicks",
    "opened": "Opens, does not click",
    "hidden": "Behind a privacy service",
    "quiet": "Quiet",
    "lost": "Left or unreachable",
    "new": "Too few mails",
}
LEVELS = {"high": "High", "medium": "Medium", "low": "Low"}


def summary(found: CustomerMail) -> None:
    rate = f"{found.responses / found.delivered:.0%}" if found.delivered else "–"
    with st.container(horizontal=True, gap="small"):
        for label, value, below in (
            ("Pattern", PATTERNS[found.pattern or "new"], "of whoever takes it best"),
            ("Mails delivered", f"{found.delivered:,}", "in the last year"),
            ("Answered by people", rate, f"{found.responses:,} of {found.delivered:,}"),
        ):
            st.metric(
                label, value, below, delta_color="off", delta_arrow="off", border=True, width=230
            )


def people(rows: pl.DataFrame, as_of: datetime) -> None:
    """One line per person, with what the figures rest on."""
    st.subheader("People", anchor=False)
    data: Any = pl.DataFrame([_line(row) for row in rows.iter_rows(named=True)])
    st.dataframe(data, hide_index=True, width="stretch", key=state.key("customer", "mail_people"))
    st.caption(
        plain(
            "Campaigns told as totals only are left out here. Likelihood is that of a human click or a reply to the next campaign, against all customers. "
            "Times are the person's own; below five mails at two times of day everybody's best time stands. "
            f"Both as of {moment(as_of, reader_zone())}."
        )
    )


def _line(row: dict[str, Any]) -> dict[str, Any]:
    level = row["level"]
    likely = NOT_ENOUGH
    if level is not None:
        likely = f"{LEVELS[level]}, {row['chance']:.0%} (n = {row['sent']})"
    return {
        "Person": row["name"] or row["email"],
        "Pattern": PATTERNS[row["pattern"]],
        "Response likelihood": likely,
        "Best time": _best(row),
        "Mails": row["sent"],
        "Opened": row["opened"],
        "Hidden": row["hidden"],
        "Clicked": row["clicked"],
        "Replied": row["replied"],
    }


def _best(row: dict[str, Any]) -> str:
    if row["best_from_hour"] is None:
        return NOT_ENOUGH
    slot = f"{row['best_from_hour']:02d}:00–{row['best_until_hour']:02d}:00"
    span = f"{row['best_low']:.0%}–{row['best_high']:.0%}"
    whose = f"n = {row['sent']}" if row["best_own"] else "everybody's; not enough data of their own"
    return f"{slot} ({span}; {whose})"


def campaigns(rows: pl.DataFrame) -> int | None:
    """The last campaigns they got; the id of the one that was clicked."""
    st.subheader("Recent campaigns", anchor=False)
    data: Any = rows.select(
        pl.col("name").alias("Campaign"),
        pl.col("kind").replace(KIND_WORDS).alias("Kind"),
        pl.col("sent_at").alias("Sent"),
        pl.col("delivered").alias("Delivered"),
        pl.col("opened").alias("Opened by people"),
        pl.col("hidden").alias("Privacy-hidden"),
        pl.col("clicked").alias("Clicked by people"),
        pl.col("replied").alias("Replied"),
        pl.col("left").alias("Unsubscribed"),
    )
    picked = selection.table(
        data,
        rows["campaign_id"].to_list(),
        "customer",
        "mail_campaigns",
        column_config={"Sent": moment_column(shape="D MMM YYYY")},
    )
    return picked.clicked


def preferences(kinds: Sequence[MailPreference], topics: Sequence[MailPreference]) -> None:
    st.subheader("What they respond to", anchor=False)
    shown: Any = {
        "Kind of mail": [KIND_WORDS.get(one.what, one.what) for one in kinds],
        "Answered": [_rate(one) for one in kinds],
        "People": [one.people for one in kinds],
    }
    st.dataframe(shown, hide_index=True, width="stretch")
    if topics:
        said = ", ".join(f"{one.what} ({plural(one.people, 'person', 'people')})" for one in topics)
        st.markdown(f"Topics clicked: {plain(said)}")
    else:
        layout.empty("No topic yet.", hint="They come from the links that people follow.")


def _rate(one: MailPreference) -> str:
    share = one.share
    if share is None or share.share is None or share.low is None or share.high is None:
        return NOT_ENOUGH
    if not one.enough:
        return f"{NOT_ENOUGH} ({share.hits} of {share.of})"
    span = f"{share.low:.0%}–{share.high:.0%}"
    return f"{share.share:.0%} ({share.hits} of {share.of}; {span})"
