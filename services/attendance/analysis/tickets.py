"""Whether customers ask support less about what they were trained in: against customers that did not come.

Difference in differences of the tickets about the trained topic that customers opened in the 90 days before
and after a training, as rates: those who came against what they would have opened had theirs changed by the
same factor as those of the others. How many seats a customer has is on no record; a factor does not need
them, where a difference per customer would find that customers with more seats rise more in a busy quarter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.attendance.analysis.loading import Known
from services.attendance.analysis.outcomes import cohort, open_to, with_strata
from services.attendance.analysis.report import AnalysisFilters, chosen
from services.attendance.analysis.ticket_change import TicketChange, change_of
from services.attendance.analysis.trained import Desk, desk, on_topic, topics_in, trainings

WINDOW = timedelta(days=90)
AROUND: dict[str, Any] = {
    "customer": pl.Int64,
    "treated": pl.Boolean,
    "before": pl.Int64,
    "after": pl.Int64,
    "weight": pl.Float64,
    "event_id": pl.Int64,
    "event": pl.String,
    "held_on": pl.Date,
    "topic": pl.String,
    "key": pl.String,
    "segment": pl.String,
}
_LEDGER: dict[str, Any] = {
    "number": pl.String,
    "subject": pl.String,
    "area": pl.String,
    "opened_on": pl.Date,
    "customer": pl.String,
    "came": pl.Boolean,
    "period": pl.String,
    "event": pl.String,
    "held_on": pl.Date,
    "topic": pl.String,
}


@dataclass(frozen=True)
class TicketEffect:
    """Of `trainings` held, `whole` says what the measured ones changed, and `topics` the same for each,
    the most trainings first. Tickets are on record from `first` to `last`."""

    trainings: int
    whole: TicketChange
    topics: tuple[TicketChange, ...]
    first: date | None
    last: date | None


def ticket_effect(
    session: Session, by: Viewer, today: date, filters: AnalysisFilters
) -> TicketEffect:
    """Of the trainings and workshops among the events asked for, for the customers that `by` sees."""
    asked, known, support = _loaded(session, by, today, filters)
    rows = around_trainings(known, asked, support, today)
    names = rows.sort("held_on").group_by("key").agg(
        pl.col("topic").last(), n=pl.col("event_id").n_unique()
    )  # fmt: skip
    return TicketEffect(
        asked.filter("asked").height,
        change_of("", rows),
        tuple(
            change_of(topic, rows.filter(pl.col("key") == key))
            for key, topic, _ in names.sort("n", "topic", descending=[True, False]).iter_rows()
        ),
        support.first,
        support.last,
    )


def around_trainings(known: Known, asked: pl.DataFrame, support: Desk, today: date) -> pl.DataFrame:
    """AROUND: one row per training and customer that is compared, with its tickets on the topic `before` and
    `after`. Pure. `asked`: TRAININGS and `asked`, which of them count; `support.tickets`: ON_TOPIC.

    Measured are trainings whose 90 days are over, with tickets on record all the time. Compared are customers
    who were there all the time, to whom it was open. Who had a training on the same topic in the 90 days
    before is left out; who did not come but had one by 90 days after, too. Strata with one side are no
    comparison and not among the rows. `weight`: those who did not come weigh, in each stratum, as many as came.
    """
    places = known.events.select("event_id", place=pl.int_range(pl.len(), dtype=pl.Int64))
    ready = asked.filter("asked", pl.col("key") != "").join(places, on="event_id")
    ready = ready.filter(_covered(support, today))
    taught = known.seats.join(_alike(asked), on="event_id")
    opened = open_to(known.events, known.customers)
    rows = [
        _around(known.customers.filter(pl.Series(opened[:, row["place"]])), row, taught, support)
        for row in ready.iter_rows(named=True)
    ]
    if not rows:
        return pl.DataFrame(schema=AROUND)
    whole = with_strata(pl.concat(rows))
    came = pl.col("treated").sum().over("stratum").cast(pl.Float64)
    stayed = (~pl.col("treated")).sum().over("stratum").cast(pl.Float64)
    weight = pl.when("treated").then(1.0).otherwise(came / stayed)
    both = whole.filter(came > 0, stayed > 0).with_columns(weight=weight)
    return both.select(pl.col(name).cast(kind) for name, kind in AROUND.items())


def _covered(support: Desk, today: date) -> pl.Expr:
    """Before the first ticket and after the last one nobody knows whether there were none."""
    if support.first is None or support.last is None:
        return pl.lit(value=False)
    start, end = pl.col("held_on") - WINDOW, pl.col("held_on") + WINDOW
    return (end < today) & (start >= support.first) & (end <= support.last)


def _alike(asked: pl.DataFrame) -> pl.DataFrame:
    """event_id, held_on, key and `like`: each training with every key that it shares a topic with."""
    keys = asked["key"].unique().sort().to_list()
    pairs = [(a, b) for a in keys for b in keys if topics_in(a) & topics_in(b)]
    found = pl.DataFrame(pairs, schema={"key": pl.String, "like": pl.String}, orient="row")
    return asked.select("event_id", "held_on", "key").join(found, on="key")


def _around(
    customers: pl.DataFrame, held: dict[str, Any], taught: pl.DataFrame, support: Desk
) -> pl.DataFrame:
    day: date = held["held_on"]
    first, last = day - WINDOW, day + WINDOW
    near = taught.filter(pl.col("like") == held["key"], pl.col("held_on").is_between(first, last))
    same = pl.col("event_id") == held["event_id"]
    here, alike = near.filter(same)["customer_id"], near.filter(~same)
    earlier = alike.filter(pl.col("held_on") < day)["customer_id"]
    came = pl.col("customer_id").is_in(here.implode())
    there = (pl.col("started_on").fill_null(first) <= first) & (
        pl.col("churned_on").fill_null(date.max) > last
    )
    trained = pl.col("customer_id").is_in(earlier.implode()) | (
        ~came & pl.col("customer_id").is_in(alike["customer_id"].implode())
    )
    about = support.tickets.filter(pl.col("key") == held["key"])
    counted = about.group_by("customer_id").agg(
        before=pl.col("opened_on").is_between(first, day, closed="left").sum(),
        after=pl.col("opened_on").is_between(day, last, closed="right").sum(),
    )
    return (
        customers.filter(there & ~trained)
        .join(counted, on="customer_id", how="left")
        .select(
            "segment", pl.col("before", "after").fill_null(0), cohort=cohort(),
            customer="customer_id", treated=came, event_id=pl.lit(held["event_id"], pl.Int64),
            event=pl.lit(held["event"]), held_on=pl.lit(day, pl.Date), topic=pl.lit(held["topic"]),
            key=pl.lit(held["key"]),
        )
    )  # fmt: skip


def change_rows(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters
) -> pl.DataFrame:
    """One row per training and customer compared: event, held_on, topic, customer, segment, came, tickets
    before and after, weight (of the others: as many in each stratum as came)."""
    asked, known, support = _loaded(session, by, today, filters)
    rows = around_trainings(known, asked, support, today)
    named = known.customers.select("customer_id", named="customer")
    return (
        rows.join(named, left_on="customer", right_on="customer_id")
        .select(
            "event", "held_on", "topic", pl.col("named").alias("customer"), "segment",
            came="treated", before="before", after="after", weight="weight",
        )
        .sort("held_on", "event", "came", "customer", descending=[True, False, True, False])
    )  # fmt: skip


def ticket_rows(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters
) -> pl.DataFrame:
    """One row per ticket and training it counts for: number, subject, area, opened_on, customer, came,
    period (before or after), event, held_on, topic."""
    asked, known, support = _loaded(session, by, today, filters)
    rows = around_trainings(known, asked, support, today)
    away = (pl.col("opened_on") - pl.col("held_on")).dt.total_days()
    days = WINDOW.days
    named = known.customers.select("customer_id", "customer")
    return (
        rows.select("key", "event", "held_on", "topic", customer_id="customer", came="treated")
        .join(support.tickets, on=["key", "customer_id"])
        .filter(away.abs() <= days, away != 0)
        .with_columns(period=pl.when(away < 0).then(pl.lit("before")).otherwise(pl.lit("after")))
        .join(named, on="customer_id")
        .select(pl.col(name).cast(kind) for name, kind in _LEDGER.items())
        .sort("held_on", "event", "opened_on", "number", descending=[True, False, False, False])
    )


def _loaded(
    session: Session, by: Viewer, today: date, filters: AnalysisFilters
) -> tuple[pl.DataFrame, Known, Desk]:
    """TRAININGS with `asked`, what is on record of everybody, and the tickets around those asked for, as
    ON_TOPIC."""
    known, held = chosen(session, by, filters, today)
    wanted = pl.col("event_id").is_in(held["event_id"].implode())
    asked = trainings(session, known).with_columns(asked=wanted)
    rows = asked.filter("asked").sort("held_on")
    days = rows["held_on"].to_list() or [today]
    support = desk(session, by, days[0] - WINDOW, days[-1] + WINDOW)
    about = on_topic(support.tickets, rows["key"].to_list())
    return asked, known, replace(support, tickets=about)
