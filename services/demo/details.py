"""What people entered about the demo's events: what they cost, and what there is to take away."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Event, EventResource, EventSession

COSTS: Mapping[str, int] = {
    "webinar": 1_200,
    "user_group": 2_500,
    "training": 3_000,
    "conference": 18_000,
}
SESSIONS: Mapping[str, tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]] = {
    "Customer Community User Group": (
        (
            "Renewal reminders that run by themselves",
            "John Smith, TechCorp",
            ("Automation", "Renewals"),
            (
                "Send the first automated reminder 120 days ahead: earlier ones are not read.",
                "Let the owner of the contract get it, not the person who uses the product.",
            ),
        ),
        (
            "From one region to two",
            "Ruth Adler",
            ("Roll out", "Onboarding"),
            (
                "Roll out to one friendly region first and let its team leads train the next.",
                "Two weeks of onboarding are enough when the data is in on day one.",
            ),
        ),
        (
            "One dashboard for the board",
            "Lisa Wong, DataPro",
            ("Dashboards", "Reporting"),
            ("Five figures on the board's dashboard, each with last quarter beside it.",),
        ),
    ),
    "AI Agents for Customer Teams": (
        (
            "Where an agent saves an hour a day",
            "Kwame Boateng",
            ("AI Agents", "Automation"),
            ("Begin with the data entry that everybody does by hand.",),
        ),
    ),
}
"""By event: title, speaker, topics, takeaways."""
RESOURCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Customer Community User Group": (
        ("Notes of the group", "https://community.example.com/notes/user-group"),
        (
            "Template of the board's dashboard",
            "https://community.example.com/files/board-dashboard",
        ),
    ),
    "AI Agents for Customer Teams": (("Recording", "https://video.example.com/w/ai-agents"),),
}


def enter_details(session: Session) -> None:
    """For the events that were held, once they are on record."""
    for event in session.scalars(select(Event).where(Event.status == "held").order_by(Event.id)):
        cost = COSTS.get(event.type)
        event.cost = Decimal(cost) if cost else None
        session.add_all(
            EventSession(
                event_id=event.id,
                position=place,
                title=title,
                speaker=speaker,
                topics=list(topics),
                takeaways=list(takeaways),
            )
            for place, (title, speaker, topics, takeaways) in enumerate(
                SESSIONS.get(event.name, ()), 1
            )
        )
        session.add_all(
            EventResource(event_id=event.id, title=title, url=url, topics=[])
            for title, url in RESOURCES.get(event.name, ())
        )
