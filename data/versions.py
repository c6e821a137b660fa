"""Counters that caches are keyed by: bumped with the facts, so a cached read can never be stale."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from data.tables import DataVersion

MATCHING, FACTS, SCORES, ATTENDANCE = "matching", "facts", "scores", "attendance"
INVITATIONS = "invitations"
"""Who is invited, and the weights of the ranking."""
CAMPAIGNS = "campaigns"
TICKETS = "tickets"

_BUMP = text(
    "INSERT INTO data_version (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = data_version.value + 1"
)


def bump(session: Session, *names: str) -> None:
    """Raise these counters by one, in the transaction that changes what they stand for.

    In alphabetical order, so that two transactions that bump the same ones cannot wait for each other.
    """
    for name in sorted(names):
        session.execute(_BUMP, {"name": name})


_ALL = select(DataVersion.name, DataVersion.value)


def current(session: Session) -> dict[str, int]:
    """Every counter by name; one that was never bumped is missing."""
    return {row.name: row.value for row in session.execute(_ALL)}
