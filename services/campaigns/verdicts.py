"""Verdicts on the ledger: services.verdicts, in the ledger's own codes."""

from __future__ import annotations

import polars as pl

from data.tables import ledger
from services.verdicts import judge

CODES = (
    "person",
    "answered",
    "said_no",
    "reported",
    "privacy",
    "method",
    "agent",
    "at_once",
    "hidden_link",
    "many_links",
    "pre_check",
    "shared_ip",
    "fast_domain",
    "scanning_domain",
    "server",
    "auto_reply",
    "platform",
    "total",
    "confirmed",
)
"""`CampaignEvent.reason` is a place in this list, so it only ever grows at its end."""
CONFIRMED = CODES.index("confirmed")
"""A colleague's word that a person meant it: no judging overturns it."""
JUDGED = {
    ledger.OPEN: "open",
    ledger.CLICK: "click",
    ledger.UNSUBSCRIBE: "unsubscribe",
    ledger.REPLY: "reply",
    ledger.AUTO_REPLY: "auto_reply",
    ledger.COMPLAINT: "complaint",
}
"""Kinds that a person or a program may stand behind. The rest has no verdict."""
VERDICTS = {"machine": ledger.MACHINE, "unknown": ledger.UNKNOWN, "human": ledger.HUMAN}
SCANNED_FOR = 180
"""Seconds after delivery in which clicks at a domain known to scan its mail are the scanner's."""
_BY_TIME = (ledger.OPEN, ledger.CLICK, ledger.UNSUBSCRIBE)
SAID = {"ip": pl.String, "agent": pl.String, "hidden": pl.Boolean}
DELIVERY = {
    "mail_id": pl.Int64,
    "recipient_id": pl.Int64,
    "customer_id": pl.Int64,
    "domain": pl.String,
    "delivered_at": pl.Datetime("us", "UTC"),
}


def told_delivered(events: pl.DataFrame) -> pl.DataFrame:
    """mail_id and delivered_at, as somebody said; the time of sending where nobody did.

    That a mail was opened proves that it was delivered, but not when.
    """
    when = pl.col("at")
    return (
        events.filter(pl.col("kind").is_in([ledger.DELIVERED, ledger.SENT]) & pl.col("timed"))
        .group_by("mail_id")
        .agg(
            delivered_at=pl.coalesce(
                when.filter(pl.col("kind") == ledger.DELIVERED).min(), when.min()
            )
        )
    )


def judged(
    events: pl.DataFrame, deliveries: pl.DataFrame, scanning: pl.Series | None = None
) -> pl.DataFrame:
    """`events` (services.campaigns.fold.EVENT and SAID) with verdict and reason, in the same order.

    `deliveries` are of DELIVERY, one per mail. What is learned comes from these frames: give weeks for
    the last word, a batch for a first one. `scanning`: domains known from before to scan their mail.
    """
    kinds = dict(JUDGED)
    numbered = events.drop("verdict", "reason").with_row_index("place")
    # Without a time nothing can be told from when it was, of this event or of those beside it.
    known = pl.col("timed") | ~pl.col("kind").is_in(_BY_TIME)
    asked = numbered.filter(pl.col("kind").is_in(list(kinds)) & known)
    told = judge(
        asked.select(
            id=pl.col("place").cast(pl.Int64),
            message="mail_id",
            kind=pl.col("kind").replace_strict(kinds, return_dtype=pl.String),
            at="at",
            link="link",
            hidden="hidden",
            method=pl.col("method").replace_strict(
                dict(enumerate(ledger.METHODS)), default=None, return_dtype=pl.String
            ),
            ip="ip",
            user_agent="agent",
            flagged="flagged",
        ),
        deliveries.select(
            message="mail_id",
            recipient="recipient_id",
            company="customer_id",
            domain="domain",
            delivered_at="delivered_at",
        ),
    )
    coded = told.select(
        place=pl.col("id").cast(pl.UInt32),
        verdict=pl.col("verdict").replace_strict(VERDICTS, return_dtype=pl.Int16),
        reason=pl.col("reason").replace_strict(_PLACES, return_dtype=pl.Int16),
    )
    whole = numbered.join(coded, on="place", how="left", maintain_order="left").drop("place")
    told_us = (events["reason"] == CONFIRMED).fill_null(value=False)
    said = pl.when(told_us)
    return (
        _overruled(whole, deliveries, scanning)
        .with_columns(
            verdict=said.then(pl.lit(ledger.HUMAN, pl.Int16)).otherwise("verdict"),
            reason=said.then(pl.lit(CONFIRMED, pl.Int16)).otherwise("reason"),
        )
        .select(events.columns)
    )


def _overruled(
    events: pl.DataFrame, deliveries: pl.DataFrame, scanning: pl.Series | None
) -> pl.DataFrame:
    """What the platform itself says of clicks, totals of which nobody can tell, and known scanners. That somebody
    has left is the platform's word, where it is told without a time."""
    click = pl.col("kind").is_in([ledger.CLICK, ledger.UNSUBSCRIBE])
    human = pl.col("verdict") == ledger.HUMAN
    total = ~pl.col("timed") & pl.col("kind").is_in([ledger.OPEN, ledger.CLICK])
    platform = (pl.col("kind") == ledger.CLICK) & pl.col("flagged").fill_null(value=False)
    told = ~pl.col("timed") & (pl.col("kind") == ledger.UNSUBSCRIBE)
    rules = [(total, ledger.UNKNOWN, "total"), (told, ledger.HUMAN, "person")]
    rules += [(platform, ledger.MACHINE, "platform")]
    if scanning is not None and len(scanning):
        found = deliveries.filter(pl.col("domain").is_in(scanning.implode()))
        events = events.join(
            found.select("mail_id", scanned_at="delivered_at"), on="mail_id", how="left",
            maintain_order="left",
        )  # fmt: skip
        age = (pl.col("at") - pl.col("scanned_at")).dt.total_seconds()
        click &= pl.col("timed")
        fast = click & human & (age < SCANNED_FOR) & (pl.col("method") != 2).fill_null(value=True)
        rules.append((fast.fill_null(value=False), ledger.MACHINE, "fast_domain"))
    for holds, verdict, reason in rules:
        events = events.with_columns(
            verdict=pl.when(holds).then(verdict).otherwise("verdict").cast(pl.Int16),
            reason=pl.when(holds).then(_PLACES[reason]).otherwise("reason").cast(pl.Int16),
        )
    return events


_PLACES = {code: place for place, code in enumerate(CODES)}
