"""Wall-clock times, as files write them: without a zone."""

from __future__ import annotations

from datetime import datetime


def at(year: int, month: int, day: int, *clock: int) -> datetime:
    return datetime(year, month, day, *clock)  # noqa: DTZ001 - the file does not say which zone
