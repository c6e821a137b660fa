"""One participant, however many ways a row spells them: the key of a person, and the best of several verdicts."""

from __future__ import annotations

import numpy as np
import polars as pl

from services.matching.addresses import email_keys, replaced
from services.matching.names import company_keys, person_parts
from services.matching.reasons import SENTENCES

_BANDS = {"automatic": 2, "review": 3, "excluded": 4, "unmatched": 5}
_SURE, _TORN = 0, 1
_IDS = ("customer_id", "stakeholder_id")
_TEXTS = ("email", "company", "name", "title")


def person_key(people: pl.DataFrame) -> pl.Series:
    """Row by row from `email`, `company`, `name`: the e-mail key, else 'name|company'; null for nobody.

    A name without letters (a telephone, a conference room) is taken as it is written.
    """
    keys = email_keys(people["email"])
    lacking = np.flatnonzero(keys.is_null().to_numpy())
    by_name = _by_name(people.select("company", "name")[lacking])
    return replaced(keys, lacking, by_name).alias("person")


def _by_name(rows: pl.DataFrame) -> pl.Series:
    """`company`, `name` -> 'name|company'."""
    whole = person_parts(rows["name"]).select("name", "whole")
    full = company_keys(rows["company"]).select("full", company="name")
    rows = rows.join(whole, on="name", how="left", maintain_order="left")
    rows = rows.join(full, on="company", how="left", maintain_order="left")
    written = pl.col("name").str.to_lowercase().str.strip_chars()
    name = pl.coalesce("whole", pl.when(written != "").then(written))
    return rows.select(person=pl.concat_str(name, pl.lit("|"), pl.col("full").fill_null("")))[
        "person"
    ]


def best_of(verdicts: pl.DataFrame, key: str, *, apart: tuple[str, ...] = ()) -> pl.DataFrame:
    """One row per value of `key` (null keys dropped): the verdict that counts (see `_rank`), by a total order.

    Of verdicts that are worth the same the fullest spelling counts, and of those as full the one that sorts
    first. The order looks at every column, so the winner of a set is the winner of its parts' winners,
    whatever the parts: uploads can be folded in any order. Columns: `match`'s (`reason` may be missing,
    `candidates` may be text), `key`, any others that belong to the content; row numbers do not, and are
    named in `apart`.
    """
    return verdicts[best_rows(verdicts, key, apart=apart)]


def best_rows(verdicts: pl.DataFrame, key: str, *, apart: tuple[str, ...] = ()) -> pl.Series:
    """The numbers of the rows of `best_of`: those without a rival in their order, then the others by key."""
    said = verdicts[key].is_not_null()
    alone = verdicts[key].is_unique() & said
    places = (said & ~alone).arg_true()
    if places.is_empty():
        return alone.arg_true()
    # Rivals stand beside each other now; at each step those stay that no other of their key beats.
    places = places.gather(verdicts[key].gather(places).arg_sort())
    contested = verdicts.select(key, "band", "confidence", "candidates", "evidence", *_IDS)[places]
    keys = contested[key].rle_id().to_numpy()
    left = np.arange(len(keys))
    texts = [verdicts[c].gather(places) for c in _TEXTS if c in verdicts.columns]
    worths = contested.select(_rank(), -pl.col("confidence"), *_IDS, _told_by())
    for worth in (*worths.iter_columns(), _brevity(texts, len(keys))):
        left = left[_lowest(worth.gather(left), keys[left])]
    tied = _tied(keys[left])
    if len(tied):
        apart = (key, "band", "confidence", "candidates", *_IDS, *apart)
        told = verdicts.select(sorted(set(verdicts.columns) - {*apart}))[places.gather(left[tied])]
        equal = contested[left[tied]]
        told = told.with_columns(equal.select(offered=_spelled(equal)).to_series())
        left = np.delete(left, tied[_later(told, keys[left[tied]])])
    return pl.concat([alone.arg_true(), places.gather(left)])


def _tied(keys: np.ndarray) -> np.ndarray:
    """Where a key stands that stands more than once. Equal keys stand together."""
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    runs = np.diff(starts, append=len(keys))
    return np.flatnonzero(np.repeat(runs > 1, runs))


def _later(told: pl.DataFrame, keys: np.ndarray) -> np.ndarray:
    """Whether a row has another of its key before it, once they are sorted by all that they say."""
    rows = told.with_columns(key=pl.Series(keys)).with_row_index("at")
    rows = rows.sort("key", *told.columns, nulls_last=True)
    return np.isin(np.arange(len(keys)), rows.unique("key", keep="first")["at"], invert=True)


def _lowest(worth: pl.Series, keys: np.ndarray) -> np.ndarray:
    """Where `worth` is the lowest of its key; null is the highest. Equal keys stand together."""
    if worth.null_count():
        worth = worth.fill_null(int(worth.max() or 0) + 1)  # type: ignore[arg-type]
    values, starts = worth.to_numpy(), np.flatnonzero(np.diff(keys, prepend=-1))
    lowest = np.minimum.reduceat(values, starts)
    return values == np.repeat(lowest, np.diff(starts, append=len(keys)))


def _rank() -> pl.Expr:
    """An answer or a recorded address settles a person. Else a row in which domain and company name
    disagree outweighs one that only lacks the company: nothing said is no evidence against it."""
    settled = (pl.col("band") == "automatic") & pl.col("evidence").is_in(["answer", "email"])
    return (
        pl.when(settled)
        .then(_SURE)
        .when(pl.col("evidence").is_in(["conflict", "conflict_nobody"]))
        .then(_TORN)
        .otherwise(pl.col("band").replace_strict(_BANDS, return_dtype=pl.Int8))
        .cast(pl.Int8)
    )


def _told_by() -> pl.Expr:
    """The place of the evidence among all there is, the surest first."""
    places = {code: place for place, code in enumerate(SENTENCES)}
    return (
        pl.col("evidence")
        .replace_strict(places, default=len(places), return_dtype=pl.Int16)
        .alias("told_by")
    )


def _brevity(texts: list[pl.Series], rows: int) -> pl.Series:
    """Below nothing by as many bytes as the texts of a row have."""
    sizes = [text.str.len_bytes().cast(pl.Int64).fill_null(0) for text in texts]
    return -sum(sizes, start=pl.zeros(rows, pl.Int64, eager=True))


def _spelled(rows: pl.DataFrame) -> pl.Expr:
    """The candidates as text, which can be ordered where a list cannot."""
    if not rows.height or rows.schema["candidates"] == pl.Utf8:
        return pl.col("candidates").cast(pl.Utf8) if rows.height else pl.lit(None, pl.Utf8)
    entry = pl.concat_str(
        pl.element().struct.field("customer_id"),
        pl.lit(":"),
        pl.element().struct.field("confidence"),
    )
    return pl.col("candidates").list.eval(entry).list.join(",")
