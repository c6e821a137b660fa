"""Nothing is queued or sent without a live approval of exactly that text, whatever is done in which order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.drafts.machine import Moves


def test_nothing_leaves_without_a_live_approval_of_its_text(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
):
    class Bound(Moves):
        template = sqlite_template
        done = Counter[str]()  # noqa: RUF012 - this run's

        def folder(self) -> Path:
            return tmp_path_factory.mktemp("moves")

    run_state_machine_as_test(
        Bound, settings=settings(max_examples=30, stateful_step_count=30, deadline=None)
    )
    done = Bound.done
    for move in ("approved, service", "approved, API", "approved, many", "second_look, service"):
        assert done[move], f"{move}: it never came to that, but to {done}"
    for move in ("edit, service", "reject, API", "cancel, service", "refused"):
        assert done[move], f"{move}: it never came to that, but to {done}"
    assert done["left"] >= 10
