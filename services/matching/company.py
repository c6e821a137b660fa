"""Which customer a typed company name means, with a calibrated confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from services.matching.nearby import slips

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook

# A name that equals a customer's: the whole, without blanks, or only its core ("Acme" for "Acme Group").
LEVELS = (("full", 0.99), ("compact", 0.97), ("core", 0.85))
RESOLVED = {"full": pl.Utf8, "customer_id": pl.Int64, "p": pl.Float64}
_TOP, _POOL = 3, 12
_BEHIND = 0.6  # of the best rough score, below which a candidate is not looked at
_HOPELESS = -2.5  # log-odds of about 8 %
_SYMBOLS = 128  # letters, digits and blank get their own code, other scripts share the rest
_ENOUGH = 0.35  # cosine below which no weighting of the rest lifts a name over one half


def resolve(keys: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Distinct names (`full`, `core`, `compact`) -> up to three customers each: `full`, `customer_id`, `p`.

    An equal name settles it; several customers of that name share the confidence. Only what no
    equal name settles is compared by spelling.
    """
    left = keys.select("full", "core", "compact").drop_nulls("full").unique("full")
    found = []
    for level, p in LEVELS:
        known = book.names.select(level, "customer_id").unique()
        hits = left.join(known, on=level).select("full", "customer_id")
        rivals = pl.len().over("full")
        hits = hits.with_columns(p=pl.when(rivals == 1).then(p).otherwise(p / rivals))
        found.append(hits.filter(pl.col("customer_id").rank("ordinal").over("full") <= _TOP))
        left = left.join(hits, on="full", how="anti")
    if left.height and book.names.height:
        found.append(book.name_index.look_up(left["full"].sort()))
    return pl.concat([part.cast(RESOLVED) for part in found])


class NameIndex:
    """Character trigrams of all known names, weighted by rarity. `names`: `full`, `customer_id`."""

    def __init__(self, names: pl.DataFrame) -> None:
        docs = names.select("full", "customer_id").unique().sort("full", "customer_id")
        self.docs = docs.with_row_index("doc")
        rows, grams = _trigrams(docs["full"])
        once = np.unique(rows.astype(np.int64) * _SYMBOLS**3 + grams) % _SYMBOLS**3
        seen = np.bincount(once, minlength=_SYMBOLS**3)
        self.idf = np.log((1 + docs.height) / (1 + seen)).astype(np.float32) + 1
        self.rare = seen <= max(50, docs.height // 60)
        self.matrix = self._weigh(rows, grams, docs.height)
        self.pool = self._only_rare(self.matrix).T.tocsr()
        words = docs.select("full").unique().select(pl.col("full").str.split(" ").list.unique())
        counts = words.explode("full").group_by(word="full").len()
        top = float(np.log(1 + docs.height))
        self.words = counts.select("word", idf=1 - (pl.col("len") + 1).log() / max(top, 1e-9))

    def look_up(self, queries: pl.Series) -> pl.DataFrame:
        """`queries` sorted and distinct -> `full`, `customer_id`, `p` of the best three customers."""
        parts = [self._nearest(queries[i : i + 5000]) for i in range(0, len(queries), 5000)]
        near = pl.concat(parts)
        near = near.with_columns(margin=_margin(near))
        near = near.filter(pl.col("rank") <= _TOP)
        # The words are compared only where they could still make the name likely.
        hopeful = -5.55 + 3.15 + 2.85 * pl.col("cos") + 10.12 * pl.col("margin") > _HOPELESS
        near = near.filter(hopeful)
        cover = self._cover(near.select("full", "known").unique())
        near = near.join(cover, on=["full", "known"])
        return near.select("full", "customer_id", p=_confidence())

    def _nearest(self, queries: pl.Series) -> pl.DataFrame:
        """The pool of candidates by rare trigrams, then their exact cosine, best per customer."""
        rows, grams = _trigrams(queries)
        asked = self._weigh(rows, grams, len(queries))
        q, d = _promising((self._only_rare(asked) @ self.pool).tocsr())
        pairs = pl.DataFrame({"q": q, "d": d})
        cosine = np.asarray(asked[q].multiply(self.matrix[d]).sum(axis=1)).ravel()
        docs = self.docs.select(pl.col("doc").cast(pl.Int32), "customer_id", known="full")
        near = pairs.with_columns(cos=cosine.astype(np.float64).round(6)).join(
            docs, left_on="d", right_on="doc"
        )
        near = near.filter(pl.col("cos") >= _ENOUGH).sort(
            ["q", "cos", "customer_id", "known"], descending=[False, True, False, False]
        )
        near = near.unique(["q", "customer_id"], keep="first", maintain_order=True)
        near = near.with_columns(rank=pl.col("q").cum_count().over("q"))
        texts = queries.gather(near["q"]).alias("full")
        return near.with_columns(texts).select("full", "customer_id", "known", "cos", "rank")

    def _weigh(self, rows: np.ndarray, grams: np.ndarray, height: int):  # noqa: ANN202  (scipy has no types)
        from scipy.sparse import csr_matrix

        shape = (height, _SYMBOLS**3)
        matrix = csr_matrix((self.idf[grams], (rows, grams)), shape=shape, dtype=np.float32)
        matrix.sum_duplicates()
        squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
        matrix.data /= np.repeat(np.sqrt(np.maximum(squares, 1e-12)), np.diff(matrix.indptr))
        return matrix

    def _only_rare(self, matrix):  # noqa: ANN001, ANN202  (scipy has no types)
        kept = matrix.copy()
        kept.data = kept.data * self.rare[kept.indices]
        kept.eliminate_zeros()
        return kept

    def _cover(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Share of each side's words (by rarity) that the other side has, and the rarest word it lacks."""
        mine = _words(pairs["full"], "full", "word", self.words)
        theirs = _words(pairs["known"], "known", "other", self.words)
        grid = pairs.join(mine, on="full").join(theirs, on="known")
        met = _related(grid.select("word", "other").unique())
        grid = grid.join(met, on=["word", "other"])
        asked = _side(grid, "word", "idf").rename({"share": "cover_q", "lacks": "lacks_q"})
        known = _side(grid, "other", "idf_right").rename({"share": "cover_d", "lacks": "lacks_d"})
        return asked.join(known, on=["full", "known"])


def _promising(rough) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN001  (scipy has no types)
    """Row and column of the best _POOL entries of each row, those far behind the first left out."""
    sizes = np.diff(rough.indptr)
    filled = sizes > 0
    best = np.zeros(len(sizes), rough.data.dtype)
    if filled.any():
        best[filled] = np.maximum.reduceat(rough.data, rough.indptr[:-1][filled])
    near = np.flatnonzero(rough.data >= np.repeat(best * np.float32(_BEHIND), sizes))
    rows = np.searchsorted(rough.indptr, near, side="right") - 1
    columns, data = rough.indices[near], rough.data[near]
    order = np.lexsort((columns, -data.round(5), rows))
    rows, columns = rows[order], columns[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return rows[place < _POOL], columns[place < _POOL]


def _trigrams(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers and trigram codes of texts padded with blanks."""
    padded = texts.to_frame("t").select(
        pl.concat_str(pl.lit(" "), pl.col("t").str.slice(0, 100), pl.lit(" ")).alias("t")
    )["t"]
    letters = np.array(padded.to_list(), dtype=np.str_)
    width = letters.dtype.itemsize // 4
    codes = letters.view(np.uint32).reshape(len(letters), width)
    sizes = padded.str.len_chars().to_numpy().astype(np.int64)
    codes = codes.astype(np.int64)
    low = np.where(codes < 91, np.maximum(codes - 31, 0), np.maximum(codes - 60, 0))
    symbols = np.where(codes < 123, low, 63 + codes % 65)
    grams = (symbols[:, :-2] * _SYMBOLS + symbols[:, 1:-1]) * _SYMBOLS + symbols[:, 2:]
    real = np.arange(width - 2) < (sizes - 2)[:, None]
    return np.nonzero(real)[0], grams[real]


def _words(texts: pl.Series, text: str, word: str, rarity: pl.DataFrame) -> pl.DataFrame:
    """`text`, `word`, `idf` of each distinct text; a word never seen is as rare as can be."""
    table = texts.unique().to_frame(text)
    table = table.with_columns(pl.col(text).str.split(" ").list.unique().alias(word)).explode(word)
    table = table.join(rarity, left_on=word, right_on="word", how="left", coalesce=True)
    return table.with_columns(pl.col("idf").fill_null(1.0).clip(0.05, 1.0))


def _related(pairs: pl.DataFrame) -> pl.DataFrame:
    """Two words mean the same: equal, one cut short, or one slip apart."""
    a, b = pl.col("word"), pl.col("other")
    short = pl.min_horizontal(a.str.len_chars(), b.str.len_chars())
    cut = (short >= 3) & (a.str.starts_with(b) | b.str.starts_with(a))
    slip = (slips(pairs["word"], pairs["other"]) <= 1) & (short >= 4)
    return pairs.with_columns(met=(a == b) | cut | slip)


def _side(grid: pl.DataFrame, word: str, idf: str) -> pl.DataFrame:
    each = grid.group_by("full", "known", word).agg(pl.col(idf).first(), pl.col("met").any())
    weight = pl.col(idf)
    return each.group_by("full", "known").agg(
        share=(weight * pl.col("met")).sum() / weight.sum(),
        lacks=(weight * ~pl.col("met")).max(),
    )


def _margin(near: pl.DataFrame) -> pl.Series:
    """Lead of each candidate's cosine over the best of the others.

    Rivals further behind than _BEHIND are not looked at, so a leader's rival counts as at least
    that near: the lead is never overstated.
    """
    leads = pl.col("rank") == 1
    best = pl.col("cos").filter(leads).first().over("full")
    second = pl.col("cos").filter(pl.col("rank") == 2).first().over("full").fill_null(0.0)
    rival = pl.when(leads).then(pl.max_horizontal(second, best * _BEHIND)).otherwise(best)
    return near.select((pl.col("cos") - rival).alias("margin"))["margin"]


def _confidence() -> pl.Expr:
    """Logistic weights fitted on spelling variants of listed companies; `equal` is settled before, so 0 here."""
    z = (
        -5.55
        + 2.85 * pl.col("cos")
        + 10.12 * pl.col("margin")
        + 3.15 * pl.min_horizontal("cover_q", "cover_d")
        - 1.3 * pl.col("lacks_q")
        - 0.31 * pl.col("lacks_d")
    )
    return 1 / (1 + (-z).exp())
