"""Whether customers ask support less about what they were trained in: against customers that did not come.

Difference in differences of the tickets about the trained topic that customers opened in the 90 days before
and after a training, as rates: those who came against what they would have opened had theirs changed by the
same factor as those of the others. How many seats a customer has is on no record; a factor does not need
them, where a difference per customer would find that customers with more seats rise more in a busy quarter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.attendance.analysis.compared import WINDOW, AroundTrainings
from services.attendance.analysis.loading import Known
from services.attendance.analysis.report import (
    Analysis,
    AnalysisFilters,
    Facts,
    analysis_of,
    chosen,
)
from services.attendance.analysis.ticket_change import (
    Tally,
    TicketChange,
    change_of,
    total,
)
from services.attendance.analysis.trained import Desk, desk, on_topic, trainings

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


def with_tickets(
    session: Session, by: Viewer, today: date, filters: AnalysisFilters
) -> tuple[Analysis, TicketEffect]:
    """The analysis and the effect on tickets, from one reading of the facts."""
    facts = chosen(session, by, filters, today)
    asked, known, support = _loaded(session, by, today, facts)
    effect = effect_of(known, asked, support, today)
    return analysis_of(session, by, today, filters, facts), effect


def effect_of(known: Known, asked: pl.DataFrame, support: Desk, today: date) -> TicketEffect:
    """As `around_trainings`, whose rows it adds up one training after the other. Pure."""
    topics = tallies(known, asked, support, today)
    found = [change_of(topic, tally) for topic, tally in topics]
    whole = total((tally for _, tally in topics), known.customers.height)
    return TicketEffect(
        asked.filter("asked").height,
        change_of("", whole),
        tuple(sorted(found, key=lambda one: (-one.trainings, one.topic))),
        support.first,
        support.last,
    )


def tallies(
    known: Known, asked: pl.DataFrame, support: Desk, today: date
) -> list[tuple[str, Tally]]:
    """Per key its topic, as the latest training calls it, and its trainings added up."""
    found: dict[str, Tally] = defaultdict(lambda: Tally(known.customers.height))
    names: dict[str, str] = {}
    for one in AroundTrainings(known, asked, support).each(today):
        found[one.key].add(one)
        names[one.key] = one.topic
    return [(names[key], tally) for key, tally in found.items()]


def around_trainings(known: Known, asked: pl.DataFrame, support: Desk, today: date) -> pl.DataFrame:
    """AROUND: one row per training and customer that is compared, with its tickets on the topic `before` and
    `after`. Pure. `asked`: TRAININGS and `asked`, which of them count; `support.tickets`: ON_TOPIC.

    Measured are trainings whose 90 days are over, with tickets on record all the time. Compared are customers
    who were there all the time, to whom it was open. Who had a training on the same topic in the 90 days
    before is left out; who did not come but had one by 90 days after, too. Strata with one side are no
    comparison and not among the rows. `weight`: those who did not come weigh, in each stratum, as many as came.
    """
    found = list(AroundTrainings(known, asked, support).each(today))
    if not found:
        return pl.DataFrame(schema=AROUND)
    who = np.concatenate([one.who for one in found])
    sizes = [len(one.who) for one in found]
    held = pl.DataFrame({"event_id": np.repeat([one.event_id for one in found], sizes)})
    told = asked.select("event_id", "event", "held_on", "topic", "key")
    rows = known.customers.select("segment", customer="customer_id")[who].with_columns(
        treated=pl.Series(np.concatenate([one.came for one in found])),
        before=pl.Series(np.concatenate([one.before for one in found])),
        after=pl.Series(np.concatenate([one.after for one in found])),
        weight=pl.Series(np.concatenate([one.weight for one in found])),
    )
    both = pl.concat([rows, held], how="horizontal").join(
        told, on="event_id", how="left", maintain_order="left"
    )
    return both.select(pl.col(name).cast(kind) for name, kind in AROUND.items())


def change_rows(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters
) -> pl.DataFrame:
    """One row per training and customer compared: event, held_on, topic, customer, segment, came, tickets
    before and after, weight (of the others: as many in each stratum as came)."""
    facts = chosen(session, by, filters, today)
    asked, known, support = _loaded(session, by, today, facts)
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
    facts = chosen(session, by, filters, today)
    asked, known, support = _loaded(session, by, today, facts)
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
    session: Session, by: Viewer, today: date, facts: Facts
) -> tuple[pl.DataFrame, Known, Desk]:
    """TRAININGS with `asked`, what is on record of everybody, and the tickets around those asked for, as
    ON_TOPIC."""
    known, held = facts
    wanted = pl.col("event_id").is_in(held["event_id"].implode())
    asked = trainings(session, known).with_columns(asked=wanted)
    rows = asked.filter("asked").sort("held_on")
    days = rows["held_on"].to_list() or [today]
    support = desk(session, by, days[0] - WINDOW, days[-1] + WINDOW)
    about = on_topic(support.tickets, rows["key"].to_list())
    return asked, known, replace(support, tickets=about)
