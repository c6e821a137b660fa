"""Whom a mail about an event goes to and in whose name, from the tables into records."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Customer, Person, Stakeholder, StakeholderEmail
from services import suppression
from services.invitations.records import TOPIC
from services.mailboxes import below_name


@dataclass(frozen=True)
class Recipient:
    """A stakeholder who can be written to: has an address, and has not said no to mail about events.
    `signature` is what stands below the sender's name."""

    stakeholder_id: int
    first_name: str
    customer_id: int
    customer: str
    csm_id: int | None
    csm: str
    signature: str
    csm_email: str | None = None


def recipients(session: Session, stakeholder_ids: Collection[int]) -> dict[int, Recipient]:
    """By stakeholder; those who cannot or do not want to be written to are missing."""
    found: dict[int, Recipient] = {}
    signatures: dict[int, str] = {}
    for some in pieces(stakeholder_ids):
        rows = session.execute(
            select(
                Stakeholder.id, Stakeholder.first_name, Stakeholder.last_name, Customer.id.label("customer_id"),
                Customer.name, Customer.csm_id, Person.name.label("csm"), Person.email.label("csm_email"), StakeholderEmail.shown_as,
            )
            .join(Customer, Customer.id == Stakeholder.customer_id)
            .join(StakeholderEmail, StakeholderEmail.stakeholder_id == Stakeholder.id)
            .outerjoin(Person, Person.id == Customer.csm_id)
            .where(Stakeholder.id.in_(some))
            .order_by(StakeholderEmail.is_primary, StakeholderEmail.email.desc())
        ).all()  # fmt: skip
        last = {row.id: row for row in rows}  # the last, primary address stays
        whose = {row.shown_as: row.id for row in last.values()}
        blocked = suppression.blocked_among(session, list(whose), TOPIC, whose)
        for row in last.values():
            if row.shown_as in blocked:
                continue
            if row.csm_id and row.csm_id not in signatures:
                signatures[row.csm_id] = below_name(session, row.csm_id, row.csm)
            found[row.id] = Recipient(
                row.id, row.first_name or row.last_name or "there", row.customer_id, row.name,
                row.csm_id, row.csm or "", signatures.get(row.csm_id or 0, ""), row.csm_email,
            )  # fmt: skip
    return found
