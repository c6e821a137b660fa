"""Moments on the recipient's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of this name; UTC when it is none, since names come from files."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(moment: datetime, zone: str) -> datetime:
    """The moment as that zone's clocks show it."""
    return moment.astimezone(zone_of(zone))


def moment_of(shown: datetime | None, zone: str) -> datetime | None:
    """When that zone's clocks show this, in UTC. Of an hour that clocks repeat in autumn, the first."""
    return shown.replace(tzinfo=zone_of(zone)).astimezone(UTC) if shown else None
