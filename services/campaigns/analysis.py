"""Which mail works with whom: by segment, kind, CSM, day and hour, counts beside every rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Person
from services.access import Viewer, visible
from services.campaigns.insight.kept import counted, load_insight
from services.campaigns.insight.mails import mails
from services.figures import Share, share_of, shrunk

EVER = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NO_SEGMENT, NOBODY = "No segment", "Nobody"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Group:
    """`opens` leaves out who reads behind a privacy service (`hidden`); `answers` are human clicks and
    replies of the mails delivered; `drawn` is their share drawn towards that of all mails, 0..1."""

    name: str
    customers: int
    delivered: int
    hidden: int
    opens: Share
    clicks: Share
    answers: Share
    drawn: float | None


@dataclass(frozen=True)
class Analysis:
    """Each list with its best answered group first, days and hours (UTC, of sending) in their order."""

    as_of: datetime
    whole: Group
    segments: tuple[Group, ...]
    kinds: tuple[Group, ...]
    csms: tuple[Group, ...]
    days: tuple[Group, ...]
    hours: tuple[Group, ...]


def analysis(
    session: Session, by: Viewer, now: datetime, *, campaign_id: int | None = None
) -> Analysis:
    """Of the mails of the last year to customers that `by` sees; or of one campaign, whenever it was."""
    whose = (
        select(Customer.id, Customer.segment, Person.name)
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(visible(by))
    )
    schema = {"customer_id": pl.Int64, "segment": pl.String, "csm": pl.String}
    customers = read_frame(session, whose, schema)
    if campaign_id is None:
        found = load_insight(session, now)
        counts, as_of = found.counts, found.as_of
    else:
        theirs = mails(session, since=EVER, until=now + DAY, campaign_id=campaign_id)
        counts, as_of = counted(theirs.filter("judged")), now
    return analysed(counts.join(customers, on="customer_id"), as_of)


def analysed(counts: pl.DataFrame, as_of: datetime) -> Analysis:
    """`counts`: COUNTS with `segment` and `csm`."""
    got = counts.with_columns(
        pl.col("segment").fill_null(NO_SEGMENT), pl.col("csm").fill_null(NOBODY)
    )
    (whole,) = _groups(got.with_columns(all=pl.lit(0)), "all", lambda _: "All") or (_NONE,)
    rate = whole.answers.share or 0.0

    def best(column: str) -> tuple[Group, ...]:
        found = _groups(got, column, str, rate)
        return tuple(sorted(found, key=lambda one: (-(one.drawn or 0), one.name)))

    return Analysis(
        as_of=as_of,
        whole=whole,
        segments=best("segment"),
        kinds=best("kind"),
        csms=best("csm"),
        days=tuple(_groups(got, "day", lambda n: DAYS[n], rate)),
        hours=tuple(_groups(got, "hour", lambda n: f"{n:02d}–{n + 2:02d}", rate)),
    )


def _groups(
    got: pl.DataFrame, column: str, word: Callable[[Any], str], rate: float | None = None
) -> list[Group]:
    counted = (
        got.group_by(column)
        .agg(
            pl.col("customer_id").n_unique().alias("customers"),
            *(pl.col(name).sum() for name in _SUMS),
        )
        .sort(column)
    )
    return [
        Group(
            name=word(key),
            customers=customers,
            delivered=delivered,
            hidden=hidden,
            opens=share_of(opened, delivered - hidden),
            clicks=share_of(clicked, delivered),
            answers=share_of(answered, delivered),
            drawn=None if rate is None else shrunk(answered, delivered, rate),
        )
        for key, customers, delivered, hidden, opened, clicked, answered in counted.iter_rows()
    ]


_SUMS = ("delivered", "hidden", "opened", "clicked", "answered")
_NONE = Group("All", 0, 0, 0, share_of(0, 0), share_of(0, 0), share_of(0, 0), None)
