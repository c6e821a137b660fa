"""The columns of a file that hold figures, and yes or no."""

from __future__ import annotations

from functools import partial

import polars as pl

from integrations.formats import durations, values

NUMBERS = {
    "questions": (values.count, pl.Int32),
    "polls": (values.count, pl.Int32),
    "downloads": (values.count, pl.Int32),
    "feedback": (values.number, pl.Float32),
    "minutes": (durations.minutes, pl.Float32),
    "completed": (values.reached, pl.Boolean),
    "passed": (values.reached, pl.Boolean),
}
_DAY = 24 * 60


def read_numbers(cells: pl.DataFrame) -> dict[str, pl.Series]:
    found: dict[str, pl.Series] = {}
    for c, (understand, dtype) in NUMBERS.items():
        if c in cells.columns:
            one_by_one = values.by_figure if dtype.is_numeric() else values.by_distinct
            found[c] = one_by_one(cells[c], partial(values.unguarded, understand), dtype)
    longest: object = found["minutes"].max() if "minutes" in found else None
    if isinstance(longest, float) and longest >= _DAY and durations.is_long_clock(cells["minutes"]):
        clock = partial(values.unguarded, durations.minutes_and_seconds)
        found["minutes"] = values.by_figure(cells["minutes"], clock, pl.Float32)
    for c in found.keys() & {"completed", "passed"}:
        if bool(
            cells[c].str.contains(values.DATED).any()
        ):  # the day on which: none yet where it is blank
            found[c] = found[c].fill_null(value=False)
    none = pl.repeat(None, cells.height, dtype=pl.Float32, eager=True)
    return {"minutes": none.alias("minutes"), **found}
