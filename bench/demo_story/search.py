"""Which events each customer of the demo attends: a search that lets the scores come out as wished.

The scores must hold on whatever day the demo is loaded. Seen from different days the same year of
events falls into calendar months differently, and events move off weekends, so a placement is only
taken when its score stays within its range for every way the calendar can fall (28 years of days).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from bench.demo_story.wishes import Wish
from services.demo.calendar import PAST

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

TIMED = {"zoom_2025", "zoom_2026", "goto", "teams"}
UNSURE = {"sheet", "webex"}
"""Where depth depends on counts, or on whether the schedule is read: never among the deepest three."""
UNREPORTED = 0.5
SPOKEN_AT = 13
MOST_TRIES = 60_000
LEAST_SHARE, MOST_SHARE = 0.1, 0.97

TYPES = [event.type for event in PAST]
PLATFORMS = [event.platform for event in PAST]
TIMED_EVENTS = np.array([platform in TIMED for platform in PLATFORMS])
PULL = [{"webinar": 1.0, "user_group": 0.95, "training": 0.6, "conference": 0.9}[t] for t in TYPES]


def month_patterns() -> Ints:
    """Every sequence of months the 18 events can fall into; a row holds counted-up months."""
    first, last = date(2024, 1, 1).toordinal(), date(2051, 12, 31).toordinal()
    days = np.arange(first, last + 1)[:, None] - np.array([e.days_ago for e in PAST])[None, :]
    weekday = (days + 6) % 7
    days = days - (weekday == 5) + (weekday == 6)
    months = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[M]")
    steps = np.diff(months.astype(np.int64), axis=1) > 0
    found = np.unique(steps, axis=0)
    return np.concatenate([np.zeros((len(found), 1), np.int64), found.cumsum(axis=1)], axis=1)


PATTERNS = month_patterns()
MONTHS_OFFERED = PATTERNS[:, -1] + 1


def recency(last_event: int, eligible: int, shift: int) -> float:
    ago = PAST[last_event].days_ago + shift
    half_life = min(max(6 * 365 / eligible, 60), 240)
    return 0.5 ** (max(0, ago - 7) / half_life)


def base_range(mask: Bools, eligible: int, offered_types: int) -> tuple[float, float]:
    """Lowest and highest of the score without its depth part."""
    attended = np.flatnonzero(mask)
    flat = 30 * len(attended) / max(eligible, 4)
    flat += 20 * min(1, len({TYPES[e] for e in attended}) / max(2, offered_types))
    months = PATTERNS[:, attended]
    distinct = 1 + (np.diff(months, axis=1) > 0).sum(axis=1)
    steady = 10 * np.minimum(1, distinct / np.maximum(3, MONTHS_OFFERED))
    if eligible < 12:
        return flat + 25 * recency(attended[-1], eligible, 1), flat + 10 + 25 * recency(
            attended[-1], eligible, -1
        )
    return (
        flat + steady.min() + 25 * recency(attended[-1], eligible, 1),
        flat + steady.max() + 25 * recency(attended[-1], eligible, -1),
    )


def draw(rng: random.Random, wish: Wish, pull: Sequence[float]) -> Bools | None:
    """A random set of events of the wished size, events with more pull more often."""
    count = rng.randint(*wish.events)
    first = 0
    if wish.started_days_ago is not None:
        first = next(i for i, e in enumerate(PAST) if e.days_ago < wish.started_days_ago - 1)
    banned = {number - 1 for number in wish.never}
    mask = np.zeros(len(PAST), dtype=bool)
    mask[[number - 1 for number in wish.must]] = True
    free = [i for i in range(first, len(PAST)) if not mask[i] and i not in banned]
    missing = count - int(mask.sum())
    if missing < 0 or missing > len(free):
        return None
    keyed = sorted(free, key=lambda i: rng.random() ** (1 / pull[i]), reverse=True)
    mask[keyed[:missing]] = True
    if wish.early is not None and mask[:9].sum() != wish.early:
        return None
    return mask


def fixed_depth(index: int, wish: Wish) -> float | None:
    """Depth where no minutes are compared with a schedule; None where minutes decide."""
    if wish.speaks and index == SPOKEN_AT - 1:
        return 1.0
    if PLATFORMS[index] in TIMED or PLATFORMS[index] == "sheet":
        return None
    return 0.0 if PLATFORMS[index] == "ringcentral" else UNREPORTED


def depth_for(mask: Bools, wish: Wish, wanted: float) -> float | None:
    """The share of the time to stay at timed events so that the three deepest average `wanted`."""
    attended = [int(place) for place in np.flatnonzero(mask)]
    known = [fixed_depth(i, wish) for i in attended]
    timed = [i for i, d in zip(attended, known, strict=True) if d is None and TIMED_EVENTS[i]]
    if len(attended) <= 3:
        if any(PLATFORMS[i] in UNSURE for i in attended) or not timed:
            return None
        share = (3 * wanted - sum(d for d in known if d is not None)) / len(timed)
    elif len(timed) < 3:
        return None
    elif wish.speaks:
        share = (3 * wanted - 1) / 2
    else:
        share = _beside_deeper([d for d in known if d is not None], wanted)
        if share is None:
            return None
    return share if LEAST_SHARE <= share <= MOST_SHARE else None


def _beside_deeper(known: list[float], wanted: float) -> float | None:
    """The share where at most two events, of a depth nobody can choose, are deeper than the timed ones."""
    deeper = [depth for depth in known if depth > wanted - 0.05]
    if not deeper:
        return wanted
    if len(deeper) > 2:
        return None
    share = (3 * wanted - sum(deeper)) / (3 - len(deeper))
    return share if share <= min(deeper) - 0.05 else None


def settle(rng: random.Random, wish: Wish, pull: Sequence[float]) -> tuple[Bools, float]:
    """Events and depth that keep the score in the wished range on any day."""
    start = wish.started_days_ago
    eligible = sum(1 for e in PAST if start is None or e.days_ago < start - 1)
    offered = len({e.type for e in PAST if start is None or e.days_ago < start - 1})
    for _ in range(MOST_TRIES):
        mask = draw(rng, wish, pull)
        if mask is None:
            continue
        low, high = base_range(mask, eligible, offered)
        least, most = (wish.low - low) / 15, min(wish.deepest, (wish.high - high) / 15)
        if least > most:
            continue
        share = depth_for(mask, wish, rng.uniform(max(least, 0), max(most, 0)))
        if share is not None:
            return mask, share
    raise SystemExit(f"No placement for {wish.name} in {wish.low}..{wish.high}")
