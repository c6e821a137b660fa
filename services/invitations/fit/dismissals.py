"""What customers do not want to hear about, as marks against events on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from services.invitations.fit.ground import Floats, Ground, key_of

EACH, MOST = 0.4, 5
"""Log-odds that a dismissal of a topic takes away, and how many of them count."""
DISMISSED: dict[str, Any] = {"customer_id": pl.Int64, "topic": pl.String}


def marks(ground: Ground, event: int, dismissed: pl.DataFrame) -> Floats:
    """Per customer what to take from its score: for the event's topic it dismissed most often.

    `dismissed` (DISMISSED) has a row for each time. It changes nothing for others, and nothing of what the
    model is fitted to.
    """
    found = np.zeros(ground.size)
    wanted = {key_of(topic) for topic in ground.events.row(event, named=True)["topics"] or ()}
    keys = {topic: key_of(topic) for topic in dismissed["topic"].unique()}
    counted = (
        dismissed.with_columns(key=pl.col("topic").replace_strict(keys, return_dtype=pl.String))
        .filter(pl.col("key").is_in(list(wanted)))
        .group_by("customer_id", "key")
        .agg(n=pl.len())
        .group_by("customer_id")
        .agg(pl.col("n").max())
        .join(ground.customers.select("customer_id").with_row_index("place"), on="customer_id")
    )
    found[counted["place"].to_numpy()] = EACH * counted["n"].clip(0, MOST).to_numpy()
    return found
