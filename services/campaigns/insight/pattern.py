"""How somebody takes bulk mail, in one word and the counts behind it."""

from __future__ import annotations

from typing import Any

import polars as pl

LATELY = 3
"""Campaigns that count as recent."""
PATTERN: dict[str, Any] = {
    "recipient_id": pl.Int64,
    "customer_id": pl.Int64,
    "sent": pl.UInt32,
    "opened": pl.UInt32,
    "hidden": pl.UInt32,
    "clicked": pl.UInt32,
    "replied": pl.UInt32,
    "recent_clicks": pl.UInt32,
    "left": pl.Boolean,
    "hard": pl.Boolean,
    "pattern": pl.Utf8,
}
"""Counts are of delivered mails with such a sign. `pattern` is one of PATTERNS."""
PATTERNS = {
    "lost": "Left the list, or the address does not exist",
    "engaged": "Answers, or clicks in two of the last three",
    "clicked": "Clicked at least once",
    "opened": "Opens, does not click",
    "hidden": "Reads behind a privacy service, if at all",
    "quiet": "Three or more mails and no sign of reading",
    "new": "Too few mails to say",
}


def patterns(mails: pl.DataFrame) -> pl.DataFrame:
    """PATTERN of each recipient of `mails` (MAILS), the worst news first to decide: see PATTERNS.

    Who reads through a privacy service only is not quiet: whether they open cannot be known. Who left, and
    showed a sign in what was sent to them after that, is not lost.
    """
    ordered = mails.sort("sent_at", "mail_id", descending=True)
    shown = pl.when(pl.any_horizontal("opened", "clicked", "replied")).then("sent_at").max()
    back = (shown > pl.col("left_at").max()).over("recipient_id").fill_null(value=False)
    ordered = ordered.with_columns(left=pl.col("left") & ~back)
    got = ordered.filter("delivered")
    recent = pl.col("clicked").head(LATELY).sum()
    counted = got.group_by("recipient_id", maintain_order=True).agg(
        sent=pl.len(),
        opened=pl.col("opened").sum(),
        hidden=pl.col("hidden").sum(),
        clicked=pl.col("clicked").sum(),
        replied=pl.col("replied").sum(),
        recent_clicks=recent,
    )
    ends = ordered.group_by("recipient_id").agg(
        pl.col("customer_id").first(), pl.col("left").any(), pl.col("hard").first()
    )
    table = ends.join(counted, on="recipient_id", how="left").with_columns(
        pl.col("sent", "opened", "hidden", "clicked", "replied", "recent_clicks").fill_null(0)
    )
    said = (
        pl.when(pl.col("left") | pl.col("hard"))
        .then(pl.lit("lost"))
        .when((pl.col("replied") > 0) | (pl.col("recent_clicks") >= LATELY - 1))
        .then(pl.lit("engaged"))
        .when(pl.col("clicked") > 0)
        .then(pl.lit("clicked"))
        .when(pl.col("opened") > 0)
        .then(pl.lit("opened"))
        .when(pl.col("hidden") > 0)
        .then(pl.lit("hidden"))
        .when(pl.col("sent") >= LATELY)
        .then(pl.lit("quiet"))
        .otherwise(pl.lit("new"))
    )
    found = table.with_columns(pattern=said).sort("recipient_id")
    return found.select(pl.col(name).cast(form) for name, form in PATTERN.items())
