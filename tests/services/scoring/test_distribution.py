from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings

from services.scoring.distribution import distribution
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import board, worlds


def scores(counts: dict[str | None, int], csm: str | None = None) -> pl.DataFrame:
    bands = [band for band, count in counts.items() for _ in range(count)]
    return pl.DataFrame(
        {"band": bands, "csm": [csm] * len(bands)}, schema={"band": pl.Utf8, "csm": pl.Utf8}
    )


PORTFOLIO: dict[str | None, int] = {"high": 18, "good": 28, "medium": 22, "low": 10}


def test_counts_and_shares_are_those_of_the_requirement() -> None:
    shown = distribution(scores(PORTFOLIO))
    assert shown["band"].to_list() == ["high", "good", "medium", "low"]
    assert shown["customers"].to_list() == [18, 28, 22, 10]
    assert [round(share * 100) for share in shown["share"]] == [23, 36, 28, 13]
    assert shown.select("lowest", "highest").rows() == [(80, 100), (60, 79), (40, 59), (0, 39)]


def test_customers_without_data_are_in_no_band_and_in_no_share() -> None:
    with_unknown = scores({**PORTFOLIO, None: 22})
    assert distribution(with_unknown).equals(distribution(scores(PORTFOLIO)))


def test_each_group_has_all_bands_and_shares_of_its_own() -> None:
    both = pl.concat([scores({"low": 1}, "Ben"), scores({"high": 3, "low": 1}, "Ana")])
    shown = distribution(both, by="csm")
    assert shown.select("csm", "band", "customers", "share").rows() == [
        ("Ana", "high", 3, 0.75),
        ("Ana", "good", 0, 0.0),
        ("Ana", "medium", 0, 0.0),
        ("Ana", "low", 1, 0.25),
        ("Ben", "high", 0, 0.0),
        ("Ben", "good", 0, 0.0),
        ("Ben", "medium", 0, 0.0),
        ("Ben", "low", 1, 1.0),
    ]


def test_customers_without_a_group_stay_a_group_of_their_own() -> None:
    both = pl.concat([scores({"low": 1}, None), scores({"high": 3}, "Ana")])
    shown = distribution(both, by="csm")
    assert shown["csm"].to_list() == ["Ana"] * 4 + [None] * 4
    assert shown["customers"].sum() == 4


@pytest.mark.parametrize("unknown", [0, 3])
def test_nobody_with_a_score_gives_no_shares(unknown: int) -> None:
    shown = distribution(scores({None: unknown}))
    assert shown["customers"].to_list() == [0, 0, 0, 0]
    assert shown["share"].to_list() == [None] * 4


@settings(deadline=None, max_examples=30)
@given(worlds())
def test_everyone_with_a_score_is_counted_once(world: World) -> None:
    scored = board(world)
    shown = distribution(scored)
    assert shown["customers"].sum() == scored["score"].count()
