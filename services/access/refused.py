"""Tries to sign in as somebody who is known here, and were not let in: a few of each, in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from data.db import transaction
from data.tables import AuditEntry, Person
from services.access.audit import audit

MOST, WITHIN = 3, timedelta(hours=1)
"""Of each person, so that nobody can fill the log."""
ACTION = "person.sign_in_refused"


def note(email: str, how: str, *, now: datetime) -> None:
    """Keep that somebody tried; `how` is a few words. Nothing of an unknown address.

    Opens its own transactions: it is for after the answer, which must not take longer for a known address.
    """
    e = AuditEntry
    with transaction(read_only=True) as session:
        person = session.scalar(select(Person.id).where(Person.email == email.strip().lower()))
        mine = (e.entity == "person", e.entity_id == person, e.action == ACTION)
        lately = select(func.count()).where(*mine, e.at > now - WITHIN)
        if person is None or (session.scalar(lately) or 0) >= MOST:
            return
    with transaction() as session:
        audit(session, None, ACTION, "person", person, how, now)
