"""What no database can keep is refused or cleaned by each alike, in whichever column and by whichever way."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Column,
    Engine,
    String,
    Table,
    Text,
    bindparam,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from data.bulk import insert_frame, update_frame
from data.db import transaction
from data.errors import BadInput
from data.tables import Base, DataVersion, Person
from data.texts import json_text

REFUSED = "cannot be kept"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COLUMNS = [column for table in Base.metadata.sorted_tables for column in table.columns]
TEXTS = [column for column in COLUMNS if isinstance(column.type, String)]
JSONS = [column for column in COLUMNS if isinstance(column.type, JSON)]
anything = st.text(st.characters(categories=None, exclude_categories=()), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800", "é\x00"])
def test_text_that_no_database_keeps_is_refused_by_each(engine: Engine, words: str):
    with transaction(engine) as session:
        session.add(DataVersion(name="facts", value=1))
        session.flush()
        with pytest.raises(BadInput, match=REFUSED), session.begin_nested():
            session.execute(select(DataVersion).where(DataVersion.name == words)).all()
        with pytest.raises(BadInput), session.begin_nested():
            session.execute(insert(DataVersion).values(name=words, value=1))
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(DataVersion.name)).all() == ["facts"]


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800"])
def test_lists_of_rows_are_refused_in_every_text_column(session: Session, words: str):
    assert len(TEXTS) > 200
    for column in TEXTS:
        many = update(_table(column)).values({column: bindparam("given")})
        with pytest.raises(BadInput, match=REFUSED):
            session.connection().execute(many, [{"given": "fine"}, {"given": words}])


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800"])
def test_rows_of_one_statement_are_refused(session: Session, words: str):
    rows = [{"name": name, "role": "csm", "created_at": NOW} for name in ("fine", words)]
    with pytest.raises(BadInput, match=REFUSED), session.begin_nested():
        session.add_all([DataVersion(name=name, value=1) for name in ("fine", words)])
    with pytest.raises(BadInput, match=REFUSED), session.begin_nested():
        session.scalars(insert(Person).returning(Person.id), rows).all()


def test_frames_are_refused_in_every_text_column(session: Session):
    for column in TEXTS:
        frame = pl.DataFrame({column.name: ["fine", None, "a\x00b"]})
        with pytest.raises(BadInput, match=REFUSED):
            insert_frame(session, _table(column), frame)
        with pytest.raises(BadInput, match=REFUSED):
            update_frame(session, _table(column), frame, [column.name])


def test_text_comes_back_as_it_was_or_is_refused(session: Session):
    @settings(max_examples=60)
    @given(words=anything)
    @example(words="\x00")
    @example(words="\udfff")
    def check(words: str) -> None:
        kept = "\x00" not in words and not any("\ud800" <= c <= "\udfff" for c in words)
        try:
            assert session.scalar(select(literal(words, Text))) == words
            assert kept
        except BadInput:
            assert not kept

    check()


def test_json_columns_keep_what_every_reader_can_use(session: Session):
    assert len(JSONS) > 40

    @settings(max_examples=60)
    @given(value=values, column=st.sampled_from(JSONS))
    @example(value=["a\x00b", "half \ud800", "whole \U0001f600"], column=JSONS[0])
    @example(value={"k\x00": float("nan")}, column=JSONS[-1])
    def check(value: Any, column: Column[Any]) -> None:
        back = session.scalar(select(literal(value, column.type)))
        # The serialiser is the engine's: through the database, the one value comes back on both.
        assert back == _plain(value)

    check()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00b", "ab"),
        ("half \ud800 of it", "half \ufffd of it"),
        ("\ud83d\ude00 in two halves", "\U0001f600 in two halves"),
        ({"k\x00": ("t\x00", [1.5, math.nan, math.inf, None, True])},
         {"k": ["t", [1.5, None, None, None, True]]}),
        ("a backslash, \\u0000, typed by somebody", "a backslash, \\u0000, typed by somebody"),
    ],
)  # fmt: skip
def test_json_is_cleaned_and_otherwise_left_alone(value: Any, kept: Any):
    assert json.loads(json_text(value)) == kept


def _plain(value: Any) -> Any:
    """The same by another way than the code: letter by letter."""
    if isinstance(value, str):
        joined = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in joined if c != "\x00")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {_plain(k): _plain(v) for k, v in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _table(column: Column[Any]) -> Table:
    assert isinstance(column.table, Table)
    return column.table
