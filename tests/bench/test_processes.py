"""What is measured of processes, without holding them up."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.processes import held_mb, tree

HOLDS = "held = b'x' * (100 << 20); print(len(held), flush=True); input()"


def test_memory_of_a_process_and_its_children_is_counted_together() -> None:
    alone = held_mb([os.getpid()])
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    try:
        both = list(tree(os.getpid()))
        assert child.pid in both
        assert held_mb(both) - alone > 100
    finally:
        child.communicate(b"\n")
    assert child.pid not in tree(os.getpid())


def test_a_process_that_is_over_holds_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert list(tree(child.pid)) == [child.pid]
    assert held_mb([child.pid]) == 0
