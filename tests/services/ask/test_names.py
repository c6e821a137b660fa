from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ask.names import Named, find, find_all, mentioned

KNOWN = [
    Named(place, f"cus_{place}", name)
    for place, name in enumerate(
        ("DataFlow", "DataPro", "TechFlow", "TechCorp", "Smith and Sons", "Müller & Söhne GmbH",
         "Acme Group", "Acme Corp", "CloudMax", "OldCorp", "2026 Customer Success Summit",
         "Customer Success Conference"), 1,
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "name"),
    [("dataflwo", "DataFlow"), ("Data Flow", "DataFlow"), ("Muller", "Müller & Söhne GmbH"),
     ("CloudMaxx Inc.", "CloudMax"), ("Old Corp", "OldCorp"), ("cus_4", "TechCorp"),
     ("“TechFlo”", "TechFlow"), ("Custmer Sucess Sumit", "2026 Customer Success Summit"),
     ("the summit", "2026 Customer Success Summit")],
)  # fmt: skip
def test_name_is_known_in_spite_of_its_spelling(typed: str, name: str):
    found = find(typed, KNOWN)
    assert found.one is not None
    assert found.one.name == name


@pytest.mark.parametrize(
    ("typed", "names"),
    [("Acme", {"Acme Group", "Acme Corp"}), ("Tech", {"TechFlow", "TechCorp"}), ("zzz", set()),
     ("cus_99", set()), ("", set()),
     ("customer success", {"2026 Customer Success Summit", "Customer Success Conference"})],
)  # fmt: skip
def test_name_that_is_not_clear_gives_those_it_could_be(typed: str, names: set[str]):
    found = find(typed, KNOWN)
    assert found.one is None
    assert {one.name for one in found.several} == names


PREFIXES = [
    Named(place, f"cus_{place}", name)
    for place, name in enumerate(
        ("AT&T", "Big Data Works", "DataFlow", "DataPro", "Database Ltd", "TechCorp", "TechFlow", "TechStart International",
         "MyTech GmbH", "Fresh Tech Foods", *(f"Nordic {n:02d} Holding" for n in range(14))), 1,
    )
]  # fmt: skip


def test_short_name_offers_all_that_begin_so_then_those_with_a_word_that_does():
    assert [one.name for one in find("Tech", PREFIXES).several] == [
        "TechCorp", "TechFlow", "TechStart International", "Fresh Tech Foods", "MyTech GmbH",
    ]  # fmt: skip
    assert [one.name for one in find("data", PREFIXES).several] == [
        "DataFlow", "DataPro", "Database Ltd", "Big Data Works",
    ]  # fmt: skip


def test_of_very_many_that_begin_so_the_first_are_offered_and_the_others_counted():
    found = find("Nordic", PREFIXES)
    assert (len(found.several), found.more) == (10, 4)


def test_names_within_a_sentence_are_found_the_longest_of_those_within_one_another():
    known = [*PREFIXES, Named(99, "cus_99", "TechFlow Europe")]
    assert [one.name for one in mentioned("Call TechFlow Europe, then AT&T", known)] == ["AT&T", "TechFlow Europe"]  # fmt: skip
    assert mentioned("Call the tech people", known) == []


def test_list_of_names_keeps_those_that_have_an_and_of_their_own():
    found = find_all("DataFlow, Smith and Sons and techcorp & Müller & Söhne; Acme", KNOWN)
    assert [one.one.name if one.one else None for one in found] == [
        "DataFlow", "Smith and Sons", "TechCorp", "Müller & Söhne GmbH", None,
    ]  # fmt: skip


@given(st.text(max_size=80))
def test_any_text_can_be_looked_for(typed: str):
    for one in find_all(typed, KNOWN):
        assert one.one is None or one.one in KNOWN
