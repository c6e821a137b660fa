"""What a figure of success says: its value, what it is made of, and whether the aim is reached. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.figures import FEWEST, Gap, Lift, Share
from services.invitations.learning import ListLift
from services.plurals import plural

REACHED, MISSED, TOO_FEW, NO_DATA, NO_AIM = "reached", "missed", "too few", "no data", "no aim"


@dataclass(frozen=True)
class Figure:
    """A share or a relative lift, 0.2 for 20%, with its 95% interval; None: not enough data. `top` over
    `bottom` (for a lift: `top` against `bottom`), in words; `n` cases in all, `fewest` on a side."""

    value: float | None
    low: float | None
    high: float | None
    top: str
    bottom: str
    n: int
    fewest: int


@dataclass(frozen=True)
class Measured:
    """`verdict`: REACHED, MISSED, TOO_FEW (under eight cases on a side), NO_DATA or NO_AIM. `sure`: the whole
    interval lies on the same side of the aim. `months`: (2026-11, value or None), the earliest first."""

    key: str
    figure: Figure
    verdict: str
    sure: bool
    months: tuple[tuple[str, float | None], ...] = ()


def of_share(one: Share) -> Figure:
    return Figure(one.share, one.low, one.high, f"{one.hits:,}", f"{one.of:,}", one.of, one.of)


def of_gap(one: Share, other: Share, gap: Gap) -> Figure:
    """One share against another."""
    return Figure(
        gap.relative, gap.relative_low, gap.relative_high, _counted(one), _counted(other),
        one.of + other.of, min(one.of, other.of),
    )  # fmt: skip


def of_list(found: ListLift) -> Figure:
    one, other = found.recommended, found.held_out
    return Figure(
        found.relative, found.low, found.high, _counted(one), _counted(other), one.of + other.of,
        min(one.of, other.of),
    )  # fmt: skip


def of_lift(found: Lift) -> Figure:
    """Customers who came against those who did not, each before and after."""
    return Figure(
        found.relative, found.relative_low, found.relative_high,
        _change(found.treated, found.treated_before, found.treated_after),
        _change(found.others, found.others_before, found.others_after),
        found.treated + found.others, min(found.treated, found.others),
    )  # fmt: skip


def judged(
    key: str,
    figure: Figure,
    aim: float | None,
    *,
    months: tuple[tuple[str, float | None], ...] = (),
) -> Measured:
    """Whether the value is above `aim`, and whether the interval leaves no doubt of it."""
    value, low, high = figure.value, figure.low, figure.high
    if value is None:
        return Measured(key, figure, NO_DATA, sure=False, months=months)
    if aim is None:
        return Measured(key, figure, NO_AIM, sure=False, months=months)
    if figure.fewest < FEWEST:
        return Measured(key, figure, TOO_FEW, sure=False, months=months)
    above = value > aim
    end = low if above else high
    sure = end is not None and (end > aim if above else end < aim)
    return Measured(key, figure, REACHED if above else MISSED, sure=sure, months=months)


def _counted(one: Share) -> str:
    counts = f"{one.hits:,} of {one.of:,}"
    return counts if one.share is None else f"{one.share:.0%} ({counts})"


def _change(customers: int, before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return plural(customers, "customer")
    return f"{before:.0%} → {after:.0%} ({plural(customers, 'customer')})"
