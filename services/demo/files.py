"""The demo's files, and what a person would set in their previews."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.demo.calendar import ZONE, PastEvent
from services.demo.crm import write_customers, write_stakeholders
from services.demo.platforms import write
from services.demo.story import HeldEvent, Story


@dataclass(frozen=True)
class DemoFiles:
    """`attendance` is in the order the events were held."""

    customers: Path
    stakeholders: Path
    attendance: tuple[tuple[HeldEvent, Path], ...]


def write_files(folder: Path, story: Story) -> DemoFiles:
    """Everything a customer success team would have on its disk. `folder` must exist."""
    return DemoFiles(
        customers=write_customers(folder, story),
        stakeholders=write_stakeholders(folder, story),
        attendance=tuple((held, write(folder, held)) for held in story.events),
    )


def event_choices(held: HeldEvent) -> dict[str, str]:
    """Name, type, topic, day and zone, as they would be typed where the file does not say them."""
    event: PastEvent = held.event
    chosen = {"type": event.type, "topic": event.topic, "zone": ZONE}
    if event.platform in {"eventbrite", "ringcentral"}:
        chosen |= {"name": event.name, "date": held.day.isoformat()}
    return chosen
