"""`python -m bench.decline_quality`: what the decline alarm finds in simulated worlds, seed by seed."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict

import numpy as np

from bench.decline.quality import Quality, qualities
from bench.decline.world import simulate

FIRST_SEED = 20_001
"""The thresholds come from elsewhere, and the worlds were given their spread on seeds 9001 and 9002."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.decline_quality")
    parser.add_argument("--customers", type=int, default=1_500)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--events", type=float, nargs="*", default=[18.0, 36.0])
    options = parser.parse_args()
    for rate in options.events:
        runs: dict[tuple[str, str], list[Quality]] = defaultdict(list)
        began = time.perf_counter()
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            for one in qualities(simulate(seed, customers=options.customers, events_a_year=rate)):
                runs[one.channel, one.level].append(one)
        seconds = time.perf_counter() - began
        print(
            f"{options.customers} customers, {rate:.0f} events a year, {options.seeds} worlds, {seconds:.0f} s"
        )
        for (channel, level), found in runs.items():
            print("  " + _line(channel, level, found))


def _line(channel: str, level: str, found: list[Quality]) -> str:
    hits, of = sum(q.found for q in found), sum(q.findable for q in found)
    wrong, years = sum(q.false_alarms for q in found), sum(q.stable_years for q in found)
    leads = [lead for q in found for lead in q.leads]
    shares = [q.detected for q in found]
    rates = [q.false_per_100 for q in found]
    return (
        f"{channel:6} {level:5} found {hits / max(of, 1):.2f} ({hits} of {of}; {min(shares):.2f}-{max(shares):.2f})"
        f"  false alarms per 100 stable customer-years {100 * wrong / years:.1f} "
        f"({min(rates):.1f}-{max(rates):.1f})  median lead {np.median(leads) if leads else float('nan'):.0f} d"
    )


if __name__ == "__main__":
    main()
