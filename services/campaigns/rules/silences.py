"""When customers got mail and showed no sign of reading. Pure."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from services.campaigns.rules.conditions import READING
from services.campaigns.rules.looks import Looks

CUSTOMER = "customer_id"


def silences(mails: pl.DataFrame, least: int, window: timedelta, looks: Looks) -> pl.DataFrame:
    """SPELL (services.campaigns.rules.spells) of those who got so many campaigns within the window, and of
    whose people nobody showed a sign."""
    got = mails.filter(pl.col("delivered_at").is_not_null()).with_columns(
        look=looks.first_from(pl.max_horizontal("sent_at", "delivered_at"))
    )
    signs = _signs(got, looks)
    nothing = signs.select(CUSTOMER, look=looks.first_from(pl.col("sign") + window))
    moments = pl.concat(
        [
            _campaigns(got, window, looks),
            got.select(CUSTOMER, "look", at="sent_at", first="sent_at"),
            signs,
            nothing,
        ],
        how="diagonal",
    )
    held = (
        moments.group_by(CUSTOMER, "look")
        .agg(pl.col("more").sum(), pl.col("at", "sign").max(), pl.col("first").min())
        .sort(CUSTOMER, "look")
        .with_columns(
            pl.col("at", "sign").cum_max().forward_fill().over(CUSTOMER),
            pl.col("first").cum_min().forward_fill().over(CUSTOMER),
            count=pl.col("more").cum_sum().over(CUSTOMER),
            end=pl.col("look").shift(-1, fill_value=looks.count).over(CUSTOMER),
        )
    )
    over = looks.first_from(pl.col("sign") + window) <= pl.col("look")
    return held.filter(
        pl.col("count") >= least,
        pl.col("sign").is_null() | over,
        pl.col("look") < pl.col("end"),
    ).with_columns(
        start="look",
        since=pl.when(pl.col("sign").is_null())
        .then(-1)
        .otherwise(looks.first_from(pl.col("sign"))),
        occasion=pl.coalesce("sign", "first").dt.date().cast(pl.Int32),
    )


def _signs(got: pl.DataFrame, looks: Looks) -> pl.DataFrame:
    """`customer_id`, `look`, `sign`: each sign, from when on it is known."""
    return (
        got.select(CUSTOMER, "look", *READING)
        .unpivot(on=READING, index=[CUSTOMER, "look"], value_name="sign")
        .drop_nulls("sign")
        .select(CUSTOMER, pl.max_horizontal("look", looks.first_from(pl.col("sign"))), "sign")
    )


def _campaigns(got: pl.DataFrame, window: timedelta, looks: Looks) -> pl.DataFrame:
    """`customer_id`, `look`, `more`: by how much the number of campaigns within the window changes then."""
    over = got.with_columns(end=looks.first_from(pl.col("sent_at") + window)).filter(
        pl.col("look") < pl.col("end")
    )
    whose = [CUSTOMER, "campaign_id"]
    mails = pl.concat(
        over.select(*whose, look=place, more=pl.lit(way, pl.Int64))
        for place, way in (("look", 1), ("end", -1))
    )
    return (
        mails.group_by(*whose, "look")
        .agg(pl.col("more").sum())
        .sort(*whose, "look")
        .with_columns(there=(pl.col("more").cum_sum().over(whose) > 0).cast(pl.Int64))
        .with_columns(more=pl.col("there") - pl.col("there").shift(1, fill_value=0).over(whose))
        .filter(pl.col("more") != 0)
        .select(CUSTOMER, "look", "more")
    )
