"""Two people over the same details: what each typed, field by field."""

from __future__ import annotations

from typing import Any

from services.attendance.events import merged
from services.attendance.events.merging import GONE


def form(**changed: Any) -> dict[str, Any]:
    return {
        "type": "webinar",
        "topic": "API",
        "cost": None,
        "private": False,
        "parts": [],
        "resources": [],
        **changed,
    }


def part(number: int | None, title: str, *takeaways: str) -> dict[str, Any]:
    return {"id": number, "Title": title, "Speaker": None, "Takeaways": list(takeaways)}


def test_each_keeps_what_they_alone_changed():
    found = merged(form(), form(topic="Limits"), form(cost=5, seen="now"))
    assert found.values == form(topic="Limits", cost=5, seen="now")
    assert [(one.field, one.yours) for one in found.told] == [("Cost", False)]


def test_what_both_changed_stays_as_typed_and_theirs_is_told():
    found = merged(form(), form(topic="Mine"), form(topic="Theirs"))
    assert found.values["topic"] == "Mine"
    assert [(one.field, one.mine, one.theirs, one.yours) for one in found.told] == [
        ("Topic", "Mine", "Theirs", True)
    ]
    assert merged(form(), form(topic="Same"), form(topic=" Same ")).told == ()


def test_cells_of_a_session_are_merged_one_by_one():
    base = form(parts=[part(1, "Limits", "Send")])
    mine = form(parts=[part(1, "Limits", "Send", "Wait")])
    theirs = form(parts=[{**part(1, "All limits", "Send"), "Speaker": "Ada"}])
    found = merged(base, mine, theirs)
    assert found.values["parts"] == [{**part(1, "All limits", "Send", "Wait"), "Speaker": "Ada"}]
    assert not any(one.yours for one in found.told)


def test_rows_that_either_added_are_there_and_removed_ones_come_back_only_when_typed_in():
    base = form(parts=[part(1, "One"), part(2, "Two"), part(3, "Three")])
    mine = form(parts=[part(1, "One"), part(2, "Two, typed"), part(None, "Mine")])
    theirs = form(parts=[part(3, "Three, theirs"), part(4, "Theirs")])
    found = merged(base, mine, theirs)
    titles = [row["Title"] for row in found.values["parts"]]
    assert titles == ["Two, typed", "Mine", "Theirs"]
    told = {one.field: (one.mine, one.theirs, one.yours) for one in found.told}
    assert told["Session “One”"] == (["One"], GONE, False)
    assert told["Session “Two”"] == (["Two, typed"], GONE, True)
    assert told["Session “Three”"] == (GONE, ["Three, theirs"], True)
    assert told["Session “Theirs”"] == (None, ["Theirs"], False)


def test_two_resources_of_one_address_stay_two():
    row = {"Title": "Guide", "Address": "https://example.com", "Session": "", "Topics": []}
    twice = form(resources=[row, {**row, "Title": "Guide again"}])
    assert merged(twice, twice, twice).values["resources"] == twice["resources"]
    assert merged(twice, twice, twice).told == ()
