"""How well the ranking does in simulated worlds whose seeds nothing was tuned on."""

from __future__ import annotations

import numpy as np
import pytest

from bench.fit.quality import Quality, quality
from bench.fit.world import World, simulate

SEEDS = range(30_001, 30_013)


def _found(worlds: list[World], method: str, *, intervals: bool = False) -> list[Quality]:
    return [quality(w, method, seed=n, intervals=intervals) for n, w in enumerate(worlds)]


@pytest.mark.parametrize(("events_a_year", "at_least"), [(18, 0.60), (6, 0.50)])
def test_the_model_ranks_better_than_the_most_engaged_and_the_hand_weights(
    events_a_year: int, at_least: float
) -> None:
    worlds = [simulate(seed, events_a_year=events_a_year) for seed in SEEDS]
    model = _found(worlds, "model", intervals=events_a_year == 6)
    gain = {
        name: np.mean([one.ndcg for one in found])
        for name, found in (
            ("model", model),
            ("hand", _found(worlds, "hand weights")),
            ("engaged", _found(worlds, "most engaged")),
        )
    }
    assert gain["model"] >= at_least
    assert gain["model"] > gain["hand"] > gain["engaged"]
    sums = [one for each in model for one in each.sums]
    assert (
        events_a_year != 6
        or 0.80 <= np.mean([low <= came <= high for _, low, high, came in sums]) <= 0.99
    )


def test_a_world_is_the_same_for_the_same_seed() -> None:
    one, other = simulate(5, customers=40), simulate(5, customers=40)
    assert one.customers.equals(other.customers)
    assert (one.would == other.would).all()
    assert not (one.would == simulate(6, customers=40).would).all()
