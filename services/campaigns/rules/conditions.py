"""When a rule holds, decided on the folded mails as they were known at a moment. Pure.

Only what people did counts: opens of programs, however many, neither fire a rule nor keep one from firing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from data.errors import BadInput
from data.tables.campaigns import CAMPAIGN_KINDS

MOMENT = pl.Datetime("us", "UTC")
SIGNS = {
    "engaged": "replied, or clicked in so many of the last three campaigns",
    "clicked": "clicked in so many mails",
    "replied": "replied to so many mails",
    "quiet": "got so many mails and showed no sign of reading",
    "left": "unsubscribed, complained, or a champion's address is gone",
}
ACTIONS = {
    "draft": "Draft a personal mail",
    "task": "Make a task",
    "risk": "Raise a risk signal",
    "notify": "Tell the CSM",
}
LAST = 3
MOST = 20
MAIL: dict[str, Any] = {
    "mail_id": pl.Int64,
    "campaign_id": pl.Int64,
    "recipient_id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "role": pl.String,
    "kind": pl.String,
    "words": pl.String,
    "sent_at": MOMENT,
    "delivered_at": MOMENT,
    "hidden_at": MOMENT,
    "human_open_at": MOMENT,
    "human_click_at": MOMENT,
    "replied_at": MOMENT,
    "unsubscribed_at": MOMENT,
    "complained_at": MOMENT,
    "gone_at": MOMENT,
}
"""A mail with the times of its human signs. `words`: its topics and those of the links clicked, lower case;
`hidden_at`: loaded by a privacy service; `gone_at`: bounced hard."""
HOLDING: dict[str, Any] = {
    "customer_id": pl.Int64,
    "recipient_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "campaign_id": pl.Int64,
    "count": pl.Int64,
    "people": pl.Int64,
    "at": MOMENT,
    "since": MOMENT,
    "occasion": pl.String,
}
"""One row per customer: whose sign was the last, how many there were, of how many people of the customer's,
when, and what makes it once. `since`: the last sign before a silence, null without any."""
READING = ("human_open_at", "human_click_at", "replied_at", "hidden_at")
_TIMES = [name for name, kind in MAIL.items() if kind == MOMENT and name != "sent_at"]


@dataclass(frozen=True)
class Condition:
    """`sign` is a key of SIGNS, shown at least `least` times; of mails of `kind`, and about `topic`, where
    these are given."""

    sign: str
    least: int = 1
    kind: str | None = None
    topic: str | None = None

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def condition_of(stored: Mapping[str, Any]) -> Condition:
    """As it is kept with a rule. BadInput for what is no condition."""
    found = Condition(
        sign=str(stored.get("sign", "")),
        least=int(stored.get("least", 1)),
        kind=stored.get("kind") or None,
        topic=(stored.get("topic") or "").strip().lower() or None,
    )
    if found.sign not in SIGNS:
        raise BadInput(f"Choose one of these signs: {', '.join(SIGNS)}.")
    if not 1 <= found.least <= MOST:
        raise BadInput(f"How often must be between 1 and {MOST}.")
    if found.sign == "engaged" and found.least > LAST:
        raise BadInput(f"Of the last {LAST} campaigns at most {LAST} can be clicked.")
    if found.kind is not None and found.kind not in CAMPAIGN_KINDS:
        raise BadInput(f"{found.kind} is no kind of campaign.")
    if found.topic is not None and len(found.topic) > 100:
        raise BadInput("Shorten the topic to 100 characters.")
    return found


def holding(mails: pl.DataFrame, wanted: Condition, window_days: int, at: datetime) -> pl.DataFrame:
    """HOLDING at that moment, from `mails` (MAIL): later signs are not looked at."""
    known = mails.filter(pl.col("sent_at") <= at).with_columns(
        pl.when(pl.col(name) <= at).then(pl.col(name)).alias(name) for name in _TIMES
    )
    since = at - timedelta(days=window_days)
    found = _QUERIES[wanted.sign](about(known, wanted), wanted.least, since)
    return found.select(pl.col(name).cast(kind) for name, kind in HOLDING.items())


def about(mails: pl.DataFrame, wanted: Condition) -> pl.DataFrame:
    """Those of the kind and about the topic that the condition asks for."""
    if wanted.kind is not None:
        mails = mails.filter(pl.col("kind") == wanted.kind)
    if wanted.topic is not None:
        mails = mails.filter(pl.col("words").str.contains(wanted.topic, literal=True))
    return mails


def _counted(signs: pl.DataFrame, least: int, occasion: pl.Expr) -> pl.DataFrame:
    """HOLDING of rows with `at`, one per mail with the sign; the last one says whose."""
    return (
        signs.sort("at", "mail_id")
        .group_by("customer_id", maintain_order=True)
        .agg(
            pl.col("recipient_id", "stakeholder_id", "campaign_id", "at", "mail_id").last(),
            count=pl.len(),
            people=pl.col("recipient_id").n_unique(),
        )
        .filter(pl.col("count") >= least)
        .with_columns(occasion=occasion, since=pl.lit(None, MOMENT))
    )


def _clicked(mails: pl.DataFrame, least: int, since: datetime) -> pl.DataFrame:
    signs = mails.with_columns(at="human_click_at").filter(pl.col("at") > since)
    return _counted(signs, least, pl.format("c:{}", "campaign_id"))


def _replied(mails: pl.DataFrame, least: int, since: datetime) -> pl.DataFrame:
    signs = mails.with_columns(at="replied_at").filter(pl.col("at") > since)
    return _counted(signs, least, pl.format("m:{}", "mail_id"))


def _left(mails: pl.DataFrame, least: int, since: datetime) -> pl.DataFrame:
    lost = pl.when(pl.col("role").is_in(["champion", "executive_sponsor"])).then(pl.col("gone_at"))
    first = pl.min_horizontal("unsubscribed_at", "complained_at", lost)
    signs = mails.with_columns(at=first).filter(pl.col("at") > since)
    return _counted(signs, least, pl.format("m:{}", "mail_id"))


def _engaged(mails: pl.DataFrame, least: int, since: datetime) -> pl.DataFrame:
    """A person's reply, or their clicks in so many of their last three mails, within the window."""
    got = mails.filter(pl.col("delivered_at").is_not_null())
    newer = pl.int_range(pl.len(), dtype=pl.Int64).reverse().over("recipient_id")
    lately = got.sort("sent_at", "mail_id").with_columns(
        at=pl.max_horizontal("human_click_at", "replied_at"), recent=newer < LAST
    )
    clicks = (pl.col("recent") & pl.col("human_click_at").is_not_null()).sum().over("recipient_id")
    answers = (pl.col("replied_at") > since).sum().over("recipient_id")
    signs = lately.filter((clicks >= least) | (answers > 0)).filter(
        pl.col("at") > since, pl.col("recent") | pl.col("replied_at").is_not_null()
    )
    return _counted(signs, 1, pl.format("c:{}", "campaign_id"))


def _quiet(mails: pl.DataFrame, least: int, since: datetime) -> pl.DataFrame:
    """Nobody of the customer showed a sign; who reads behind a privacy service is not quiet."""
    sign = pl.max_horizontal(*READING)
    got = mails.filter(pl.col("delivered_at").is_not_null()).with_columns(sign=sign)
    lately = pl.col("sent_at") > since
    return (
        got.sort("sent_at", "mail_id")
        .group_by("customer_id", maintain_order=True)
        .agg(
            pl.col("recipient_id", "stakeholder_id", "campaign_id").last(),
            at=pl.col("sent_at").last(),
            count=pl.col("campaign_id").filter(lately).n_unique(),
            people=pl.col("recipient_id").filter(lately).n_unique(),
            shown=(pl.col("sign") > since).fill_null(value=False).any(),
            last=pl.col("sign").max(),
            first=pl.col("sent_at").min(),
        )
        .filter(~pl.col("shown") & (pl.col("count") >= least))
        # Once per stretch of silence: it begins after the last sign there was.
        .with_columns(
            occasion=pl.format("q:{}", pl.coalesce("last", "first").dt.date()), since="last"
        )
    )


_QUERIES = {
    "clicked": _clicked,
    "replied": _replied,
    "left": _left,
    "engaged": _engaged,
    "quiet": _quiet,
}
