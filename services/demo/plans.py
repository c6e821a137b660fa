"""What is planned of the demo's events to come: where they are, what is on, and what makes them cheaper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Event, EventOffer, EventSession

SUMMIT = "Customer Success Summit"
EARLY = timedelta(days=28)


@dataclass(frozen=True)
class _Part:
    """`day` counts from the event's first one; `at` is the clock of the place."""

    title: str
    speaker: str
    topics: tuple[str, ...]
    about: str
    day: int
    at: time
    minutes: int = 45
    kind: str = "talk"


PLACES: dict[str, dict[str, Any]] = {
    SUMMIT: {
        "city": "San Francisco", "country": "United States", "place": "Harbor Conference Center",
        "latitude": 37.7749, "longitude": -122.4194, "virtual": True,
        "time_zone": "America/Los_Angeles",
        "description": "Two days on scaling customer success, AI in daily work and executive engagement.",
        "audience": {"topics": ["AI in CS", "Scaling Success", "Executive Engagement"]},
    },
    "Executive Roundtable": {
        "city": "New York", "country": "United States", "place": "Bryant Room",
        "latitude": 40.7128, "longitude": -74.006, "virtual": False, "capacity": 24,
        "audience": {"roles": ["executive_sponsor"]},
    },
}  # fmt: skip
PARTS: dict[str, tuple[_Part, ...]] = {
    SUMMIT: (
        _Part("Opening: the year ahead", "Ruth Adler", ("Strategy",), "", 0, time(9), 60, "keynote"),
        _Part(
            "Scaling CS with AI Agents", "Priya Raman", ("Scaling operations", "AI"),
            "See how leading teams are automating without losing the human touch.", 0, time(14),
        ),
        _Part(
            "Security reviews without tears", "Ben Alder", ("Security",),
            "What to have ready before somebody asks.", 0, time(15, 30),
        ),
        _Part(
            "Building Executive Relationships", "Carla Mendes", ("Executive engagement",),
            "Strategies for multi-threading at the C-level.", 1, time(10),
        ),
        _Part(
            "SaaS Customer Success Leaders", "Sam Rivera", ("Software",),
            "Connect with peers who face similar challenges.", 1, time(11), 60, "roundtable",
        ),
    ),
    "Advanced Analytics Deep Dive": (
        _Part("From dashboard to decision", "Jonas Weber", ("Analytics", "Dashboards"), "", 0, time(11), 40),
    ),
}  # fmt: skip


def enter_plans(session: Session) -> None:
    """For the planned events, once they are on record."""
    for event in session.scalars(select(Event).where(Event.status == "planned")):
        for name, value in PLACES.get(event.name, {"virtual": True}).items():
            setattr(event, name, value)
        zone = ZoneInfo(event.time_zone)
        if event.name == SUMMIT:
            event.starts_at = datetime.combine(event.held_on, time(9), zone)
            event.ends_at = event.starts_at + timedelta(days=1, hours=4)
            event.duration_minutes = None
            session.add(
                EventOffer(
                    event_id=event.id, title="20% CS partner discount", code="CSPARTNER20",
                    detail="Early bird prices hold as long", deadline=event.held_on - EARLY,
                )
            )  # fmt: skip
        session.add_all(
            EventSession(
                event_id=event.id, position=place, title=part.title, speaker=part.speaker,
                topics=list(part.topics), takeaways=[], description=part.about or None,
                kind=part.kind, minutes=part.minutes,
                starts_at=datetime.combine(event.held_on + timedelta(days=part.day), part.at, zone),
            )
            for place, part in enumerate(PARTS.get(event.name, ()), 1)
        )  # fmt: skip
