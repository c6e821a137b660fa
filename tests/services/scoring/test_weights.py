from __future__ import annotations

from typing import Any

import pytest

from data.errors import BadInput
from services.scoring.weights import WeightBook, Weights


def test_the_usual_weights_are_those_of_the_requirement() -> None:
    assert Weights().as_dict() == {
        "frequency": 30,
        "recency": 25,
        "diversity": 20,
        "depth": 15,
        "consistency": 10,
    }


def test_weights_that_do_not_total_100_are_refused_with_their_total() -> None:
    with pytest.raises(BadInput, match="add up to 105"):
        Weights(frequency=35)


@pytest.mark.parametrize("wrong", [-5, 101, 30.0, "30", True, None])
def test_a_weight_is_a_whole_number_from_0_to_100(wrong: Any) -> None:
    with pytest.raises(BadInput, match="weight for frequency"):
        Weights(frequency=wrong)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"frequency": 100}, "missing: recency, diversity, depth, consistency"),
        ({**Weights().as_dict(), "luck": 0}, "unknown: luck"),
    ],
)
def test_every_component_must_be_given_and_no_other(points: dict[str, int], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Weights.from_dict(points)


def test_a_book_survives_being_stored() -> None:
    book = WeightBook(Weights(20, 35, 20, 15, 10), {"small": Weights(100, 0, 0, 0, 0)})
    assert WeightBook.from_dict(book.as_dict()) == book


@pytest.mark.parametrize(
    ("segment", "frequency"), [("small", 100), ("enterprise", 30), (None, 30), ("", 30)]
)
def test_segments_without_weights_of_their_own_use_the_default(
    segment: str | None, frequency: int
) -> None:
    book = WeightBook(by_segment={"small": Weights(100, 0, 0, 0, 0)})
    assert book.of(segment).frequency == frequency
