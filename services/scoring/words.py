"""The board in words and signs, for screens, charts and exports alike."""

from __future__ import annotations

import polars as pl

from services.ids import public_id
from services.scoring.standings import NO_CSM, NO_SEGMENT, NOBODYS
from services.scoring.weights import COMPONENTS, WeightBook

BAND_WORDS = {"high": "High", "good": "Good", "medium": "Medium", "low": "Low"}
TREND_WORDS = {"rising": "Rising", "stable": "Stable", "declining": "Declining", "new": "New"}
TREND_SIGNS = {"rising": "↑", "stable": "→", "declining": "↓", "new": "✦"}
SIGNED_TRENDS = {trend: f"{TREND_SIGNS[trend]} {word}" for trend, word in TREND_WORDS.items()}
STATE_WORDS = {"no_data": "No data", "no_attendance": "None yet"}
BAND_TITLES = {
    "high": "High 80–100",
    "good": "Good 60–79",
    "medium": "Medium 40–59",
    "low": "Low 0–39",
}
SORTS = {
    "rank": ("rank", False),
    "lowest": ("score", False),
    "customer": ("customer", False),
    "attended": ("attended", True),
    "people": ("people", True),
    "arr": ("arr", True),
    "missed": ("missed_in_row", True),
    "last": ("last_attended", True),
    "csm": ("csm", False),
}
"""Order offered -> column, and whether from the top down."""
SORT_WORDS = {
    "rank": "Best first",
    "lowest": "Lowest first",
    "customer": "Name",
    "attended": "Most events",
    "people": "Most users",
    "arr": "Highest ARR",
    "missed": "Most missed in a row",
    "last": "Attended last",
    "csm": "CSM",
}
BARS = "▁▂▃▄▅▆▇█"
"""A month without attendance is the lowest bar; the fullest month of the row is the highest."""


def choices(
    rows: pl.DataFrame,
) -> tuple[dict[str, str], dict[int, str], dict[str, str], dict[str, str]]:
    """What a board can be filtered by: segments, CSMs, bands, trends; value -> words."""
    segments = sorted(rows["segment"].drop_nulls().unique())
    if rows["segment"].null_count():
        segments.append(NO_SEGMENT)
    people = rows.select("csm_id", "csm").drop_nulls().unique()
    named = dict(people.sort(pl.col("csm").str.to_lowercase(), "csm_id").iter_rows())
    twice = {name for name in named.values() if list(named.values()).count(name) > 1}
    csms = {
        number: f"{name} ({public_id('person', number)})" if name in twice else name
        for number, name in named.items()
    }
    if rows["csm_id"].null_count():
        csms[NOBODYS] = NO_CSM
    return {segment: segment for segment in segments}, csms, BAND_WORDS, TREND_WORDS


def band_text() -> pl.Expr:
    """`Good`; a dash where there is no band."""
    return pl.col("band").replace_strict(BAND_WORDS, default="–", return_dtype=pl.Utf8)


def trend_text() -> pl.Expr:
    return pl.col("trend").replace_strict(SIGNED_TRENDS, default="–", return_dtype=pl.Utf8)


def score_text() -> pl.Expr:
    """The score; `No data` where no event was open to the customer."""
    return pl.coalesce(pl.col("score").cast(pl.Utf8), pl.lit(STATE_WORDS["no_data"]))


def events_text() -> pl.Expr:
    return pl.format("{}/{}", "attended", "eligible")


def sparkline(months: str = "months") -> pl.Expr:
    """Twelve bars, oldest month first, scaled to the row's own fullest month."""
    levels = len(BARS) - 1
    top = pl.col(months).list.max()
    scaled = (
        pl.when(top > 0)
        .then(pl.col(months).cast(pl.List(pl.Float64)) * levels / top)
        .otherwise(pl.col(months).cast(pl.List(pl.Float64)))
    )
    signs = (
        pl.element()
        .ceil()
        .cast(pl.Int8)
        .replace_strict(dict(enumerate(BARS)), return_dtype=pl.Utf8)
    )
    return scaled.list.eval(signs).list.join("")


def board_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """A page of the board as the leaderboard shows it; customer_id, arr and currency stay as they are."""
    return rows.select(
        "customer_id",
        "arr",
        "currency",
        pl.col("rank").alias("Rank"),
        pl.col("customer").alias("Customer"),
        score_text().alias("Score"),
        band_text().alias("Band"),
        events_text().alias("Events"),
        pl.col("people").alias("Users"),
        trend_text().alias("Trend"),
        sparkline().alias("Last 12 months"),
        pl.col("csm").fill_null("–").alias("CSM"),
    )


def export_rows(rows: pl.DataFrame, book: WeightBook) -> pl.DataFrame:
    """The board as it leaves the house: one plain column per figure, points per component included."""
    points = _points(rows, book)
    return rows.select(
        pl.col("rank").alias("Rank"),
        pl.col("customer").alias("Customer"),
        pl.col("score").alias("Score"),
        pl.col("band").replace_strict(BAND_WORDS, default=None, return_dtype=pl.Utf8).alias("Band"),
        pl.col("attended").alias("Events attended"),
        pl.col("eligible").alias("Events open to them"),
        pl.col("people").alias("Users"),
        pl.col("trend")
        .replace_strict(TREND_WORDS, default=None, return_dtype=pl.Utf8)
        .alias("Trend"),
        sparkline().alias("Last 12 months"),
        pl.col("last_attended").alias("Last attended"),
        pl.col("segment").alias("Segment"),
        pl.col("csm").alias("CSM"),
        pl.col("arr").alias("ARR"),
        pl.col("currency").alias("Currency"),
        *(points[name].round(1).alias(f"{name.capitalize()} points") for name in COMPONENTS),
        pl.col("percentile").round(1).alias("Percentile"),
    )


def _points(rows: pl.DataFrame, book: WeightBook) -> dict[str, pl.Series]:
    segments = rows["segment"].unique().to_list()
    table = pl.DataFrame(
        [{"segment": segment, **book.of(segment).as_dict()} for segment in segments],
        schema={"segment": pl.Utf8, **dict.fromkeys(COMPONENTS, pl.Float64)},
    )
    weights = rows.select("segment").join(
        table, on="segment", how="left", nulls_equal=True, maintain_order="left"
    )
    return {name: rows[name].cast(pl.Float64) * weights[name] for name in COMPONENTS}
