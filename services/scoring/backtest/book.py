"""The backtest of the decline alarm on the history on record: walked by the worker, kept, read by anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.frames import pack, unpack
from data.tables import AppSetting, Customer, KeptFrame
from data.versions import ATTENDANCE, current
from services import jobs
from services.access import Viewer, visible
from services.scoring.backtest.measure import Measured, alarms_of, leavers, measured
from services.scoring.backtest.walk import Material, Walked, days_between, walk
from services.scoring.courses import for_everybody
from services.scoring.load import CUSTOMER_SCHEMA, load_facts
from services.scoring.risk.alarm import ALERT_EVENTS
from services.scoring.risk.mail import mail_history

JOB = "backtest.run"
NAME = "backtest"
_FRAMES = {"looks": "backtest_looks", "observed": "backtest_observed"}


@dataclass(frozen=True)
class Backtest:
    """`until` is the last day looked at, `made_at` when. `judged`: customers that could be judged at least
    once; `left`: those of them that have left. `stale`: attendance has changed since."""

    made_at: datetime
    since: date
    until: date
    looks: int
    judged: int
    left: int
    stale: bool
    rows: tuple[Measured, ...]


def ask(session: Session, *, by: Viewer, now: datetime) -> bool:
    """Have the worker walk it anew; False when somebody has asked in this very minute."""
    minute = now.replace(second=0, microsecond=0).isoformat()
    return jobs.add(session, JOB, f"{JOB}:{minute}", {"by": by.person_id}, now=now)


def material(session: Session, now: datetime) -> tuple[Material, int]:
    """Everything on record up to now, and the data version it is of."""
    customers = read_frame(
        session,
        select(
            Customer.id, Customer.segment, Customer.region, Customer.started_on, Customer.churned_on
        ).order_by(Customer.id),
        CUSTOMER_SCHEMA | {"churned_on": pl.Date},
    )
    facts = load_facts(session)
    events = for_everybody(facts.events).filter(pl.col("held_on") <= now.date())
    seats = facts.attendances.group_by("customer_id", "event_id").agg(seats=pl.len().cast(pl.Int64))
    return Material(seats, events, customers, mail_history(session)), current(session).get(
        ATTENDANCE, 0
    )


def walked(found: Material, now: datetime) -> Walked:
    """No database is at work here: it may take a while."""
    first = found.events["held_on"].min()
    if not isinstance(first, date):
        return walk(found, [])
    return walk(found, days_between(first, now.date()))


def keep(session: Session, result: Walked, version: int, *, now: datetime) -> None:
    """Put it in the place of the one before."""
    session.execute(delete(KeptFrame).where(KeptFrame.name.in_(_FRAMES.values())))
    for field, name in _FRAMES.items():
        for seq, body in enumerate(pack(getattr(result, field))):
            row = {"name": name, "seq": seq, "version": version, "body": body}
            session.execute(insert(KeptFrame).values(**row))
    kept = session.get(AppSetting, NAME) or AppSetting(name=NAME)
    kept.value = {
        "days": [day.isoformat() for day in result.days],
        "version": version,
        "at": now.astimezone(UTC).isoformat(),
    }
    kept.changed_at = now
    session.add(kept)


def result(session: Session, by: Viewer) -> Backtest | None:
    """On the customers that `by` sees; None before it was walked for the first time."""
    kept = session.get(AppSetting, NAME)
    if kept is None or not kept.value["days"]:
        return None
    days = tuple(date.fromisoformat(day) for day in kept.value["days"])
    found = Walked(days, _frame(session, "looks"), _frame(session, "observed"))
    churn = read_frame(
        session,
        select(Customer.id, Customer.churned_on).where(visible(by)),
        {"customer_id": pl.Int64, "churned_on": pl.Date},
    )
    # Somebody who will have left after the last look is still here as far as this history goes.
    until = days[-1]
    seen = pl.when(pl.col("churned_on") <= until).then("churned_on")
    mine = churn.with_columns(churned_on=seen)
    counted = found.observed.join(mine, on="customer_id")
    return Backtest(
        made_at=datetime.fromisoformat(kept.value["at"]),
        since=days[0],
        until=until,
        looks=len(days),
        judged=counted.height,
        left=counted["churned_on"].count(),
        stale=kept.value["version"] != current(session).get(ATTENDANCE, 0),
        rows=tuple(measured(found, mine, until)),
    )


def left(session: Session, by: Viewer) -> pl.DataFrame:
    """The customers that `by` sees whose leaving the alert in force could have told: LEAVERS with customer and
    segment, the last to leave first; none before it was walked for the first time."""
    schema = {
        "customer_id": pl.Int64, "churned_on": pl.Date, "customer": pl.String, "segment": pl.String,
    }  # fmt: skip
    query = select(Customer.id, Customer.churned_on, Customer.name, Customer.segment)
    kept = session.get(AppSetting, NAME)
    if kept is None or not kept.value["days"]:
        return pl.DataFrame(schema=schema | {"flagged_on": pl.Date, "lead": pl.Int64})
    until = date.fromisoformat(kept.value["days"][-1])
    query = query.where(visible(by), Customer.churned_on <= until)
    names = read_frame(session, query, schema)
    mine = names.select("customer_id", "churned_on")
    looks = _frame(session, "looks").join(mine, on="customer_id", how="semi")
    observed = _frame(session, "observed").join(mine, on="customer_id")
    alarms = alarms_of(looks, None if "fused" in looks.columns else ALERT_EVENTS)
    rows = leavers(alarms, observed).join(
        names.select("customer_id", "customer", "segment"), on="customer_id"
    )
    return rows.sort("churned_on", "customer", descending=[True, False])


def _frame(session: Session, field: str) -> pl.DataFrame:
    pieces = session.scalars(
        select(KeptFrame.body).where(KeptFrame.name == _FRAMES[field]).order_by(KeptFrame.seq)
    )
    found = unpack(pieces)
    assert found is not None, "it is written with the setting that says it is there"
    return found
