"""Public ids and log lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import NotFound
from services.ids import PREFIXES, public_id, read_id


@given(st.sampled_from(sorted(PREFIXES)), st.integers(1, 10**18 - 1))
def test_public_id_leads_back(kind: str, number: int):
    assert read_id(kind, public_id(kind, number)) == number


@pytest.mark.parametrize(
    "text", ["", "42", "cus_", "cus_0", "cus_042", "cus_-1", "CUS_4", "cus_٤", "cus_1 ", "cus_1\n"]
)
def test_malformed_id_says_what_one_looks_like(text: str):
    with pytest.raises(NotFound, match="cus_42"):
        read_id("customer", text)


def test_id_of_another_kind_is_named():
    with pytest.raises(NotFound, match="id of an event, not of a customer"):
        read_id("customer", "evt_7")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str):
    try:
        number = read_id("customer", text)
    except NotFound:
        return
    assert public_id("customer", number) == text
