"""Which customer a typed company name means, with a calibrated confidence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from services.matching.nearby import slips

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook

# A name that equals a customer's: the whole, without blanks, or only its core ("Acme" for "Acme Group").
LEVELS = (("full", 0.99), ("compact", 0.97), ("core", 0.85))
RESOLVED = {"full": pl.Utf8, "customer_id": pl.Int64, "p": pl.Float64}
_TOP, _POOL, _CHUNK = 3, 12, 4000
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
        chunks = [queries[i : i + _CHUNK] for i in range(0, len(queries), _CHUNK)]
        # The products run outside the interpreter's lock; small chunks keep their memory small.
        with ThreadPoolExecutor(2) as pool:
            near = pl.concat(pool.map(self._nearest, chunks))
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
        left = pairs.select("full").unique().with_row_index("q")
        right = pairs.select("known").unique().with_row_index("d")
        mine, theirs = _words(left, "q", "full"), _words(right, "d", "known")
        words = pl.concat([mine["word"], theirs["word"]]).unique().to_frame("word")
        words = words.join(self.words, on="word", how="left").with_row_index("id")
        words = words.with_columns(pl.col("idf").fill_null(1.0).clip(0.05, 1.0))
        mine, theirs = (side.join(words, on="word").drop("word") for side in (mine, theirs))
        met = pairs.join(left, on="full").join(right, on="known")
        grid = met.select("q", "d").join(mine, on="q").join(theirs, on="d", suffix="_d")
        grid = grid.join(_related(grid.select("id", "id_d").unique(), words), on=["id", "id_d"])
        asked = _side(grid, "id", "idf").rename({"share": "cover_q", "lacks": "lacks_q"})
        known = _side(grid, "id_d", "idf_d").rename({"share": "cover_d", "lacks": "lacks_d"})
        return met.join(asked, on=["q", "d"]).join(known, on=["q", "d"]).drop("q", "d")


def _promising(rough) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN001  (scipy has no types)
    """Row and column of the best _POOL entries of each row, those far behind the first left out."""
    sizes = np.diff(rough.indptr)
    filled = sizes > 0
    best = np.zeros(len(sizes), rough.data.dtype)
    if filled.any():
        best[filled] = np.maximum.reduceat(rough.data, rough.indptr[:-1][filled])
    near = np.flatnonzero(rough.data >= np.repeat(best * np.float32(_BEHIND), sizes))
    rows = np.searchsorted(rough.indptr, near, side="right") - 1
    # Row, then closeness, then column in one number: sorting numbers is far cheaper than three keys.
    distance = ((1.01 - np.minimum(rough.data[near], 1.0)) * 2**20).astype(np.int64)
    order = np.sort((rows << 44) | (distance << 22) | rough.indices[near])
    rows, columns = order >> 44, order & (2**22 - 1)
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


def _words(texts: pl.DataFrame, number: str, text: str) -> pl.DataFrame:
    """`number`, `word`: the distinct words of each text."""
    split = pl.col(text).str.split(" ").list.unique().alias("word")
    return texts.select(number, split).explode("word")


def _related(pairs: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Two words mean the same: equal, one cut short, or one slip apart. Adds `met` to `id`, `id_d`."""
    spelled = pl.DataFrame(
        {"a": words["word"].gather(pairs["id"]), "b": words["word"].gather(pairs["id_d"])}
    )
    a, b = pl.col("a"), pl.col("b")
    short = pl.min_horizontal(a.str.len_chars(), b.str.len_chars())
    cut = (short >= 3) & (a.str.starts_with(b) | b.str.starts_with(a))
    slip = (slips(spelled["a"], spelled["b"]) <= 1) & (short >= 4)
    return pairs.with_columns(spelled.select(met=(a == b) | cut | slip))


def _side(grid: pl.DataFrame, word: str, idf: str) -> pl.DataFrame:
    each = grid.group_by("q", "d", word).agg(pl.col(idf).first(), pl.col("met").any())
    weight, met = pl.col(idf), pl.col("met")
    each = each.with_columns(had=weight * met, lacks=weight * ~met)
    total = each.group_by("q", "d").agg(pl.col("had", idf).sum(), pl.col("lacks").max())
    return total.select("q", "d", "lacks", share=pl.col("had") / weight)


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
