"""States that a desk's users made themselves: turned into the app's words as an admin said they are meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from integrations.ticket_records import CHANGES, TICKETS, Told


def state_key(said: str) -> str:
    """States as they are compared: `Waiting  on QA` is `waiting on qa`."""
    return " ".join(said.split()).casefold()


def unnamed(told: Told, meanings: Mapping[str, str]) -> Counter[str]:
    """States that `meanings` does not have, each with how often it was told."""
    known = {state_key(said) for said in meanings}
    counted: Counter[str] = Counter()
    for said, times in told.own["value"].value_counts().iter_rows():
        if state_key(said) not in known:
            counted[" ".join(said.split())] += times
    return counted


def meant(told: Told, meanings: Mapping[str, str], otherwise: str | None) -> Told:
    """With the changes that its own states amount to; `otherwise` is what one without a meaning amounts to,
    None for nothing."""
    if told.own.is_empty():
        return told
    by_key = {state_key(said): state for said, state in meanings.items()}
    words = {said: by_key.get(state_key(said)) for said in told.own["value"].unique()}
    named = pl.col("value").replace_strict(words, default=None, return_dtype=pl.String)
    plain = pl.lit(otherwise, pl.String)
    own = told.own.with_columns(said="value", named=named).with_columns(
        what=pl.lit("state"), value=pl.coalesce("named", plain)
    )
    own = own.filter(pl.col("value").is_not_null())
    # After the bare key in the order of keys: named later, it counts more than what was taken for it before.
    stamp = pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%S")
    as_named = pl.format("state~{}={}@{}", "said", "value", stamp)
    bare = pl.format("state={}@{}", "value", stamp)
    keyed = pl.when(pl.col("named").is_null()).then(bare).otherwise(as_named)
    own = own.with_columns(key=pl.coalesce("key", keyed))
    dated = own.filter(pl.col("at").is_not_null()).select(CHANGES.keys())
    # Without a time of its own, it is so from when it is heard.
    undated = own.filter(pl.col("at").is_null()).select("number", state="value")
    return replace(
        told,
        tickets=pl.concat([told.tickets, undated], how="diagonal").select(TICKETS.keys()),
        changes=pl.concat([told.changes, dated]),
        own=told.own.clear(),
    )
