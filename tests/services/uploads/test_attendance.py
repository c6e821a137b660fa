"""Rows of a file get the ids of the people and events on record."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from services.uploads.attendance import with_ids

numbers = st.integers(0, 30)
known = st.dictionaries(numbers, st.integers(1, 10**12))


@given(st.lists(st.tuples(numbers, numbers)), known, known)
def test_ids_are_those_that_a_join_finds(rows, people, events):
    schema = {"person": pl.UInt32, "event_ref": pl.UInt32}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("line")
    on_record = pl.DataFrame(
        {"person": list(people), "participant": list(people.values())},
        schema={"person": pl.UInt32, "participant": pl.Int64},
    )
    expected = [
        (line, people[person], events[event])
        for line, (person, event) in enumerate(rows)
        if person in people and event in events
    ]
    found = with_ids(frame, on_record, events)
    assert found.select("line", "participant", "event").rows() == expected
