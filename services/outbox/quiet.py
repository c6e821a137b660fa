"""Quiet hours, by the recipient's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.settings import settings
from services.outbox.policy import SendPolicy

_SATURDAY = 5
_DAYS = 9
"""Enough to get past any weekend."""


def open_at(at: datetime, zone: str | None, policy: SendPolicy) -> datetime:
    """`at` itself when mail may reach somebody in `zone` then, else the first moment it may, in UTC.

    An unknown zone counts as the default one of the settings.
    """
    clock = zone_of(zone)
    if _open(at.astimezone(clock), policy):
        return at
    today = at.astimezone(clock).date()
    starts = (
        datetime.combine(today + timedelta(days=n), moment, clock).astimezone(UTC)
        for n in range(_DAYS)
        for moment in sorted({time(0), policy.quiet_until})
    )
    return next(start for start in starts if start > at and _open(start.astimezone(clock), policy))


def zone_of(*names: str | None) -> ZoneInfo:
    """The first of these that is a zone, else the default one, else UTC."""
    for name in (*names, settings().default_zone):
        try:
            return ZoneInfo(name) if name else ZoneInfo(settings().default_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def _open(local: datetime, policy: SendPolicy) -> bool:
    if not policy.weekends and local.weekday() >= _SATURDAY:
        return False
    now, start, end = local.time(), policy.quiet_from, policy.quiet_until
    if start <= end:
        return not start <= now < end
    return end <= now < start
