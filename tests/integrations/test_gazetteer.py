from __future__ import annotations

import polars as pl
import pytest

from integrations import gazetteer


@pytest.mark.parametrize(
    ("city", "country", "label"),
    [
        ("Austin", None, "Austin, TX, United States"),
        ("Austin, MN", None, "Austin, MN, United States"),
        ("münchen", "Deutschland", "Munich, Germany"),
        ("Sao Paulo", "BR", "São Paulo, Brazil"),
        ("Paris", "USA", "Paris, TX, United States"),
        ("Berlin, Germany", None, "Berlin, Germany"),
    ],
)
def test_city_is_found_by_the_names_people_use(city: str, country: str | None, label: str):
    assert gazetteer.find(city, country)[0].label == label


def test_unknown_city_or_country_is_nowhere():
    assert gazetteer.find("Nowhere at all") == []
    assert gazetteer.find("Austin", "Atlantis") == []


def test_many_rows_are_located_pair_by_pair():
    asked = pl.DataFrame(
        {"city": ["Austin", "Austin", None, "Nowhere"], "country": ["United States", "US", "US", None]}
    )  # fmt: skip
    found = gazetteer.locate(asked)
    assert found["country"].to_list() == ["United States", "US"]
    assert found["latitude"].round(1).to_list() == [30.3, 30.3]
