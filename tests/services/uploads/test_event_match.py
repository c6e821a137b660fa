"""What a file says of an event on record."""

from __future__ import annotations

from datetime import date

from data.tables import Event
from services.uploads.event_match import correct, edit_of
from services.uploads.records import Choices
from tests.services.uploads.world import NOW


def test_what_is_said_of_the_only_event_of_a_file_counts_for_one_on_record_and_can_be_taken_back():
    event = Event(id=7, name="Q3 Review", type="webinar", topic="Quarter", status="held")
    event.source, event.held_on, event.starts_at = "zoom", date(2026, 10, 5), NOW
    event.duration_minutes, event.polls_asked, event.source_event_id = 60, None, None
    row = {"type": "workshop", "topic": "Pricing", "source": "zoom", "held_on": date(2026, 10, 5)}
    row |= {"duration_minutes": None, "polls_asked": None, "source_event_id": None}
    said = edit_of(Choices(only_event={"type": "workshop", "topic": "Pricing"}), 0)
    (image,) = correct(event, row | {"starts_at": NOW.replace(tzinfo=None)}, said, NOW)
    assert (event.type, event.topic) == ("workshop", "Pricing")
    assert image == {
        "id": 7,
        "old": {"type": "webinar", "topic": "Quarter"},
        "new": {"type": "workshop", "topic": "Pricing"},
    }
