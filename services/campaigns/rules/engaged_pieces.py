"""When the signs of people count who reply, or click in so many of their last mails. Pure."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from services.campaigns.rules.conditions import LAST
from services.campaigns.rules.looks import Looks

NEVER = np.iinfo(np.int64).max
CLICK, REPLY = "human_click_at", "replied_at"


def engaged(mails: pl.DataFrame, least: int, window: timedelta, looks: Looks) -> pl.DataFrame:
    """`customer_id`, `start`, `end`, `at`, `mail_id`, `occasion` of each sign of somebody engaged, for as long as
    it counts and is the mail's last."""
    got = mails.filter(pl.col("delivered_at").is_not_null()).sort(
        "recipient_id", "sent_at", "mail_id"
    )
    got = got.with_columns(
        known=looks.first_from(pl.max_horizontal("sent_at", "delivered_at")),
        clicked=looks.first_from(pl.col(CLICK)),
        replied=looks.first_from(pl.col(REPLY)),
        click_over=looks.first_from(pl.col(CLICK) + window),
        reply_over=looks.first_from(pl.col(REPLY) + window),
    )
    dropped = _followed(got["recipient_id"].to_numpy(), got["known"].to_numpy())
    got = got.with_columns(dropped=np.minimum(dropped, looks.count))
    pieces = _pieces(got).join(_qualified(got, least), on="recipient_id")
    return pieces.with_columns(
        start=pl.max_horizontal("start", "from"), end=pl.min_horizontal("end", "to")
    ).filter(pl.col("start") < pl.col("end"))


def _followed(whose: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Per mail, in the order of sending, the look at which LAST later ones of the same person are known."""
    first: list[np.ndarray] = [np.full(known.size, NEVER) for _ in range(LAST)]
    rows = np.arange(known.size)
    ahead = 0
    while rows.size:
        ahead += 1
        rows = rows[rows + ahead < known.size]
        rows = rows[whose[rows + ahead] == whose[rows]]
        new = known[rows + ahead]
        for kept in first:
            old = kept[rows]
            kept[rows], new = np.minimum(old, new), np.maximum(old, new)
    return first[-1]


def _qualified(got: pl.DataFrame, least: int) -> pl.DataFrame:
    """`recipient_id`, and `from` when `to` when they had so many clicks in their last mails, or a reply."""
    clicked = got.select("recipient_id", start=pl.max_horizontal("clicked", "known"), end="dropped")
    replied = got.select(
        "recipient_id", start=pl.max_horizontal("replied", "known"), end="reply_over"
    )
    steps = [
        frame.filter(pl.col("start") < pl.col("end")).select(
            "recipient_id",
            look=place,
            clicks=pl.lit(click * way),
            replies=pl.lit((1 - click) * way),
        )
        for click, frame in ((1, clicked), (0, replied))
        for place, way in (("start", 1), ("end", -1))
    ]
    sums = [pl.col(name).cum_sum().over("recipient_id") for name in ("clicks", "replies")]
    return (
        pl.concat(steps)
        .group_by("recipient_id", "look")
        .agg(pl.col("clicks", "replies").sum())
        .sort("recipient_id", "look")
        .with_columns(*sums, to=pl.col("look").shift(-1).over("recipient_id"))
        .filter((pl.col("clicks") >= least) | (pl.col("replies") > 0))
        .select("recipient_id", "to", **{"from": "look"})
    )


def _pieces(got: pl.DataFrame) -> pl.DataFrame:
    """A mail's last sign is its click until its reply and the other way round. A click counts in one of the last
    mails, or where a reply came before it."""
    before = (pl.col(REPLY) <= pl.col(CLICK)).fill_null(value=False)
    until = pl.min_horizontal("click_over", "dropped", "replied")
    click = got.select(
        "customer_id", "recipient_id", "mail_id", at=CLICK, occasion="campaign_id",
        start=pl.max_horizontal("clicked", "known"),
        end=pl.when(before).then("click_over").otherwise(until),
    )  # fmt: skip
    reply = got.select(
        "customer_id", "recipient_id", "mail_id", at=REPLY, occasion="campaign_id",
        start=pl.max_horizontal("replied", "known"),
        end=pl.when(before).then(pl.min_horizontal("reply_over", "clicked")).otherwise("reply_over"),
    )  # fmt: skip
    return pl.concat([click, reply]).filter(pl.col("start") < pl.col("end"))
