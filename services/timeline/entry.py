"""One thing that happened with a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """`at` is when it happened (days at midnight UTC); `whole_day` when only the day is known.

    `screen` and `query` lead to where it can be seen: a key of the navigation and its parameters.
    `withdrawn_at` is when it turned out not to be so: its import was undone, its answer read anew.
    """

    at: datetime
    kind: str
    title: str
    detail: str
    screen: str | None = None
    query: tuple[tuple[str, str], ...] = ()
    whole_day: bool = False
    withdrawn_at: datetime | None = None
