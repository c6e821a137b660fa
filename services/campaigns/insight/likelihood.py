"""How likely somebody is to answer the next campaign: their own record, drawn towards their company's."""

from __future__ import annotations

from typing import Any

import polars as pl

OWN, HOUSE, BY_KIND = 8.0, 15.0, 2.0
"""How many mails the wider rate weighs: for a person, for a customer, for a kind of campaign."""
FEWEST_OWN, FEWEST_HOUSE = 3, 10
HIGH, LOW = 1.5, 1 / 1.5
"""Times the rate of the whole portfolio."""
LIKELIHOOD: dict[str, Any] = {
    "recipient_id": pl.Int64,
    "customer_id": pl.Int64,
    "sent": pl.UInt32,
    "responses": pl.UInt32,
    "house_sent": pl.UInt32,
    "chance": pl.Float64,
    "level": pl.Utf8,
}
"""`chance` 0..1; `level` high, medium or low against the portfolio, null: not enough data."""


def likelihood(mails: pl.DataFrame, kind: str | None = None) -> pl.DataFrame:
    """LIKELIHOOD of each recipient of `mails` (MAILS), for a campaign of `kind` or of any.

    A response is a human click or an answer to a mail that was delivered. Own rate is drawn towards the
    customer's with 8 mails, that towards the portfolio's with 15; the odds are then multiplied by those
    of the kind of campaign against all, drawn towards one with 2 mails.
    """
    got = mails.filter("delivered").with_columns(answered=pl.col("clicked") | pl.col("replied"))
    if got.is_empty():
        return pl.DataFrame(schema=LIKELIHOOD)
    # Half an answer more keeps it off 0 and 1, which have no odds.
    whole = (got.filter("answered").height + 0.5) / (got.height + 1.0)
    own = got.group_by("recipient_id", "customer_id").agg(
        sent=pl.len(), responses=pl.col("answered").sum()
    )
    house_sent = pl.col("sent").sum().over("customer_id")
    house = (pl.col("responses").sum().over("customer_id") + HOUSE * whole) / (house_sent + HOUSE)
    chance = (pl.col("responses") + OWN * house) / (pl.col("sent") + OWN)
    odds = chance / (1 - chance) * _odds_ratio(got, kind, whole)
    table = own.with_columns(house_sent=house_sent, chance=odds / (1 + odds))
    enough = (pl.col("sent") >= FEWEST_OWN) | (pl.col("house_sent") >= FEWEST_HOUSE)
    level = (
        pl.when(~enough)
        .then(None)
        .when(pl.col("chance") >= HIGH * whole)
        .then(pl.lit("high"))
        .when(pl.col("chance") <= LOW * whole)
        .then(pl.lit("low"))
        .otherwise(pl.lit("medium"))
    )
    shown = table.with_columns(level=level).sort("recipient_id")
    return shown.select(pl.col(name).cast(form) for name, form in LIKELIHOOD.items())


def _odds_ratio(got: pl.DataFrame, kind: str | None, whole: float) -> float:
    if kind is None:
        return 1.0
    of_kind = got.filter(pl.col("kind") == kind)
    rate = (of_kind.filter("answered").height + BY_KIND * whole) / (of_kind.height + BY_KIND)
    rate = min(max(rate, 1e-6), 1 - 1e-6)
    return float(rate / (1 - rate) / (whole / (1 - whole)))
