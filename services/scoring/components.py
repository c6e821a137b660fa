"""The five components of the score and the raw facts they are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.scoring.facts import Attended
from services.scoring.supply import WINDOW_DAYS, Bools, Floats, Ints, Supply

LEAST_EVENTS, LEAST_TYPES, LEAST_PERIODS = 4, 2, 3
GRACE_DAYS, PAUSE_DAYS = 7, 30
GAPS_PER_HALF_LIFE = 6
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE = 60.0, 240.0
MONTHLY_FROM = 12
TOP_EVENTS = 3
WINDOW_MONTHS = 13
SPARK_MONTHS = 12


@dataclass(frozen=True)
class _Periods:
    kind: Bools
    """True where months are counted, False for quarters."""
    attended: Ints
    offered: Ints
    months: Ints
    """Customer x the last 12 calendar months: events attended."""


def components_and_facts(
    attended: Attended, supply: Supply
) -> tuple[dict[str, Floats], dict[str, pl.Series]]:
    """Per customer: the components (0..1, single precision) and the columns behind them."""
    customers = len(supply.customers)
    n = attended.count(customers)
    eligible = supply.total(np.ones(len(supply.events))).astype(np.int64)
    last = np.full(customers, -1)
    last[attended.customer] = attended.event  # pairs are in order, so the last one stays
    recency, half_life, clock = _recency(last, eligible, supply)
    types, offered = _types(attended, supply)
    periods = _periods(attended, supply, eligible)
    top = _best(attended, customers)
    components = {
        "frequency": n / np.maximum(eligible, LEAST_EVENTS),
        "recency": recency,
        "diversity": np.minimum(
            1, types.sum(axis=1) / np.maximum(offered.sum(axis=1), LEAST_TYPES)
        ),
        "depth": top.sum(axis=1) / TOP_EVENTS,
        "consistency": np.minimum(1, periods.attended / np.maximum(periods.offered, LEAST_PERIODS)),
    }
    # The stored precision is the one the score is made of, so that a what-if starts from the same.
    components = {name: values.astype(np.float32) for name, values in components.items()}
    last_day = np.append(supply.days, 0)[last]
    facts = {
        "attended": _int32(n),
        "eligible": _int32(eligible),
        "people": _int32(attended.people),
        "last_attended": _date(last_day, last >= 0),
        "first_attended": _date(*_first(attended, supply)),
        "types_attended": _int32(types.sum(axis=1)),
        "types_offered": _int32(offered.sum(axis=1)),
        "types_seen": _names(types, supply),
        "types_missing": _names(offered & ~types, supply),
        "periods_attended": _int32(periods.attended),
        "periods_offered": _int32(periods.offered),
        "period_kind": pl.Series(np.where(periods.kind, "month", "quarter"), dtype=pl.Utf8),
        "depth_top": pl.Series(top.astype(np.float32)).cast(pl.List(pl.Float32)),
        "half_life_days": pl.Series(half_life.astype(np.float32)),
        "recency_as_of": _date(clock, np.ones(customers, dtype=np.bool_)),
        "missed_in_row": _int32(missed_since(last, supply)),
        "months": pl.Series(periods.months.astype(np.int32)).cast(pl.List(pl.Int32)),
        **_acts(attended, customers),
    }
    return components, facts


def _recency(last: Ints, eligible: Ints, supply: Supply) -> tuple[Floats, Floats, Ints]:
    """Component, half-life in days, and the day counted from (days since 1970-01-01).

    The half-life is six mean gaps between eligible events. The clock stops 30 days after the last
    eligible event: nobody ages because we held nothing.
    """
    half_life = np.clip(
        GAPS_PER_HALF_LIFE * WINDOW_DAYS / np.maximum(eligible, 1),
        SHORTEST_HALF_LIFE,
        LONGEST_HALF_LIFE,
    )
    days = np.append(supply.days, supply.today)  # position -1: no eligible event, count from today
    clock = np.minimum(supply.today, days[supply.last()] + PAUSE_DAYS)
    since = np.maximum(0, clock - days[last] - GRACE_DAYS)
    return np.where(last >= 0, 0.5 ** (since / half_life), 0.0), half_life, clock


def _types(attended: Attended, supply: Supply) -> tuple[Bools, Bools]:
    """Customer x type: attended, offered."""
    kind = supply.events["type"].rank("dense").to_numpy().astype(np.int64) - 1
    count = int(kind.max(initial=-1)) + 1
    seen = np.zeros((len(supply.customers), count), dtype=np.bool_)
    seen[attended.customer, kind[attended.event]] = True
    return seen, supply.kinds(kind, count)


def _periods(attended: Attended, supply: Supply, eligible: Ints) -> _Periods:
    """Calendar months, or calendar quarters where fewer than 12 events were eligible."""
    dates = supply.events["held_on"]
    month = (dates.dt.year().cast(pl.Int64) * 12 + dates.dt.month() - 1).to_numpy()
    first = supply.as_of.year * 12 + supply.as_of.month - WINDOW_MONTHS
    quarter = month // 3 - first // 3
    month = month - first
    quarters = WINDOW_MONTHS // 3 + 2
    customers = len(supply.customers)
    place = attended.customer * WINDOW_MONTHS + month[attended.event]
    counts = np.bincount(place, minlength=customers * WINDOW_MONTHS).reshape(-1, WINDOW_MONTHS)
    in_quarter = np.zeros((customers, quarters), dtype=np.bool_)
    in_quarter[attended.customer, quarter[attended.event]] = True
    monthly = eligible >= MONTHLY_FROM
    months_offered = supply.kinds(month, WINDOW_MONTHS).sum(axis=1)
    quarters_offered = supply.kinds(quarter, quarters).sum(axis=1)
    return _Periods(
        kind=monthly,
        attended=np.where(monthly, (counts > 0).sum(axis=1), in_quarter.sum(axis=1)),
        offered=np.where(monthly, months_offered, quarters_offered),
        months=counts[:, -SPARK_MONTHS:],
    )


def _best(attended: Attended, customers: int) -> Floats:
    """Customer x the three deepest events, deepest first, zero where there are fewer."""
    order = np.argsort(attended.customer * 2 - attended.depth)  # depth is 0..1: no customer mixes
    holder = attended.customer[order]
    starts = np.searchsorted(holder, np.arange(customers))
    place = np.arange(len(holder)) - starts[holder]
    kept = place < TOP_EVENTS
    best = np.zeros((customers, TOP_EVENTS))
    best[holder[kept], place[kept]] = attended.depth[order][kept]
    return best


def missed_since(last: Ints, supply: Supply) -> Ints:
    """Eligible events on days after the last attended one."""
    day = np.append(supply.days, -(2**31))[last]
    after = np.searchsorted(supply.days, day, side="right")
    return supply.total(np.ones(len(supply.days)), start=after).astype(np.int64)


def _first(attended: Attended, supply: Supply) -> tuple[Ints, Bools]:
    first = np.full(len(supply.customers), -1)
    first[attended.customer[::-1]] = attended.event[::-1]
    return np.append(supply.days, 0)[first], first >= 0


def _acts(attended: Attended, customers: int) -> dict[str, pl.Series]:
    """What people did beyond being there: totals over the window."""

    def total(name: str) -> Ints:
        values = attended.more[name].cast(pl.Float64).to_numpy()
        return np.bincount(attended.customer, weights=values, minlength=customers)

    return {
        "depth_reported": pl.Series(total("reported") > 0),
        "questions_asked": _int32(total("questions")),
        "feedback_given": _int32(total("feedback")),
        "times_spoken": _int32(total("spoke")),
    }


def _int32(values: Ints | Floats) -> pl.Series:
    return pl.Series(values.astype(np.int32))


def _date(days: Ints, known: Bools) -> pl.Series:
    return (
        pl.Series(np.where(known, days, 0).astype(np.int32))
        .to_frame("d")
        .select(pl.when(pl.Series(known)).then(pl.col("d").cast(pl.Date)))["d"]
    )


def _names(chosen: Bools, supply: Supply) -> pl.Series:
    """The chosen types by name, per customer; only the distinct choices are spelled out."""
    names = supply.events["type"].unique().sort().to_list()
    # Rows of booleans as one value each: much faster to tell apart than rows.
    packed = np.packbits(chosen, axis=1) if names else np.zeros((len(chosen), 1), dtype=np.uint8)
    keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, example, which = np.unique(keys, return_index=True, return_inverse=True)
    choices = chosen[example]
    spelled = [[name for name, yes in zip(names, row, strict=True) if yes] for row in choices]
    return pl.Series(spelled, dtype=pl.List(pl.Utf8))[which.astype(np.uint32)]
