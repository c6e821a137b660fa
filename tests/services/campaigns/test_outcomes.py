"""Whether contact makes conversations: what counts for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.campaigns.outcomes import Occasion, told

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = NOW - 60 * DAY


def occasion(*talks: int, contacted: int | None = None, fired: datetime = LONG_AGO) -> Occasion:
    """Days after the firing."""
    at = None if contacted is None else fired + contacted * DAY
    return Occasion(fired, at, tuple(fired + day * DAY for day in talks))


@pytest.mark.parametrize(
    ("one", "contacted", "others"),
    [
        (occasion(5, contacted=3), (1, 1), (0, 0)),
        (occasion(contacted=3), (0, 1), (0, 0)),
        (occasion(5), (0, 0), (1, 1)),
        (occasion(2, contacted=3), (0, 0), (1, 1)),
        (occasion(31, contacted=3), (0, 1), (0, 0)),
        (occasion(-2, contacted=3), (0, 1), (0, 0)),
        (occasion(35, contacted=32), (0, 0), (0, 1)),
        (occasion(5, contacted=3, fired=NOW - 29 * DAY), (0, 0), (0, 0)),
    ],
)  # fmt: skip
def test_a_talk_counts_on_the_side_it_came_from(
    one: Occasion, contacted: tuple[int, int], others: tuple[int, int]
):
    found = told([one], NOW)
    assert (found.contacted.hits, found.contacted.of) == contacted
    assert (found.others.hits, found.others.of) == others


def test_lift_has_an_interval_and_needs_eight_on_either_side():
    half = [occasion(5, contacted=3)] * 20 + [occasion(contacted=3)] * 20
    tenth = [occasion(5)] * 4 + [occasion()] * 36
    found = told(half + tenth, NOW)
    assert found.followed_up.share == 0.5
    assert found.gap.points == pytest.approx(0.4)
    assert found.gap.low is not None
    assert found.gap.low > 0.15
    assert found.gap.relative_low is not None
    assert found.gap.relative_low > 0.5
    assert told(half + tenth[:7], NOW).gap.relative is None
