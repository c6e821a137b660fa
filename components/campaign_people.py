"""Who got a campaign, what they did, and for one of them every event with what we take it for."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection, state
from components.loaders.campaigns import PeopleFilters, PeoplePage
from components.moments import SHORT, moment_column, reader_zone
from components.text import plural

PAGE = "campaign"
ROWS = 100
STATES = {
    "replied": "Replied",
    "clicked": "Clicked",
    "opened": "Opened by a person",
    "hidden": "Privacy-hidden",
    "silent": "Delivered, no sign",
    "machine": "Machine signs only",
    "totals": "Totals only",
    "bounced": "Bounced",
    "left": "Unsubscribed or complained",
    "quarantined": "Unsubscribe in question",
    "unmatched": "Not matched",
}
_BANDS = {
    "automatic": "Matched",
    "review": "In question",
    "unmatched": "Not matched",
    "excluded": "Ourselves",
}
_NARROW = {"Person": st.column_config.Column(width=150), "What they did": st.column_config.Column(width=130)}  # fmt: skip


def filters() -> PeopleFilters:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Person, address or customer",
            max_chars=100,
            width=240,
        )
        chosen = st.selectbox(
            "Show",
            list(STATES),
            index=None,
            format_func=lambda one: str(STATES.get(one, one)),
            key=state.key(PAGE, "state"),
            bind="query-params",
            placeholder="Everybody",
            width=220,
        )
    return PeopleFilters(search=(search or "").strip(), state=chosen)


def place(total: int) -> int:
    """The offset of the page being read."""
    pages = -(-total // ROWS)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * ROWS


def people(found: PeoplePage) -> tuple[int | None, int | None]:
    """The table; mail and customer of the row that was clicked."""
    st.caption(
        f"{plural(found.total, 'mail')}. Click one to see every event and what we take it for."
    )
    if found.rows.is_empty():
        layout.empty("Nobody fits.", hint="Clear the filters to see everybody of your customers.")
        return None, None
    rows = found.rows
    data: Any = rows.select(
        pl.coalesce("name", "email").alias("Person"),
        _did().alias("What they did"),
        pl.col("customer").fill_null("–").alias("Customer"),
        pl.col("band").replace_strict(_BANDS, default="").alias("Match"),
        pl.col("human_open_at").alias("Opened"),
        pl.col("human_click_at").alias("Clicked"),
        pl.col("clicks_human").alias("Clicks by people"),
        pl.col("clicks").alias("Clicks, raw"),
        pl.col("opens").alias("Opens, raw"),
        pl.col("opens_hidden").alias("Hidden opens"),
        pl.col("email").alias("Address"),
    )
    at = moment_column(shape=SHORT)
    of = list(rows.select("mail_id", "customer_id").iter_rows())
    picked = selection.table(
        data, of, PAGE, "people", placeholder="",
        column_config={"Opened": at, "Clicked": at, **_NARROW},
    )  # fmt: skip
    return picked.clicked or (None, None)


def _did() -> pl.Expr:
    """The one thing that says most."""
    some = pl.col
    return (
        pl.when(some("complained_at").is_not_null())
        .then(pl.lit("Complained"))
        .when(some("unsubscribed_at").is_not_null())
        .then(pl.lit("Unsubscribed"))
        .when(some("replied_at").is_not_null())
        .then(pl.lit("Replied"))
        .when(some("bounce") > 0)
        .then(pl.when(some("bounce") == 2).then(pl.lit("Bounced")).otherwise(pl.lit("Put off")))
        .when(some("clicks_human") > 0)
        .then(pl.lit("Clicked"))
        .when(some("forwarded_at").is_not_null())
        .then(pl.lit("Forwarded"))
        .when(some("human_open_at").is_not_null())
        .then(pl.lit("Opened"))
        .when(some("opens_hidden") > 0)
        .then(pl.lit("Hidden by privacy"))
        .when("totals")
        .then(pl.lit("Totals only"))
        .when((some("opens") > 0) | (some("clicks") > 0))
        .then(pl.lit("Machines only"))
        .when("delivered")
        .then(pl.lit("Nothing"))
        .otherwise(pl.lit("Not delivered"))
    )


def events(lines: pl.DataFrame, who: str) -> None:
    """Every event of one mail, as told."""
    st.subheader("What happened with this mail", anchor=False)
    st.text(who)
    shown: Any = lines.select(
        # As text, so that what has no time has an empty field.
        pl.when("timed")
        .then(pl.col("at").dt.convert_time_zone(reader_zone()).dt.strftime("%-d %b %Y, %H:%M:%S"))
        .fill_null("")
        .alias("At"),
        pl.col("kind").str.replace_all("_", " ").str.to_titlecase().alias("Event"),
        pl.col("verdict").fill_null("").alias("Taken for"),
        pl.col("reason").fill_null("").alias("Because"),
        pl.col("url").fill_null("").alias("Link"),
        pl.col("times").alias("Times"),
        pl.col("detail").fill_null("").alias("Detail"),
        pl.col("agent").fill_null("").alias("Program"),
    )
    st.dataframe(shown, hide_index=True, width="stretch")
    st.caption(f"Times in {reader_zone()}.")
