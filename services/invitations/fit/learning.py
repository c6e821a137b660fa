"""From past offers to new weights, which are used only when they do no worse than those in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.invitations.fit.ground import Bools, Floats, Ground
from services.invitations.fit.history import History
from services.invitations.fit.model import Model, fitted, log_loss
from services.invitations.fit.record import Record
from services.plurals import plural

MOST_ROWS = 200_000
"""Offers a fit looks at, the newest events first."""
LEAST_ROWS, LEAST_CAME, LEAST_EVENTS = 60, 8, 4
"""Below these there is too little to learn from."""
LOOKED_BACK = 6
"""Events that are foretold from those before them, for the calibration and the pull of events."""
WORSE = 1e-9


@dataclass(frozen=True)
class Offers:
    """One event's offers: features (customers x NAMES), who came, and the mean rate before it."""

    event: int
    features: Floats
    came: Bools
    base: float


@dataclass(frozen=True)
class Bin:
    """Offers whose chance was said to lie from `low` to `high`: their number, mean chance, share who came."""

    low: float
    high: float
    rows: int
    said: float
    came: float


@dataclass(frozen=True)
class Refit:
    """What a fit came to. Losses are of the last event, None where nothing could be compared; `why` it is
    not to be used, if so."""

    model: Model
    kept: bool
    why: str | None
    rows: int
    events: int
    loss_before: float | None
    loss_after: float | None
    calibration: tuple[Bin, ...]


def walk(ground: Ground, record: Record, events: Sequence[int]) -> tuple[list[Offers], History]:
    """The newest MOST_ROWS offers of these events, in their order, each with what was known before; and the
    history after the last. The first of them only teaches history."""
    start = _start(record, events)
    history, found = History(ground), list[Offers]()
    for place, event in enumerate(events):
        offered, came = record.of(event)
        if place >= start and history.offered.any() and offered.any():
            features = history.features(event)[offered]
            found.append(Offers(event, features, came[offered], history.base))
        history.add(event, offered, came)
    return found, history


def _start(record: Record, events: Sequence[int]) -> int:
    """From which of the events on their offers are MOST_ROWS together; the last one always."""
    rows = 0
    for place in range(len(events) - 1, -1, -1):
        rows += int(record.of(events[place])[0].sum())
        if rows > MOST_ROWS:
            return min(place + 1, len(events) - 1)
    return 0


def replayed(ground: Ground, record: Record, events: Sequence[int]) -> History:
    """The history alone, which is much faster."""
    history = History(ground)
    for event in events:
        history.add(event, *record.of(event))
    return history


def refit(offers: Sequence[Offers], current: Model) -> Refit:
    """Weights from all offers; kept when those from all but the last event foretell the last no worse than
    `current` does."""
    rows = sum(len(one.came) for one in offers)
    came = sum(int(one.came.sum()) for one in offers)
    if rows < LEAST_ROWS or came < LEAST_CAME or len(offers) < LEAST_EVENTS:
        why = f"Too little to learn from: {plural(rows, 'offer')} of {plural(len(offers), 'event')}, {came} taken."
        return Refit(
            current, kept=False, why=why, rows=rows, events=len(offers),
            loss_before=None, loss_after=None, calibration=(),
        )  # fmt: skip
    last = offers[-1]
    before = log_loss(_chances(current, last), last.came)
    after = log_loss(_chances(_of(offers[:-1]), last), last.came)
    told = foretold(offers)
    model = replace(_of(offers), pull=_pull(told))
    kept = after <= before + WORSE
    why = None if kept else "It foretold the last event worse than the weights in use."
    return Refit(model, kept, why, rows, len(offers), before, after, calibration(told))


def _of(offers: Sequence[Offers]) -> Model:
    return fitted(
        np.concatenate([one.features for one in offers]),
        np.concatenate([one.came for one in offers]),
    )


def _chances(model: Model, offers: Offers) -> Floats:
    return model.chances(model.scores(offers.features), offers.base)


def foretold(offers: Sequence[Offers]) -> list[tuple[Floats, Bools]]:
    """Chances and outcomes of the last events, each from a fit of the events before it."""
    start = max(1, len(offers) - LOOKED_BACK)
    return [
        (_chances(_of(offers[:n]), offers[n]), offers[n].came) for n in range(start, len(offers))
    ]


def calibration(told: Sequence[tuple[Floats, Bools]]) -> tuple[Bin, ...]:
    """By tenth of the chance; tenths without offers are left out."""
    if not told:
        return ()
    chances = np.concatenate([one for one, _ in told])
    came = np.concatenate([one for _, one in told])
    place = np.minimum((chances * 10).astype(np.int64), 9)
    return tuple(
        Bin(
            n / 10,
            (n + 1) / 10,
            int(here.sum()),
            float(chances[here].mean()),
            float(came[here].mean()),
        )
        for n in range(10)
        if (here := place == n).any()
    )


def _pull(told: Sequence[tuple[Floats, Bools]]) -> float:
    """Variance of events' own pull, in log-odds: how much more whole events stray than chance explains.

    A pull d moves an event's sum by about d sum p(1-p), so that its square is expected to be
    sum p(1-p) + d^2 (sum p(1-p))^2.
    """
    variances = np.array([(p * (1 - p)).sum() for p, _ in told])
    strayed = np.array([(came.sum() - p.sum()) ** 2 for p, came in told])
    weight = (variances**2).sum()
    return float(max(0.0, (strayed - variances).sum() / weight)) if weight else 0.0


def expected(model: Model, features: Floats, chances: Floats) -> tuple[float, float, float]:
    """How many of these will come if invited, with a 90% interval: chance, the event's own pull, and what
    is not known of the weights."""
    each = chances * (1 - chances)
    variance = each.sum() + model.pull * each.sum() ** 2
    if model.covariance:
        slope = np.append(each @ features, each.sum())
        variance += float(slope @ np.array(model.covariance) @ slope)
    half = 1.645 * float(np.sqrt(variance))
    total = float(chances.sum())
    return total, max(0.0, total - half), min(float(len(chances)), total + half)
