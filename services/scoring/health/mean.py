"""Customer health: the weighted mean of what is known, and in words why it moved. Pure, on frames."""

from __future__ import annotations

import polars as pl

from services.scoring.health.weights import TOTAL, HealthWeights
from services.scoring.score import ROUNDING

LEAST_ELIGIBLE = 4
"""Before this many events were open to a customer, having come to none says nothing about its health."""
KNOWN = {
    "customer_id": pl.Int64,
    "reported": pl.Int64,
    "score": pl.Int64,
    "attended": pl.Int64,
    "eligible": pl.Int64,
    "missed": pl.Int64,
    "before": pl.Int64,
}
"""What is known of each customer: the CRM's figure, the engagement score with the counts behind it (null
without data), and the health as it was."""
EARLIER = {
    "customer_id": pl.Int64,
    "was_reported": pl.Int64,
    "was_engagement": pl.Int64,
    "was_weight": pl.Int64,
}
"""The parts of the last change; was_weight is that of the CRM's figure."""


def healths(known: pl.DataFrame, weights: HealthWeights) -> pl.DataFrame:
    """`known` (KNOWN) with engagement and health, Int64 0..100; null where nothing is known."""
    counts = (pl.col("attended") > 0) | (pl.col("eligible") >= LEAST_ELIGIBLE)
    with_part = known.with_columns(engagement=pl.when(counts).then(pl.col("score")))
    parts = {"reported": weights.reported, "engagement": weights.engagement}
    weight = pl.sum_horizontal(
        pl.when(pl.col(name).is_not_null()).then(pl.lit(share)).otherwise(0)
        for name, share in parts.items()
    )
    total = pl.sum_horizontal(pl.col(name).fill_null(0) * share for name, share in parts.items())
    mean = (
        (total / weight + ROUNDING).floor().cast(pl.Int64, strict=False)
    )  # 0 / 0 where nothing is known
    return with_part.with_columns(health=pl.when(weight > 0).then(mean))


def with_causes(
    changed: pl.DataFrame, earlier: pl.DataFrame, weights: HealthWeights
) -> pl.DataFrame:
    """`changed` (of `healths`) with `cause` Utf8: which part moved from what to what, and why.

    earlier: columns EARLIER, of the customers that had a health before.
    """
    rows = changed.join(earlier, on="customer_id", how="left", maintain_order="left")
    first = pl.col("was_weight").is_null()
    said = pl.concat_list(
        pl.when(first).then(_first()),
        pl.when(~first).then(_moved("reported", "was_reported", "The CRM's figure", pl.lit(""))),
        pl.when(~first).then(_moved("engagement", "was_engagement", "Engagement", _because())),
        pl.when(~first & (pl.col("was_weight") != weights.reported)).then(
            pl.lit(
                f"Weights changed: CRM {weights.reported}%, engagement {TOTAL - weights.reported}%"
            )
        ),
    )
    text = said.list.drop_nulls().list.join("; ")
    return rows.with_columns(
        cause=pl.when(text == "").then(pl.lit("Computed anew")).otherwise(text).str.head(300)
    ).drop("was_reported", "was_engagement", "was_weight")


def _first() -> pl.Expr:
    crm = pl.format("the CRM says {}", "reported")
    engagement = pl.format("engagement is {}", "engagement")
    both = pl.concat_list(crm, engagement).list.drop_nulls().list.join(", ")
    return pl.format("First figure: {}", both)


def _moved(now: str, was: str, name: str, because: pl.Expr) -> pl.Expr:
    """`Engagement moved from 61 to 48: missed the last 6 events`; null where it did not move."""
    there, before = pl.col(now).is_not_null(), pl.col(was).is_not_null()
    return (
        pl.when(~pl.col(now).ne_missing(pl.col(was)))
        .then(None)
        .when(there & before)
        .then(pl.format("{} moved from {} to {}{}", pl.lit(name), was, now, because))
        .when(there)
        .then(pl.format("{} is known now: {}", pl.lit(name), now))
        .otherwise(pl.format("{} is no longer known (it was {})", pl.lit(name), was))
    )


def _because() -> pl.Expr:
    fell = pl.col("engagement") < pl.col("was_engagement")
    noun = pl.when(pl.col("eligible") == 1).then(pl.lit("event")).otherwise(pl.lit("events"))
    return (
        pl.when(fell & (pl.col("missed") > 1))
        .then(pl.format(": missed the last {} events", "missed"))
        .otherwise(pl.format(": attended {} of {} {}", "attended", "eligible", noun))
    )
