from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.names import company_key, company_keys, person_parts

SAME = [
    ("DataFlow Inc.", "DATAFLOW"),
    ("Umbra  Retail", "umbra-retail,"),
    ("Müller & Söhne GmbH & Co. KG", "Muller and Sohne"),
    ("Foo S.p.A.", "Foo SpA"),
    ("Foo Sp. z o.o.", "foo"),
    ("Bar A/S", "Bar"),
    ("X Trading S.A. de C.V.", "X Trading"),
    ("Łódź Straße ApS", "Lodz Strasse"),
    ("Søren Æbelø", "Soren Aebelo"),
    ("O'Neil’s Foods", "ONeils Foods"),
    ("Acme Intl Tech", "Acme International Technologies"),
    ("Acme Hldgs", "Acme Holding"),
    ("株式会社東洋", "東洋"),
    ("ООО Ромашка", "ромашка"),
    ("ＦＵＬＬＷＩＤＴＨ", "fullwidth"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_spellings_of_one_company_share_a_key(left, right) -> None:
    first, second = company_key(pl.Series([left, right])).to_list()
    assert first == second


@pytest.mark.parametrize(
    ("left", "right"),
    [("Acme Group", "Acme"), ("Heineken", "Heineken Holding"), ("AB Volvo", "Volvo Bank")],
)
def test_relatives_keep_different_keys(left, right) -> None:
    first, second = company_key(pl.Series([left, right])).to_list()
    assert first != second


def test_the_core_drops_what_only_tells_relatives_apart() -> None:
    keys = company_keys(pl.Series(["The Acme Group Holding", "Acme"]))
    assert set(keys["core"]) == {"acme"}


def test_a_name_of_legal_forms_alone_stays_a_name() -> None:
    assert company_key(pl.Series(["Co", "!!", "  ", None])).to_list() == ["co", None, None, None]


@given(st.lists(st.text(max_size=30) | st.none(), min_size=1, max_size=10))
def test_keys_survive_any_text_and_ignore_case_of_ascii(names) -> None:
    keys = company_key(pl.Series(names, dtype=pl.Utf8))
    padded = company_key(pl.Series([n and f"  {n} " for n in names], dtype=pl.Utf8))
    assert keys.len() == len(names)
    assert padded.to_list() == keys.to_list()


@pytest.mark.parametrize(
    ("raw", "whole", "given_name", "family"),
    [
        ("Jane Doe", "jane doe", "jane", "doe"),
        ("Doe, Jane", "jane doe", "jane", "doe"),
        ("Dr. Jane B. Doe (iPad)", "jane b doe", "jane", "doe"),
        ("Łukasz O'Brien", "lukasz obrien", "lukasz", "obrien"),
        ("Kim Smith-Jones", "kim smith jones", "kim", "jones"),
        ("山田 太郎", "山田 太郎", "山田", "太郎"),
        ("Priya", "priya", None, None),
        ("15550100142", None, None, None),
    ],
)
def test_person_names_come_apart(raw, whole, given_name, family) -> None:
    row = person_parts(pl.Series([raw])).to_dicts()[0]
    assert (row["whole"], row["given"], row["family"]) == (whole, given_name, family)
