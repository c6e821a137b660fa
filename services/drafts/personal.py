"""A mail that a person begins themselves, from the customer's page."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex

from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Stakeholder
from services.access import Viewer, require_customer
from services.drafts.creation import create
from services.drafts.records import NewDraft
from services.mailboxes import below_name

KIND = "personal"
TEMPLATE = "spine/personal"
SUBJECT, MESSAGE = "[Your subject]", "[Your message]"
"""Left open on purpose: the pre-flight lets nothing go out in which they still stand."""


def write(
    session: Session, customer_id: int, stakeholder_id: int, *, by: Viewer, now: datetime
) -> int:
    """Begin a mail to a stakeholder in one's own name; its id. It waits for approval as all others do."""
    require_customer(session, by, customer_id)
    person = session.get(Stakeholder, stakeholder_id)
    if person is None or person.customer_id != customer_id:
        raise NotFound("There is no such stakeholder of this customer. Reload the page.")
    new = NewDraft(
        dedup_key=f"personal:{token_hex(16)}",
        kind=KIND,
        topic="relationship",
        customer_id=customer_id,
        stakeholder_id=stakeholder_id,
        source=KIND,
        template=TEMPLATE,
        values={
            "subject": SUBJECT,
            "first_name": person.first_name or person.last_name or "there",
            "message": MESSAGE,
            "sender_name": by.name,
            "signature": below_name(session, by.person_id, by.name),
        },
        owner_id=by.person_id,
        may_hold=False,
    )
    made = create(session, new, now=now, by=by)
    assert made is not None, "no two keys are the same"
    return made
