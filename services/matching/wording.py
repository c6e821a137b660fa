"""Which words two company names share, however each word is spelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.matching.nearby import slips

_RAREST, _COMMONEST = 1.0, 0.05


@dataclass(frozen=True, eq=False)
class WordSets:
    """The words of text `i` are `ids[starts[i] : starts[i + 1]]`."""

    starts: np.ndarray
    ids: np.ndarray

    def of(self, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many words each of these texts has, and the words, text after text."""
        counts = np.diff(self.starts)[texts]
        return counts, self.ids[np.repeat(self.starts[texts], counts) + places_within(counts)]


class WordIndex:
    """The words of all known names, weighed by rarity. `known`: distinct names; `height`: of the whole book."""

    def __init__(self, known: pl.Series, height: int) -> None:
        flat = _split(known)
        top = max(float(np.log(1 + height)), 1e-9)
        rarity = (1 - (pl.len() + 1).log() / top).clip(_COMMONEST, _RAREST)
        self._table = flat.group_by("word").agg(idf=rarity).sort("word")
        self._known = _sets(flat, self._table, len(known))

    def compare(self, asked: pl.Series, left: np.ndarray, right: np.ndarray) -> pl.DataFrame:
        """Name `asked[left[i]]` against known name `right[i]`: `cover_q`, `lacks_q`, `cover_d`, `lacks_d`.

        A cover is the share of a side's words (by rarity) that the other side has; lacks is the
        rarest word it has not.
        """
        flat = _split(asked)
        fresh = flat.join(self._table, on="word", how="anti").select("word").unique().sort("word")
        fresh = fresh.with_columns(idf=pl.lit(_RAREST))
        table = pl.concat([self._table, fresh])
        idf = table["idf"].to_numpy()
        many, mine = _sets(flat, table, len(asked)).of(left)
        much, theirs = self._known.of(right)
        # Every word of the one side beside every word of the other, pair after pair.
        inside, wide = places_within(many * much), np.repeat(much, many * much)
        my_slot = np.repeat(np.cumsum(many) - many, many * much) + inside // wide
        their_slot = np.repeat(np.cumsum(much) - much, many * much) + inside % wide
        met = _related(mine[my_slot], theirs[their_slot], table["word"])
        cover_q, lacks_q = _covered(many, idf[mine], my_slot[met])
        cover_d, lacks_d = _covered(much, idf[theirs], their_slot[met])
        return pl.DataFrame(
            {"cover_q": cover_q, "lacks_q": lacks_q, "cover_d": cover_d, "lacks_d": lacks_d}
        )


def places_within(sizes: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... anew for each group, for groups of these sizes one after another."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _split(texts: pl.Series) -> pl.DataFrame:
    """`at` (number of the text), `word`: the distinct words of each text."""
    table = texts.alias("word").to_frame().with_row_index("at")
    return table.with_columns(pl.col("word").str.split(" ")).explode("word").unique()


def _sets(flat: pl.DataFrame, table: pl.DataFrame, height: int) -> WordSets:
    numbered = flat.join(table.with_row_index("id").select("word", "id"), on="word")
    at, ids = numbered["at"].to_numpy().astype(np.int64), numbered["id"].to_numpy()
    both = np.sort((at << 32) | ids)
    starts = np.searchsorted(both, np.arange(height + 1, dtype=np.int64) << 32)
    return WordSets(starts, both & (2**32 - 1))


def _related(left: np.ndarray, right: np.ndarray, words: pl.Series) -> np.ndarray:
    """Two words mean the same: equal, one cut short, or one slip apart."""
    met = left == right
    # Related words of four letters and more begin or end alike, and a word cut short begins alike.
    first = words.str.slice(0, 1).hash().to_numpy()
    last = words.str.slice(-1).hash().to_numpy()
    alike = (first[left] == first[right]) | (last[left] == last[right])
    asked = np.flatnonzero(alike & ~met)
    pairs, back = np.unique((left[asked] << 32) | right[asked], return_inverse=True)
    a, b = words.gather(pairs >> 32), words.gather(pairs & (2**32 - 1))
    short = np.minimum(a.str.len_chars().to_numpy(), b.str.len_chars().to_numpy())
    table = pl.DataFrame({"a": a, "b": b})
    cut = pl.col("a").str.starts_with(pl.col("b")) | pl.col("b").str.starts_with(pl.col("a"))
    cut = table.select(cut=cut)["cut"].to_numpy() & (short >= 3)
    slip = (slips(a, b).to_numpy() <= 1) & (short >= 4)
    met[asked] = (cut | slip)[back]
    return met


def _covered(counts: np.ndarray, idf: np.ndarray, met: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the weight and heaviest word left out, per name; `met`: the words (by place) the other side has."""
    if not len(counts):
        return np.empty(0), np.empty(0)
    had = np.zeros(len(idf), dtype=bool)
    had[met] = True
    name = np.repeat(np.arange(len(counts)), counts)
    share = np.bincount(name, idf * had) / np.bincount(name, idf)
    return share, np.maximum.reduceat(idf * ~had, np.cumsum(counts) - counts)
