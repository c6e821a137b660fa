"""How far an invitation has got, from what is known of its mail, the answer and the event. Pure."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

DELIVERED_AFTER = timedelta(hours=1)
"""A mail that has not come back by then has arrived."""
FACTS = {
    "id": pl.Int64,
    "state": pl.String,
    "draft": pl.String,
    "mail": pl.String,
    "sent_at": pl.Datetime("us", "UTC"),
    "opened": pl.Boolean,
    "clicked": pl.Boolean,
    "bounced": pl.Boolean,
    "registration": pl.String,
    "declined": pl.Boolean,
    "over": pl.Boolean,
}
_ON_ITS_WAY = ("queued", "claimed", "wire", "unknown", "review")


def derived(facts: pl.DataFrame, now: pl.Expr) -> pl.Series:
    """Rows of FACTS -> the state of each, String.

    An answer comes before everything that only the mail tells, and what happened at the event before an
    answer. Of the mail the furthest is told. Opens and clicks are those of people; a click is an open.
    `registration` null: none; `draft` null: it was chosen and nothing has been written yet.
    """
    registration, mail, draft = pl.col("registration"), pl.col("mail"), pl.col("draft")
    sent = pl.col("sent_at").is_not_null()
    arrived = pl.col("sent_at") <= now - DELIVERED_AFTER
    state = (
        pl.when(registration == "attended").then(pl.lit("attended"))
        .when(registration == "no_show").then(pl.lit("missed"))
        .when(registration == "registered").then(pl.lit("registered"))
        .when(pl.col("declined") | (registration == "cancelled")).then(pl.lit("declined"))
        .when(sent & pl.col("bounced")).then(pl.lit("undelivered"))
        .when(sent & pl.col("over")).then(pl.lit("no_response"))
        .when(sent & pl.col("clicked")).then(pl.lit("clicked"))
        .when(sent & pl.col("opened")).then(pl.lit("opened"))
        .when(sent & arrived).then(pl.lit("delivered"))
        .when(sent).then(pl.lit("sent"))
        .when(draft.is_in(["rejected", "cancelled"])).then(pl.lit("withdrawn"))
        .when(mail.is_in(["failed", "blocked"])).then(pl.lit("undelivered"))
        .when(mail.is_in(_ON_ITS_WAY)).then(pl.lit("approved"))
        .when(draft == "approved").then(pl.lit("approved"))
        .otherwise(pl.lit("drafted"))
    )  # fmt: skip
    return facts.select(state.alias("state"))["state"]
