"""How well people and programs are told apart in simulated mail logs: `python -m bench.verdict_quality`."""

from __future__ import annotations

import time

import polars as pl

from bench.document import table
from services.verdicts import judge
from tests.services.verdicts.simulated_log import simulated_log

SEEDS = (301, 302, 303, 304, 305)
"""Neither those that thresholds were tried on nor those of the tests."""


def section(recipients: int = 12_000) -> str:
    """The figures as text of the document."""
    kept: dict[str, list[pl.DataFrame]] = {"click": [], "open": []}
    events, seconds = 0, 0.0
    for seed in SEEDS:
        log = simulated_log(seed, recipients=recipients)
        began = time.perf_counter()
        told = judge(log.events, log.deliveries)
        seconds += time.perf_counter() - began
        events += log.events.height
        told = told.join(log.truth, on="id")
        told = told.join(log.events.select("id", "message", "kind"), on="id")
        for kind, found in kept.items():
            found.append(_by_message(told.filter(pl.col("kind") == kind)))
    rows = [[f"{kind}s", *_cells(pl.concat(found))] for kind, found in kept.items()]
    header = [
        "mails with",
        "a person's, of all",
        "taken for a person's, rightly",
        "a person's, found",
    ]
    return f"""{len(SEEDS)} simulated logs of {recipients:,} recipients, {events:,} events in all, on none of which a threshold was tried;
scanners, privacy services and shared addresses among the readers
(`tests/services/verdicts/simulated_log.py`). Judging them took {seconds:.1f} s.

{table(header, rows)}"""


def _by_message(told: pl.DataFrame) -> pl.DataFrame:
    """`said` and `true`: whether a person did it, for each mail with such an event."""
    return told.group_by("message").agg(
        said=(pl.col("verdict") == "human").any(), true=pl.col("human").any()
    )


def _cells(found: pl.DataFrame) -> tuple[str, str, str]:
    right = found.filter("said", "true").height
    said, true = int(found["said"].sum()), int(found["true"].sum())
    return f"{true / found.height:.3f}", f"{right / said:.3f}", f"{right / true:.3f}"


if __name__ == "__main__":
    print(section())
