"""What the events of a mail come to. Pure, and blind to their order and repetition."""

from __future__ import annotations

from typing import Any

import polars as pl

from data.tables import ledger

MOMENT = pl.Datetime("us", "UTC")
EVENT: dict[str, Any] = {
    "mail_id": pl.Int64,
    "key": pl.Int64,
    "kind": pl.Int16,
    "at": MOMENT,
    "timed": pl.Boolean,
    "times": pl.Int32,
    "link": pl.Int64,
    "origin": pl.Int64,
    "detail": pl.Int64,
    "method": pl.Int16,
    "flagged": pl.Boolean,
    "everything": pl.Boolean,
    "verdict": pl.Int16,
    "reason": pl.Int16,
    "received_at": MOMENT,
    "upload_id": pl.Int64,
}
"""CampaignEvent, column by column."""
FOLDED: dict[str, Any] = {
    "sent_at": MOMENT,
    "delivered_at": MOMENT,
    "opens": pl.Int32,
    "opens_human": pl.Int32,
    "opens_hidden": pl.Int32,
    "clicks": pl.Int32,
    "clicks_human": pl.Int32,
    "opened_at": MOMENT,
    "human_open_at": MOMENT,
    "clicked_at": MOMENT,
    "human_click_at": MOMENT,
    "replied_at": MOMENT,
    "forwarded_at": MOMENT,
    "unsubscribed_at": MOMENT,
    "quarantined_at": MOMENT,
    "bounced_at": MOMENT,
    "bounce": pl.Int16,
    "complained_at": MOMENT,
    "judged": pl.Boolean,
    "last_at": MOMENT,
}
"""CampaignMail but for whose it is and what was done about it."""
_PROVES_DELIVERY = (
    ledger.DELIVERED,
    ledger.OPEN,
    ledger.CLICK,
    ledger.REPLY,
    ledger.AUTO_REPLY,
    ledger.FORWARD,
    ledger.COMPLAINT,
)


def fold(events: pl.DataFrame) -> pl.DataFrame:
    """EVENT in, `mail_id` and FOLDED out: one row for each mail that has events.

    The same event (mail and key) twice counts once. Totals without times count only as far as they
    exceed what single events tell.
    """
    events = events.unique(["mail_id", "key"])
    human = pl.col("verdict") == ledger.HUMAN
    gone = pl.col("kind") == ledger.UNSUBSCRIBE
    sending = pl.col("kind").is_in([ledger.SENT, ledger.DELIVERED])
    folded = events.group_by("mail_id").agg(
        sent_at=pl.coalesce(_first(ledger.SENT), pl.col("at").min()),
        proved_at=pl.col("at").filter(pl.col("kind").is_in(_PROVES_DELIVERY)).min(),
        told_sent=_first(ledger.SENT),
        held_up=pl.col("kind").is_in([ledger.DEFERRED, ledger.DROPPED]).any(),
        told_in_time=(sending & pl.col("timed")).any(),
        told_in_totals=_beyond(ledger.OPEN) | _beyond(ledger.CLICK),
        opens=_count(ledger.OPEN),
        opens_human=_count(ledger.OPEN, human),
        opens_hidden=_count(ledger.OPEN, (pl.col("verdict") == ledger.UNKNOWN) & pl.col("timed")),
        clicks=_count(ledger.CLICK),
        clicks_human=_count(ledger.CLICK, human),
        opened_at=_first(ledger.OPEN),
        human_open_at=_first(ledger.OPEN, human),
        clicked_at=_first(ledger.CLICK),
        human_click_at=_first(ledger.CLICK, human),
        replied_at=_first(ledger.REPLY),
        forwarded_at=_first(ledger.FORWARD),
        left_at=_first(ledger.UNSUBSCRIBE, human),
        left_last=pl.col("at").filter(gone & human).max(),
        back_last=pl.col("at").filter(pl.col("kind") == ledger.RESUBSCRIBE).max(),
        machine_left=_first(ledger.UNSUBSCRIBE, pl.col("verdict").ne_missing(ledger.HUMAN)),
        hard_at=_first(ledger.HARD_BOUNCE),
        soft_at=_first(ledger.SOFT_BOUNCE),
        really_delivered=_first(ledger.DELIVERED),
        complained_at=_first(ledger.COMPLAINT),
        last_at=pl.col("at").max(),
    )
    return _concluded(folded)


def _concluded(folded: pl.DataFrame) -> pl.DataFrame:
    signs = ["human_open_at", "human_click_at", "replied_at", "forwarded_at"]
    stays = pl.col("back_last") > pl.col("left_last")
    # A soft bounce that was followed by a delivery has been got over.
    soft = pl.col("soft_at").is_not_null() & pl.col("really_delivered").is_null()
    hard = pl.col("hard_at").is_not_null()
    nobody = pl.all_horizontal(pl.col(name).is_null() for name in signs)
    # Servers of our own tell of sending alone: what did not come back has arrived.
    arrived = pl.coalesce("proved_at", pl.when(~pl.col("held_up")).then("told_sent"))
    concluded = folded.with_columns(
        delivered_at=pl.coalesce(
            "really_delivered", pl.when(pl.col("told_sent").is_not_null()).then(arrived)
        ),
        human_open_at=pl.min_horizontal(signs),
        # Of more than single events tell, nobody knows who it was: it does not make a quiet person.
        judged=pl.col("told_in_time") & (~pl.col("told_in_totals") | ~nobody),
        unsubscribed_at=pl.when(~stays.fill_null(value=False)).then(pl.col("left_at")),
        bounce=pl.when(hard).then(2).when(soft).then(1).otherwise(0),
        bounced_at=pl.when(hard).then(pl.col("hard_at")).when(soft).then(pl.col("soft_at")),
    )
    quarantined = pl.when(pl.col("left_at").is_null()).then(pl.col("machine_left"))
    return concluded.with_columns(quarantined_at=quarantined).select(
        "mail_id", *(pl.col(name).cast(kind) for name, kind in FOLDED.items())
    )


def _first(kind: int, also: pl.Expr | None = None) -> pl.Expr:
    wanted = pl.col("kind") == kind
    return pl.col("at").filter(wanted if also is None else wanted & also).min()


def _count(kind: int, also: pl.Expr | None = None) -> pl.Expr:
    wanted = pl.col("kind") == kind
    return pl.max_horizontal(*_counts(wanted if also is None else wanted & also))


def _beyond(kind: int) -> pl.Expr:
    """Whether totals tell of more than single events do."""
    single, total = _counts(pl.col("kind") == kind)
    return total > single


def _counts(wanted: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Events told one by one, and the largest total."""
    single = pl.col("timed").filter(wanted).sum()
    total = pl.col("times").filter(wanted & ~pl.col("timed")).max().fill_null(0)
    return single.cast(pl.Int32), total
