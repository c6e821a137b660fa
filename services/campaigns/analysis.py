"""Which mail works with whom: by segment, kind, CSM, day and hour, counts beside every rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Person
from services.access import Viewer, visible
from services.campaigns.insight.mails import mails
from services.figures import Share, share_of, shrunk

YEAR = timedelta(days=365)
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

    whole: Group
    segments: tuple[Group, ...]
    kinds: tuple[Group, ...]
    csms: tuple[Group, ...]
    days: tuple[Group, ...]
    hours: tuple[Group, ...]


def analysis(
    session: Session, by: Viewer, now: datetime, *, campaign_id: int | None = None
) -> Analysis:
    """Of the mails of the last year to customers that `by` sees; of one campaign, if it is named."""
    whose = (
        select(Customer.id, Customer.segment, Person.name)
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(visible(by))
    )
    schema = {"customer_id": pl.Int64, "segment": pl.String, "csm": pl.String}
    customers = read_frame(session, whose, schema)
    year = mails(session, since=now - YEAR, until=now)
    if campaign_id is not None:
        year = year.filter(pl.col("campaign_id") == campaign_id)
    return analysed(year.join(customers, on="customer_id"))


def analysed(year: pl.DataFrame) -> Analysis:
    """`year`: MAILS with `segment` and `csm`."""
    got = year.filter("delivered").with_columns(
        pl.col("segment").fill_null(NO_SEGMENT),
        pl.col("csm").fill_null(NOBODY),
        day=pl.col("sent_at").dt.weekday() - 1,
        hour=pl.col("sent_at").dt.hour() // 2 * 2,
    )
    (whole,) = _groups(got.with_columns(all=pl.lit(0)), "all", lambda _: "All") or (_NONE,)
    rate = whole.answers.share or 0.0

    def best(column: str) -> tuple[Group, ...]:
        found = _groups(got, column, str, rate)
        return tuple(sorted(found, key=lambda one: (-(one.drawn or 0), one.name)))

    return Analysis(
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
            customers=pl.col("customer_id").n_unique(),
            delivered=pl.len(),
            hidden=pl.col("hidden").sum(),
            opened=pl.col("opened").sum(),
            clicked=pl.col("clicked").sum(),
            answered=(pl.col("clicked") | pl.col("replied")).sum(),
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


_NONE = Group("All", 0, 0, 0, share_of(0, 0), share_of(0, 0), share_of(0, 0), None)
