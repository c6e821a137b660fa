"""Which customer a typed company name means, with a calibrated confidence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from services.matching.wording import WordIndex

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook

# A name that equals a customer's: the whole, without blanks, or only its core ("Acme" for "Acme Group").
LEVELS = (("full", 0.99), ("compact", 0.97), ("core", 0.85))
RESOLVED = {"full": pl.Utf8, "customer_id": pl.Int64, "p": pl.Float64}
_TOP, _POOL, _CHUNK = 3, 12, 4000
_BEHIND = 0.6  # of the best rough score, below which a candidate is not looked at
_HOPELESS = -2.5  # log-odds of about 8%
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
        rows, grams = _trigrams(docs["full"])
        once = np.unique(rows.astype(np.int64) * _SYMBOLS**3 + grams) % _SYMBOLS**3
        seen = np.bincount(once, minlength=_SYMBOLS**3)
        self.idf = np.log((1 + docs.height) / (1 + seen)).astype(np.float32) + 1
        self.rare = seen <= max(50, docs.height // 60)
        self.matrix = self._weigh(rows, grams, docs.height)
        self.pool = self._only_rare(self.matrix).T.tocsr()
        # Docs stand by customer and name here: the order in which equally near ones are taken.
        turn = docs.with_row_index("doc").sort("customer_id", "full")["doc"].to_numpy()
        self.turn, self.place = turn, np.argsort(turn)
        self.customer = docs["customer_id"].to_numpy()
        self.owner = np.unique(self.customer, return_inverse=True)[1]
        self.name = docs["full"].rle_id().to_numpy().astype(np.int64)
        self.words = WordIndex(docs["full"].unique(maintain_order=True), docs.height)

    def look_up(self, queries: pl.Series) -> pl.DataFrame:
        """`queries` sorted and distinct -> `full`, `customer_id`, `p` of the best three customers."""
        starts = range(0, len(queries), _CHUNK)
        # The products run outside the interpreter's lock; small chunks keep their memory small.
        with ThreadPoolExecutor(2) as pool:
            near = pl.concat(pool.map(lambda at: self._nearest(queries, at), starts))
        # The words are compared only where they could still make the name likely.
        hopeful = -5.55 + 3.15 + 2.85 * pl.col("cos") + 10.12 * pl.col("margin") > _HOPELESS
        near = near.filter(hopeful)
        q, d = near["q"].to_numpy(), near["d"].to_numpy()
        near = pl.concat([near, self.words.compare(queries, q, self.name[d])], how="horizontal")
        owners = pl.Series("customer_id", self.customer[d])
        return near.select(queries.gather(q).alias("full"), owners, p=_confidence())

    def _nearest(self, queries: pl.Series, start: int) -> pl.DataFrame:
        """The pool of candidates by rare trigrams, then their exact cosine: `q`, `d` (row numbers of query
        and doc), `cos`, `margin` of the best customers of each query, best first.
        """
        chunk = queries[start : start + _CHUNK]
        rows, grams = _trigrams(chunk)
        asked = self._weigh(rows, grams, len(chunk))
        q, d = _promising((self._only_rare(asked) @ self.pool).tocsr())
        cosine = np.asarray(asked[q].multiply(self.matrix[d]).sum(axis=1)).ravel()
        cosine = cosine.astype(np.float64).round(6)
        near = cosine >= _ENOUGH
        q, d, cosine = q[near].astype(np.int64), d[near], cosine[near]
        # Query, closeness, place of the doc in one number, as in _promising.
        distance = 2**21 - np.rint(cosine * 1e6).astype(np.int64)
        order = np.argsort((q << 44) | (distance << 22) | self.place[d])
        q, d, cosine = q[order], d[order], cosine[order]
        best = pl.Series((q << 32) | self.owner[d]).is_first_distinct()
        best = np.flatnonzero(best.to_numpy())
        q, d, cosine = q[best], d[best], cosine[best]
        rank = np.arange(len(q)) - np.searchsorted(q, q)
        near = pl.DataFrame(
            {"q": q + start, "d": d, "cos": cosine, "margin": _margin(rank, cosine)}
        )
        return near.filter(rank < _TOP)

    def _weigh(self, rows: np.ndarray, grams: np.ndarray, height: int):  # noqa: ANN202  (scipy has no types)
        from scipy.sparse import csr_matrix

        shape = (height, _SYMBOLS**3)
        matrix = csr_matrix((self.idf[grams], (rows, grams)), shape=shape, dtype=np.float32)
        matrix.sum_duplicates()
        squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
        matrix.data /= np.repeat(np.sqrt(np.maximum(squares, 1e-12)), np.diff(matrix.indptr))
        return matrix

    def _only_rare(self, matrix: Any) -> Any:  # scipy has no types
        kept = matrix.copy()
        kept.data = kept.data * self.rare[kept.indices]
        kept.eliminate_zeros()
        return kept


def _promising(rough: Any) -> tuple[np.ndarray, np.ndarray]:  # scipy has no types
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


def _margin(rank: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Lead of each candidate's cosine over the best of the others; `rank` counts from 0 for each query.

    Rivals further behind than _BEHIND are not looked at, so a leader's rival counts as at least
    that near: the lead is never overstated.
    """
    best = cosine[np.arange(len(rank)) - rank]
    second = np.where(np.append(rank[1:], 0) == 1, np.append(cosine[1:], 0.0), 0.0)
    rival = np.where(rank == 0, np.maximum(second, best * _BEHIND), best)
    return cosine - rival


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
