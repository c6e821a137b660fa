"""The demo's files are what its search makes."""

from __future__ import annotations

from dataclasses import astuple

from bench.demo_story.__main__ import placement
from bench.demo_story.cast import customers, people
from services.demo.story import table


def stored(name: str) -> list[tuple[object, ...]]:
    return table(name).rows()


def test_search_finds_the_stored_placement_again():
    assert [astuple(record) for record in placement()] == stored("placement")


def test_cast_is_the_stored_one():
    def with_nulls(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
        return [tuple(None if value == "" else value for value in row.values()) for row in rows]

    assert with_nulls(customers()) == stored("customers")
    assert with_nulls(people()) == stored("people")
