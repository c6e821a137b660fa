"""Wall-clock times, as files write them: without a zone."""

from __future__ import annotations

from datetime import datetime


def at(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 - the file does not say which zone
