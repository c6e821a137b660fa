from __future__ import annotations

import polars as pl
import pytest

from services.matching.book import empty_book
from services.matching.keys import best_of
from services.matching.names import person_parts
from services.matching.people import find_people
from services.matching.prepared import prepare

PEOPLE = [
    (1, 1, "Robert", "Smith"), (2, 1, "Robert", "Smithson"), (3, 1, "Priya", "Raman"),
    (4, 1, "Jon", "Lee"), (5, 1, "John", "Lee"), (6, 2, "Jane", "Doe"), (7, 1, "Mary Ann", "van Dyk"),
]  # fmt: skip
COLUMNS = ["stakeholder_id", "customer_id", "first_name", "last_name"]


def _find(name: str, customer: int = 1) -> tuple[str, int | None] | None:
    book = empty_book(stakeholders=pl.DataFrame(PEOPLE, schema=COLUMNS, orient="row"))
    asked = person_parts(pl.Series([name])).with_columns(
        row=pl.lit(0, pl.UInt32), customer_id=pl.lit(customer, pl.Int64)
    )
    hits = find_people(asked, prepare(book)).to_dicts()
    return (hits[0]["person"], hits[0]["stakeholder_id"]) if hits else None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("robert SMITH", ("exact", 1)),
        ("Smith, Robert", ("exact", 1)),
        ("Bob Smith", ("fuzzy", 1)),
        ("R. Smith", ("fuzzy", 1)),
        ("Robrt Smith", ("fuzzy", 1)),
        ("Robrt Smiht", ("fuzzy", 1)),
        ("R Smiht", None),
        ("Raman Priya", ("fuzzy", 3)),
        ("Mary Ann van Dyk", ("exact", 7)),
        ("John Lee", ("exact", 5)),
        ("J. Lee", ("fuzzy", None)),
        ("Jane Doe", None),
        ("Robert", None),
        ("Someone Else", None),
    ],
)
def test_a_name_is_found_among_a_customers_people(name, found) -> None:
    assert _find(name) == found


def test_the_same_name_at_another_customer_does_not_count() -> None:
    assert _find("Jane Doe", customer=2) == ("exact", 6)
    assert _find("Robert Smith", customer=2) is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("other", "winner"),
    [("domain", "conflict"), ("email", "email"), ("answer", "answer"), ("none", "conflict")],
)
def test_contradiction_outweighs_silence_but_not_what_is_recorded(
    order: tuple[int, int], other: str, winner: str
):
    band = "unmatched" if other == "none" else "automatic"
    rows = pl.DataFrame(
        {
            "key": ["emily@umbra.example"] * 2,
            "band": ["review", band],
            "evidence": ["conflict", other],
            "confidence": [0.5, 0.96],
            "customer_id": [None, 1 if band == "automatic" else None],
            "stakeholder_id": [None, None],
            "candidates": ["[[1, 0.5]]", None],
        }
    )
    assert best_of(rows[list(order)], "key")["evidence"].to_list() == [winner]
