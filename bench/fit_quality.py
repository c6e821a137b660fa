"""`python -m bench.fit_quality`: how well invitations are ranked in simulated worlds nobody has tuned on."""

from __future__ import annotations

import argparse
import time

import numpy as np

from bench.fit.quality import METHODS, Quality, quality
from bench.fit.world import simulate

FIRST_SEED = 30_001
"""The worlds were given their spread on seeds 100 to 2050, by the simple methods alone."""
SETTINGS = ((300, 18), (300, 6), (80, 18))


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
