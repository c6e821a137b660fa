"""What each row says of whether somebody came: in words, by the time there, by a course's completion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from integrations.formats import status_words, statuses, values
from integrations.formats.headings import normalise
from integrations.formats.records import UNKNOWN

_TIMES = ("joined_at", "left_at")


@dataclass(frozen=True)
class Telling:
    """How a file tells who came. `present`: who is named was there. `settled`: the word for it stands, whatever
    times are told beside it. `judging`: a status that is not known cannot pass. `answers`: see status_words."""

    present: bool
    settled: bool
    judging: bool
    answers: Mapping[str, str]


def coming(
    rows: pl.DataFrame, fields: pl.DataFrame, text: dict[str, pl.Series], how: Telling
) -> list[pl.Expr]:
    """status, minutes, left_at and the flags the notes are written from."""
    minutes, backwards = _stay(rows)
    at_times = _at_times(rows, text)
    there = (minutes > 0).fill_null(value=False) | at_times
    came = pl.when(pl.lit(value=True) if how.present else there).then(pl.lit("attended"))
    status, asked, unknown = came, pl.lit(value=False), pl.lit(value=False)
    if "status" in text:
        said, asked = _said(text["status"], how.answers)
        unknown = pl.lit(said.is_null() & text["status"].is_not_null())
        weighed: pl.Expr = pl.lit(said)
        if how.judging and not how.settled:
            listed = _merely_listed(said, text["status"])
            if listed.any():
                of_stay = at_times if _of_event(rows) else there
                weighed = (
                    pl.when(pl.lit(listed) & of_stay).then(pl.lit("attended")).otherwise(weighed)
                )
        status = pl.coalesce(weighed, came, *([_left(text, unknown)] if how.judging else []))
    elif how.judging and not how.present:
        status = pl.coalesce(came, *_completed(rows), _otherwise(rows, fields, text))
    exprs = [
        status.alias("status"),
        minutes.cast(pl.Float32).alias("minutes"),
        asked.alias("asked"),
        unknown.alias("unknown"),
        backwards.alias("backwards"),
    ]
    if set(_TIMES) <= set(rows.columns):
        exprs.append(pl.when(~backwards).then("left_at").alias("left_at"))
    return exprs


def _stay(rows: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """The minutes told, else from joining to leaving; and where somebody leaves before joining."""
    if not set(_TIMES) <= set(rows.columns):
        return pl.col("minutes"), pl.lit(value=False)
    span = (pl.col("left_at") - pl.col("joined_at")).dt.total_seconds() / 60
    backwards = (span < 0).fill_null(value=False)
    return pl.coalesce("minutes", pl.when(~backwards).then(span)), backwards


def _at_times(rows: pl.DataFrame, text: dict[str, pl.Series]) -> pl.Expr:
    """Where a time of joining, or of leaving where no joining is told, says that somebody was there."""
    column = next((c for c in _TIMES if c in text), None)
    if column is None:
        return pl.lit(value=False)
    return pl.col(column).is_not_null() | _noted(rows, text, column)


def _left(text: dict[str, pl.Series], unknown: pl.Expr) -> pl.Expr:
    """What is left where neither a known word nor the time there tells it. A blank beside the others is no word for
    having come; nor is the clock time of an event's date."""
    blank = pl.lit("registered" if "joined_at" not in text and "date" in text else None)
    return pl.when(unknown).then(pl.lit(UNKNOWN)).otherwise(blank)


def _noted(rows: pl.DataFrame, text: dict[str, pl.Series], column: str) -> pl.Expr:
    """Where something stands for a time that cannot be read, and does not say no."""
    odd = (text[column].is_not_null() & rows[column].is_null()).arg_true()
    if odd.is_empty():
        return pl.lit(value=False)
    words = values.by_distinct(text[column].gather(odd), statuses.status, pl.Utf8)
    none = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)  # noqa: FBT003
    return pl.lit(none.scatter(odd, words.is_null() | (words == "attended")))


def _merely_listed(said: pl.Series, words: pl.Series) -> pl.Series:
    """Who is registered, as far as the word goes: the time there says more. Not so of a course on which
    somebody has begun."""
    listed = (said == "registered").fill_null(value=False)
    if not listed.any():
        return listed
    return listed & ~values.by_distinct(words, _is_begun, pl.Boolean).fill_null(value=False)


def _of_event(rows: pl.DataFrame) -> bool:
    """Whether all rows of each event tell the same time, which then is how long that was; not so of a row alone."""
    if rows["minutes"].null_count():
        return False
    least, most = pl.col("minutes").min(), pl.col("minutes").max()
    events = rows.group_by("event_ref").agg(least=least, same=least == most)
    several = rows.height > min(events.height, events["least"].n_unique())
    return several and bool(events["same"].all())


def _is_begun(word: str) -> bool:
    return normalise(word) in values.NOT_DONE


def _completed(rows: pl.DataFrame) -> list[pl.Expr]:
    if "completed" not in rows.columns:
        return []
    done = pl.col("completed")
    return [pl.when(done).then(pl.lit("attended")).when(~done).then(pl.lit("registered"))]


def _otherwise(rows: pl.DataFrame, fields: pl.DataFrame, text: dict[str, pl.Series]) -> pl.Expr:
    """Who came is told by others in a column that tells it: who is not, is registered."""
    told = any(c in text for c in _TIMES) or (
        "completed" in rows.columns and rows["completed"].null_count() < rows.height
    )
    tells = told or bool(values.filled(fields, "minutes").any())
    return pl.lit("registered" if tells else None, dtype=pl.Utf8)


def _said(column: pl.Series, answers: Mapping[str, str]) -> tuple[pl.Series, pl.Expr]:
    """What the words say, and where they are not known but by an answer."""
    letters = statuses.roll_call(column.unique().drop_nulls().cast(pl.Utf8).to_list())

    def understand(word: str) -> str | None:
        return statuses.status(word) or letters.get(word)

    said = values.by_distinct(column, understand, pl.Utf8)
    asked = said.is_null() & column.is_not_null()
    odd = asked.arg_true()
    if answers and not odd.is_empty():
        said = said.scatter(odd, status_words.answered(column.gather(odd), answers))
    return said, pl.lit(asked)
