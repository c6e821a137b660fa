"""Whom to turn to first: what a customer is worth, how much speaks for a word, and how long there is for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Any

import polars as pl

SHOWN = 5
REASONS = 3
"""Named of one customer; the rest is a number."""
HALF_DAYS = 14
"""Days left at which a reason presses half as much as one that is due."""
LEAST = 0.1
"""What a customer without ARR weighs, where the average of its currency weighs 1 more."""
PLACES = 9
"""Of a value after the point: what differs less is worth the same."""
MOMENT = pl.Datetime("us", "UTC")
STAKES: dict[str, Any] = {
    "customer_id": pl.Int64, "customer": pl.String, "arr": pl.Float64, "currency": pl.String,
}  # fmt: skip
"""Customers of a desk, each once."""
OCCASIONS: dict[str, Any] = {
    "customer_id": pl.Int64, "kind": pl.String, "number": pl.Int64, "strength": pl.Float64,
    "due_at": MOMENT, "words": pl.String,
}  # fmt: skip
"""A reason to turn to a customer: `kind` and `number` name its record, `strength` 0..1 says how much it asks for,
`due_at` until when."""
SIGNAL, DRAFT, TASK = "signal", "draft", "task"


@dataclass(frozen=True)
class Reason:
    kind: str
    number: int
    words: str


@dataclass(frozen=True)
class Pick:
    """One customer to turn to. `reasons`, what presses most first, at most REASONS of them and `more`; the first
    is the one to act on. `value`: see `best`."""

    customer_id: int
    customer: str
    arr: float | None
    currency: str
    reasons: tuple[Reason, ...]
    more: int
    value: float

    @property
    def why(self) -> str:
        """Its reasons in one line."""
        said = [one.words for one in self.reasons]
        if self.more:
            said.append(f"and {self.more:,} more")
        line = "; ".join(said)
        return line[:1].upper() + line[1:]


def best(
    stakes: pl.DataFrame,
    usual: Mapping[str, float],
    occasions: pl.DataFrame,
    now: datetime,
    *,
    most: int = SHOWN,
) -> tuple[Pick, ...]:
    """The customers of STAKES with the highest value, of those with any of OCCASIONS. `usual` is the average ARR of
    the whole desk by currency.

    value  = stake x (1 - product over its reasons of (1 - strength x urgency))
    stake  = 0.1 + ARR / the average ARR of the desk in that currency (unknown ARR counts as none)
    urgency = 1 / (1 + days left / 14), 1 when it is due; told to the second

    ARR x signal x time left, as the product asks. Reasons of one customer add up as independent ones do
    ("noisy or", Pearl 1988); what is further off counts hyperbolically less (Mazur 1987). More ARR, a further
    reason, a stronger or a more pressing one never lowers a customer. Amounts in several currencies are not
    compared: each is held against the average of its own. Of those worth the same the one known for longest is first.
    """
    left = (pl.col("due_at").dt.epoch("s") - floor(now.timestamp())) / 86_400
    pressing = occasions.with_columns(
        press=pl.col("strength") / (1 + left.clip(lower_bound=0.0) / HALF_DAYS)
    )
    # Of thousands that wait only figures are looked at; reasons are told of the few that are shown.
    chances = (
        pressing.select("customer_id", "press")
        .sort("customer_id", "press")
        .group_by("customer_id", maintain_order=True)
        .agg(chance=1 - (1 - pl.col("press")).product(), count=pl.len())
    )
    arr = pl.col("arr").fill_null(0.0).clip(lower_bound=0.0)
    against = pl.col("currency").replace_strict(dict(usual), default=0.0, return_dtype=pl.Float64)
    weighed = (
        stakes.unique("customer_id")
        .sort("customer_id")
        .with_columns(stake=LEAST + pl.when(against > 0).then(arr / against).otherwise(0.0))
    )
    ranked = (
        chances.join(weighed, on="customer_id")
        .with_columns(value=(pl.col("stake") * pl.col("chance")).round(PLACES))
        .sort("value", "customer_id", descending=[True, False])
        .head(most)
    )
    told = _reasons(pressing.join(ranked, on="customer_id", how="semi"))
    shown = ranked.join(told, on="customer_id", maintain_order="left")
    return tuple(_pick(row) for row in shown.iter_rows(named=True))


def _reasons(pressing: pl.DataFrame) -> pl.DataFrame:
    """A row per customer: its first REASONS, what presses most before the others."""
    order = ("customer_id", "press", "due_at", "kind", "number")
    return (
        pressing.sort(order, descending=[False, True, *[False] * 3])
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col(name).head(REASONS) for name in ("kind", "number", "words"))
    )


def _pick(row: dict[str, Any]) -> Pick:
    reasons = zip(row["kind"], row["number"], row["words"], strict=True)
    return Pick(
        row["customer_id"], row["customer"], row["arr"], row["currency"],
        tuple(Reason(*one) for one in reasons), row["count"] - len(row["kind"]), row["value"],
    )  # fmt: skip
