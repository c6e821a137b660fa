"""When and where an event is, as a line for people."""

from __future__ import annotations

from data.tables import Event
from services.invitations.catalogue import checks
from services.invitations.catalogue.records import ended


def when(event: Event) -> str:
    """`Sunday 15 March 2026, 09:00–17:00 (America/Los_Angeles)`, or over several days
    `Sunday 15, 09:00 – Monday 16 March 2026, 13:00 (America/Los_Angeles)`."""
    zone = checks.zone(event.time_zone)
    start = event.starts_at.astimezone(zone)
    end = ended(event.starts_at, event.ends_at, event.duration_minutes).astimezone(zone)
    if end.date() != start.date():
        first = f"{start:%A} {start.day}" + ("" if start.month == end.month else f" {start:%B}")
        last = f"{end:%A} {end.day} {end:%B %Y}, {end:%H:%M}"
        return f"{first}, {start:%H:%M} – {last} ({event.time_zone})"
    day = f"{start:%A} {start.day} {start:%B %Y}"
    return f"{day}, {start:%H:%M}–{end:%H:%M} ({event.time_zone})"


def where(event: Event) -> str:
    """`Moscone Center, San Francisco, United States, or online`."""
    place = ", ".join(part for part in (event.place, event.city, event.country) if part)
    if not event.city:
        return "Online"
    return f"{place}, or online" if event.virtual else place


def at(event: Event) -> str:
    """Both in one line."""
    return f"{when(event)}, {where(event)}"
