"""A mail that was refused since nobody has its recipient's address: what follows, as from a report of a bounce."""

from __future__ import annotations

import contextlib
from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import OutboxMail, Stakeholder
from services import suppression, timeline
from services.suppression import EVERYTHING

GONE = "The address does not exist any more. Ask for a new one, or for who follows them."


def at_the_door(session: Session, row: OutboxMail, answer: str, now: datetime) -> str:
    """Nobody writes to this address any more, and the customer's timeline says why. What to do about it."""
    if row.customer_id is None:
        return ""  # a colleague's digest or a test mail
    whose = {"stakeholder_id": row.stakeholder_id, "outbox_id": row.id}
    with contextlib.suppress(BadInput):  # an address that nothing is compared with
        suppression.suppress(
            session, row.recipient, EVERYTHING, "hard_bounce", note=answer, **whose, now=now
        )
    person = session.get(Stakeholder, row.stakeholder_id) if row.stakeholder_id else None
    name = f"{person.first_name} {person.last_name}".strip() if person else ""
    timeline.note(
        session, row.customer_id, "signal",
        now, f"Mail to {name or 'a stakeholder'} came back for good", f"{GONE} {answer}".strip(),
        dedup_key=f"outbox:{row.id}:nobody", stakeholder_id=row.stakeholder_id,
    )  # fmt: skip
    return GONE
