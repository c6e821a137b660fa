"""Whole columns of text into whole columns of values; what cannot be used is said in the row's note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

_CONTROL = r"[\x00-\x09\x0b-\x1f\x7f\u{200b}\u{feff}]+"
_ROUGH = r"^$|^\s|\s$|[\x00-\x09\x0b-\x1f\x7f\u{200b}\u{feff}]"
_NOTHING = ["-", "--", "—", "n/a", "#n/a", "#ref!", "#value!", "null", "none", "(none)", "(blank)"]


def clean(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Text without control characters and outer blanks; null where nothing is left. Adds missing columns."""
    missing = [c for c in columns if c not in frame.columns]
    frame = frame.with_columns(pl.lit(None, pl.Utf8).alias(c) for c in missing)
    filled = [c for c in columns if frame[c].null_count() < frame.height]
    rough = frame.select(pl.col(filled).str.contains(_ROUGH).any())
    dirty = [c for c in filled if rough[c].item()]
    return frame.with_columns(_cleaned(pl.col(c)) for c in dirty)


def _cleaned(column: pl.Expr) -> pl.Expr:
    # A line break separates the values of a list, so it survives here and becomes a blank in names.
    text = column.str.replace_all(
        r"[\x00-\x09\x0b-\x1f\x7f\u{200b}\u{feff}]+", " "
    ).str.strip_chars()
    return pl.when(text != "").then(text).otherwise(None)


def blank_placeholders(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Null for what spreadsheets write instead of leaving a cell empty. Not for names: one may be called None."""
    filled = [c for c in columns if frame[c].null_count() < frame.height]
    return frame.with_columns(
        pl.when(pl.col(c).str.to_lowercase().is_in(_NOTHING))
        .then(None)
        .otherwise(pl.col(c))
        .alias(c)
        for c in filled
    )


def add_note(frame: pl.DataFrame, text: pl.Expr) -> pl.DataFrame:
    """Append to `note`, apart by "; ". A null text adds nothing."""
    both = pl.concat_str("note", text, separator="; ", ignore_nulls=True)
    return frame.with_columns(pl.when(both != "").then(both).otherwise(None).alias("note"))


def limit(
    frame: pl.DataFrame, columns: Sequence[str], length: int, labels: dict[str, str]
) -> pl.DataFrame:
    """One-line text that a database column of `length` characters can hold; longer ones are left out."""
    for name in columns:
        if frame[name].null_count() == frame.height:
            continue
        column = pl.col(name)
        frame = frame.with_columns(column.str.replace_all(r"\s+", " "))
        too_long = column.str.len_chars() > length
        if frame.select(too_long.any()).item():
            text = pl.lit(f"{labels[name]} left out: longer than {length} characters")
            frame = add_note(frame, pl.when(too_long).then(text))
            frame = frame.with_columns(pl.when(too_long).then(None).otherwise(column).alias(name))
    return frame


def convert(
    frame: pl.DataFrame,
    column: str,
    label: str,
    parse: Callable[[str], Any],
    kind: pl.DataType | Any,
) -> pl.DataFrame:
    """Replace the column's text by parsed values of type `kind`; each distinct text is parsed once."""
    texts = frame[column].drop_nulls().unique(maintain_order=True).to_list()
    values, problems = [], []
    for text in texts:
        value, problem = _parsed(text, parse)
        values.append(value)
        problems.append(problem and f"{label} “{_shown(text)}” left out: {problem}")
    found = pl.DataFrame(
        {
            column: pl.Series(texts, dtype=pl.Utf8),
            "_value": pl.Series(values, dtype=kind),
            "_problem": pl.Series(problems, dtype=pl.Utf8),
        }
    )
    frame = frame.join(found, on=column, how="left", maintain_order="left")
    if found["_problem"].null_count() < found.height:
        frame = add_note(frame, pl.col("_problem"))
    return frame.with_columns(pl.col("_value").alias(column)).drop("_value", "_problem")


def _parsed(text: str, parse: Callable[[str], Any]) -> tuple[Any, str | None]:
    try:
        return parse(text), None
    except ValueError as error:
        return None, str(error)


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"


def folded(column: str) -> pl.Expr:
    """Names as compared: case, width and spacing folded."""
    return (
        pl.col(column)
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
