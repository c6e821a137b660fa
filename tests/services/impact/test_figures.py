"""Whether an aim is reached, and when one may not say."""

from __future__ import annotations

import pytest

from services.figures import Lift, gap_of, share_of
from services.impact.figures import (
    MISSED,
    NO_AIM,
    NO_DATA,
    REACHED,
    TOO_FEW,
    judged,
    of_gap,
    of_lift,
    of_share,
)


@pytest.mark.parametrize(
    ("hits", "of", "aim", "verdict", "sure"),
    [
        (0, 0, 0.8, NO_DATA, False),
        (7, 7, 0.2, TOO_FEW, False),
        (95, 100, 0.8, REACHED, True),
        (85, 100, 0.8, REACHED, False),
        (80, 100, 0.8, MISSED, False),
        (40, 100, 0.8, MISSED, True),
        (40, 100, None, NO_AIM, False),
    ],
)
def test_a_share_is_held_against_its_aim(
    hits: int, of: int, aim: float | None, verdict: str, sure: bool
):
    found = judged("x", of_share(share_of(hits, of)), aim)
    assert (found.verdict, found.sure) == (verdict, sure)


def test_seven_on_one_side_are_too_few_for_a_gap():
    few, many = share_of(5, 7), share_of(10, 100)
    assert judged("x", of_gap(few, many, gap_of(few, many)), 0.15).verdict == NO_DATA


def test_a_lift_says_both_sides_before_and_after():
    figure = of_lift(Lift(20, 30, 0.2, 0.4, 0.2, 0.25, 0.15, 0.05, 0.25, 0.6, 0.2, 1.0))
    assert (figure.top, figure.bottom) == ("20% → 40% (20 customers)", "20% → 25% (30 customers)")
    assert judged("x", figure, 0.15).sure
