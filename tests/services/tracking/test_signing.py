"""Tokens: made by us, good for one purpose, and nothing else is taken for one."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import AppSetting
from services.tracking import LENGTH, Signer, known_signer, rotate, signer

KEYED = Signer("b", {"a": b"1" * 32, "b": b"2" * 32})


@given(st.text(max_size=60))
def test_invented_tokens_are_refused(text: str):
    assert not KEYED.accepts("open", text)


@given(st.integers(0, LENGTH - 1), st.sampled_from("Az0_-~é\x00"))
def test_a_token_with_one_character_changed_is_refused(place: int, other: str):
    token = KEYED.token("click")
    changed = token[:place] + other + token[place + 1 :]
    # The last of 11 characters carries 4 bits more than the 8 bytes need; they are part of the text.
    assert KEYED.accepts("click", changed) == (changed == token)


@pytest.mark.parametrize("purpose", ["open", "click", "unsubscribe"])
def test_a_token_is_good_for_its_own_purpose_alone(purpose: str):
    token = KEYED.token(purpose)  # pyright: ignore[reportArgumentType]
    taken = [p for p in ("open", "click", "unsubscribe") if KEYED.accepts(p, token)]
    assert taken == [purpose]


def test_a_huge_token_is_refused():
    assert not KEYED.accepts("open", "a" * 10_000_000)


def test_tokens_of_an_older_key_stay_good(session: Session, now: datetime):
    before = signer(session).token("open")
    rotate(session, now)
    assert signer(session).accepts("open", before)
    assert signer(session).token("open")[0] != before[0]


def test_an_installation_keeps_its_key(engine: Engine):
    with transaction(engine, read_only=True) as session:
        assert known_signer(session) is None
    with transaction(engine) as session:
        token = signer(session).token("open")
    with transaction(engine) as session:
        found = known_signer(session)
        assert found is not None
        assert found.accepts("open", token)
        assert len(session.scalars(select(AppSetting)).all()) == 1
