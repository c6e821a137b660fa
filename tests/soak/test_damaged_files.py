"""Files damaged in every way we could think of: none takes the reader with it, no record goes uncounted."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.soak import damage
from tests.support.server import ROOT

FILES = int(os.environ.get("SOAK_FILES", "100000"))
AT_ONCE = 500
"""Files that one reader reads; when it dies, they count as one crash."""


def test_some_damaged_files_are_read_or_refused_with_every_record_counted():
    told = damage.run(7, 40)
    assert told.wrong == []
    assert told.became["read"] > 10
    assert told.became["refused"] > 5


def read_by_another(seed: int) -> damage.Told:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "tests.soak.damage", str(seed), str(AT_ONCE)],
        cwd=ROOT,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return damage.Told(Counter(crashed=1), [f"seed {seed} {_ended(done)}"])
    said = json.loads(done.stdout)
    return damage.Told(Counter(said["became"]), said["wrong"])


def _ended(done: subprocess.CompletedProcess[str]) -> str:
    """By whom: a negative number is a signal, -9 that of a machine out of memory."""
    return f"ended with {done.returncode}: {done.stderr[-2_000:]}"


@pytest.mark.soak
def test_hundred_thousand_damaged_files_crash_nothing_and_hide_no_record():
    first = random.SystemRandom().randrange(10**6)
    seeds = range(first, first + FILES // AT_ONCE)
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        told = list(at_once.map(read_by_another, seeds))
    became = sum((one.became for one in told), Counter[str]())
    print(f"\nseeds from {first}: {became.total():,} files, {dict(became)}")  # noqa: T201
    assert became["crashed"] == 0
    assert [wrong for one in told for wrong in one.wrong] == []
    assert became.total() == len(seeds) * AT_ONCE
