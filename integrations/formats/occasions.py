"""Which events of one name are events of their own: by their numbers, and by the days between them."""

from __future__ import annotations

import polars as pl

NEXT_OF_SERIES = pl.col("day").diff().dt.total_days() > 3
"""A conference or a course may have a day off between two of its days."""
ANOTHER_DAY = (pl.col("last") - pl.col("when").shift(1)) > pl.duration(hours=8)
"""Every day is one; but an evening that ends after midnight is no second one."""
_MARKS = r"[\s\-]"


def split_by_number(frame: pl.DataFrame, names: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of one key (`names`: key, name) with different event ids get keys of their own; rows without an
    id go with those of their day. Ids that differ from row to row of a day are not taken for events'."""
    if "event_id" not in frame.columns:
        return frame, names
    day = pl.col("when").dt.date() if "when" in frame.columns else pl.lit(None, pl.Date)
    frame = frame.with_columns(day=day)
    found = frame.drop_nulls("key").group_by("key", "day", "event_id").agg(n=pl.len())
    found = found.with_columns(number=pl.col("event_id").cast(pl.Utf8).str.replace_all(_MARKS, ""))
    told = found.drop_nulls("number")
    pairs = told.select("key", "number").unique()
    occasions = told.select("key", "day").n_unique()
    per_row = pairs.height > occasions and 2 * pairs.height > told["n"].sum()
    if per_row or pairs.height == pairs["key"].n_unique():
        return frame.drop("day"), names
    for near in (["key", "day"], ["key"]):
        found = found.with_columns(pl.col("number").fill_null(pl.col("number").min().over(near)))
    part = pl.col("number").rank("dense").over("key").fill_null(1)
    parts = found.select("key", "day", "event_id", part=part)
    on = ["key", "day", "event_id"]
    frame = frame.join(parts, on=on, how="left", nulls_equal=True, maintain_order="left")
    frame, names, _ = _renumbered(frame.drop("day"), names)
    return frame, names


def split_by_day(
    frame: pl.DataFrame,
    days: pl.DataFrame | None,
    names: pl.DataFrame,
    another: pl.Expr,
    *,
    strays: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame | None, pl.DataFrame]:
    """Rows of one key get keys of their own from each day that is `another` event (of key's days in order:
    day, when, last). A row without a day goes to the first; without `strays`, to none if there are several.

    Gives `frame` (key, …), `days` (key, zoned, day, n, when, last) and `names` (key, name) anew."""
    if days is None:
        return frame, days, names
    seen = days.group_by("key", "day").agg(pl.col("when").min(), pl.col("last").max())
    apart = another.fill_null(value=False)
    seen = seen.sort("key", "day").with_columns(apart=apart.over("key"))
    if not seen["apart"].any():
        return frame, days, names
    parts = seen.select("key", "day", part=pl.col("apart").cum_sum().over("key"))
    several = parts.group_by("key").agg(several=pl.col("part").max() > 0)
    on = ["key", "day"]
    frame = (
        frame.with_columns(day=pl.col("when").dt.date())
        .join(parts, on=on, how="left", maintain_order="left")
        .join(several, on="key", how="left", maintain_order="left")
    )
    lost = pl.lit(value=not strays) & pl.col("several").fill_null(value=False)
    frame = frame.with_columns(
        part=pl.when(lost).then("part").otherwise(pl.col("part").fill_null(0))
    )
    frame, names, refs = _renumbered(frame.drop("day", "several"), names)
    days = days.join(parts, on=on).join(refs, on=["key", "part"]).drop("key", "part")
    return frame, days.rename({"ref": "key"}), names


def _renumbered(
    frame: pl.DataFrame, names: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Each key and part is one key from here on; `refs` (key, part, ref) tells which."""
    refs = frame.select("key", "part").drop_nulls().unique().sort("key", "part")
    refs = refs.with_row_index("ref")
    on = ["key", "part"]
    frame = frame.join(refs, on=on, how="left", maintain_order="left").drop(on)
    names = refs.join(names, on="key", how="left", maintain_order="left")
    return frame.rename({"ref": "key"}), names.select("name", key="ref"), refs
