"""`python -m bench.fit_quality`: how well invitations are ranked in simulated worlds nobody has tuned on."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from bench.document import table
from bench.fit.quality import METHODS, Quality, quality
from bench.fit.world import simulate

FIRST_SEED = 30_001
"""The worlds were given their spread on seeds 100 to 2050, by the simple methods alone."""
SETTINGS = ((300, 18), (300, 6), (80, 18))


def section(seeds: int = 25, settings: Sequence[tuple[int, int]] = SETTINGS) -> str:
    """The figures as text of the document."""
    rows = []
    for customers, events in settings:
        worlds = [
            simulate(seed, customers=customers, events_a_year=events)
            for seed in range(FIRST_SEED, FIRST_SEED + seeds)
        ]
        for method in METHODS:
            found = [quality(world, method, seed=n) for n, world in enumerate(worlds)]
            rows.append([f"{customers}", f"{events}", method, *_cells(found)])
    header = ["customers", "events a year", "method", "nDCG@20", "came of those invited", "reached", "90 % interval held"]  # fmt: skip
    return f"""{seeds} simulated worlds each that nothing was tuned on. In the first year invitations go out by chance,
in the second each method invites a fifth for every event, and learns from what came of it: how good the
first 20 of its order are (1 would be perfect; with the standard error), how many of those invited came, how
many customers were reached, and how often the interval said beforehand held who came.

{table(header, rows)}"""


def _cells(found: list[Quality]) -> list[str]:
    gains = np.array([one.ndcg for one in found])
    sums = [one for each in found for one in each.sums]
    inside = [low <= came <= high for _, low, high, came in sums]
    return [
        f"{gains.mean():.3f} ± {gains.std() / np.sqrt(len(gains)):.3f}",
        f"{np.mean([one.attended for one in found]):.1%}",
        f"{np.mean([one.reached for one in found]):.0%}",
        f"{np.mean(inside):.0%} of {len(inside):,}" if inside else "–",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fit_quality")
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    options = parser.parse_args()
    for customers, events in SETTINGS:
        print(f"{customers} customers, {events} events a year, {options.seeds} worlds")
        worlds = [
            simulate(seed, customers=customers, events_a_year=events)
            for seed in range(options.first, options.first + options.seeds)
        ]
        for method in METHODS:
            began = time.perf_counter()
            found = [quality(world, method, seed=n) for n, world in enumerate(worlds)]
            print(f"  {_line(method, found)}  ({time.perf_counter() - began:.0f} s)")


def _line(method: str, found: list[Quality]) -> str:
    gains = np.array([one.ndcg for one in found])
    attended = np.mean([one.attended for one in found])
    reached = np.mean([one.reached for one in found])
    said = (
        f"{method:14} nDCG@20 {gains.mean():.3f} +- {gains.std() / np.sqrt(len(gains)):.3f}"
        f"  came of those invited {attended:.3f}  customers reached {reached:.2f}"
    )
    sums = [one for each in found for one in each.sums]
    if sums:
        inside = np.mean([low <= came <= high for _, low, high, came in sums])
        said += f"  90 % interval held {inside:.2f} of {len(sums)}"
    return said


if __name__ == "__main__":
    main()
