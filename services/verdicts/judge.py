"""The verdict of each event. Thresholds and their measured quality: docs/benchmarks.md, Verdicts."""

from __future__ import annotations

import polars as pl

from services.verdicts import domains, hits
from services.verdicts.reasons import IMAGE_PROXIES, PRIVACY_AGENT, PROGRAMS
from services.verdicts.shapes import DELIVERIES, EVENTS, RESULT

AT_ONCE = 5.0
"""Seconds after delivery: nobody reads as fast."""
_WITHOUT_RULES = {
    "reply": ("human", "answered"),
    "complaint": ("human", "reported"),
    "auto_reply": ("machine", "auto_reply"),
    "bounce": ("machine", "server"),
    "delivered": ("machine", "server"),
}


def judge(events: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Frames of shapes.EVENTS and DELIVERIES in; one row of RESULT for each event, in their order.

    What is learned about addresses and domains comes from these very frames, so give a long stretch:
    weeks rather than the last minute. Order and repetition of rows do not matter to the verdicts.
    """
    events = events.select(pl.col(name).cast(kind) for name, kind in EVENTS.items())
    deliveries = deliveries.select(pl.col(n).cast(kind) for n, kind in DELIVERIES.items())
    table = _joined(events, deliveries.unique("message"))
    table = hits.shared_addresses(table)
    clicks = _clicks(table.filter("is_click"))
    clicks = domains.learned(clicks, deliveries)
    reasons = pl.concat(
        [clicks.select("row", "reason"), _opens(table.filter(pl.col("kind") == "open"))]
    )
    return _told(table, reasons)


def _joined(events: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Events with `age` (seconds since delivery; null when that is unknown) and whose they are."""
    pressed = (pl.col("kind") == "unsubscribe") & (pl.col("method") == "POST").fill_null(
        value=False
    )
    table = events.with_row_index("row").join(deliveries, on="message", how="left")
    return table.with_columns(
        age=(pl.col("at") - pl.col("delivered_at")).dt.total_microseconds() / 1e6,
        is_click=pl.col("kind").is_in(["click", "unsubscribe"]) & ~pressed,
        hidden=pl.col("hidden").fill_null(value=False),
        # Leaving is a link like any other, but never the same one.
        link=pl.when(pl.col("kind") == "unsubscribe").then(-1).otherwise(pl.col("link")),
    )


def _clicks(clicks: pl.DataFrame) -> pl.DataFrame:
    """With `reason`, of the rules that look at the hits themselves; null when none speaks."""
    clicks = hits.many_links(clicks, "in_burst", seconds=10, links=3)
    clicks = hits.pre_checks(clicks)
    clicks = hits.trapped(clicks)
    no_get = (pl.col("method") != "GET").fill_null(value=False)
    return clicks.with_columns(
        reason=_first(
            (pl.col("hidden") | pl.col("trapped"), "hidden_link"),
            (no_get, "method"),
            (_is_program(), "agent"),
            (pl.col("age") < AT_ONCE, "at_once"),
            (pl.col("in_burst"), "many_links"),
            (pl.col("is_pre_check"), "pre_check"),
            (pl.col("from_shared_ip") & (pl.col("age") < hits.SOON), "shared_ip"),
        )
    )


def _opens(opens: pl.DataFrame) -> pl.DataFrame:
    """`row` and `reason`: null means a person."""
    privacy = pl.col("flagged").fill_null(value=False) | (
        pl.col("user_agent").str.strip_chars() == PRIVACY_AGENT
    ).fill_null(value=False)
    # A provider's proxy has one address for all its readers, and looks when they do.
    proxy = pl.col("user_agent").str.contains(IMAGE_PROXIES).fill_null(value=False)
    no_get = (pl.col("method") != "GET").fill_null(value=False)
    return opens.select(
        "row",
        reason=_first(
            (privacy, "privacy"),
            (no_get, "method"),
            (_is_program() & ~proxy, "agent"),
            (pl.col("age") < AT_ONCE, "at_once"),
            (pl.col("from_shared_ip") & ~proxy & (pl.col("age") < hits.SOON), "shared_ip"),
        ),
    )


def _is_program() -> pl.Expr:
    agent = pl.col("user_agent").str.strip_chars()
    return ((agent == "") | agent.str.contains(PROGRAMS)).fill_null(value=False)


def _first(*rules: tuple[pl.Expr, str]) -> pl.Expr:
    return pl.coalesce(pl.when(holds).then(pl.lit(code)) for holds, code in rules)


def _told(table: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    verdicts = {kind: verdict for kind, (verdict, _) in _WITHOUT_RULES.items()}
    codes = {kind: code for kind, (_, code) in _WITHOUT_RULES.items()}
    kind = pl.col("kind")
    reason = pl.coalesce(
        "reason",
        kind.replace_strict(codes, default=None, return_dtype=pl.String),
        pl.when(~pl.col("is_click") & (kind == "unsubscribe")).then(pl.lit("said_no")),
        pl.lit("person"),
    )
    verdict = (
        pl.when(pl.col("reason") == "privacy")
        .then(pl.lit("unknown"))
        .when(pl.col("reason").is_not_null())
        .then(pl.lit("machine"))
        .otherwise(kind.replace_strict(verdicts, default="human", return_dtype=pl.String))
    )
    told = table.join(reasons, on="row", how="left", maintain_order="left").sort("row")
    return told.select("id", verdict=verdict, reason=reason).cast(RESULT)  # pyright: ignore[reportArgumentType]
