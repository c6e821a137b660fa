"""Identifiers that are added to one customer by hand, and removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.once import add_once
from data.tables import Customer, CustomerIdentifier
from data.texts import one_line
from data.versions import FACTS, bump
from services.access import Viewer, audit, require_customer
from services.customers import former

LONGEST = 100
TAKEN = (
    "Another customer has this identifier, and each leads to one customer. Remove it there first."
)
MERGED = "A customer with this identifier was merged into another one, and it leads there. Take that merge back first."


def add_identifier(
    session: Session, customer_id: int, identifier: str, *, by: Viewer, now: datetime
) -> str:
    """Gives it as stored; one that leads to the customer already is left as it is. AlreadyExists where it leads to
    another one."""
    require_customer(session, by, customer_id)
    clean = one_line(identifier)
    if not 1 <= len(clean) <= LONGEST:
        raise BadInput(f"Type an identifier of 1 to {LONGEST} characters.")
    leads_to = _leads_to(session, clean)
    if leads_to not in (None, customer_id):
        raise AlreadyExists(MERGED if former.leads_to(session, clean) == leads_to else TAKEN)
    if leads_to is None:
        new = {"identifier": clean, "customer_id": customer_id}
        if add_once(session, CustomerIdentifier, **new) is None:  # somebody was quicker
            return add_identifier(session, customer_id, clean, by=by, now=now)
        _noted(session, by, "customer.identifier_added", customer_id, clean, now)
    return clean


def remove_identifier(
    session: Session, customer_id: int, identifier: str, *, by: Viewer, now: datetime
) -> None:
    """Lists find the customer by it no more."""
    require_customer(session, by, customer_id)
    found = session.get(CustomerIdentifier, identifier)
    if found is None or found.customer_id != customer_id:
        raise NotFound("The customer does not have this identifier any more. Reload the page.")
    session.delete(found)
    _noted(session, by, "customer.identifier_removed", customer_id, identifier, now)


def become_own(session: Session, customer_id: int, identifier: str) -> None:
    """It becomes the one on the customer, and is a further one no more. AlreadyExists where it is another's."""
    found = session.get(CustomerIdentifier, identifier)
    if found is not None and found.customer_id != customer_id:
        raise AlreadyExists(TAKEN)
    if former.leads_to(session, identifier) not in (None, customer_id):
        raise AlreadyExists(MERGED)
    if found is not None:
        session.delete(found)


def _leads_to(session: Session, identifier: str) -> int | None:
    own = session.scalar(select(Customer.id).where(Customer.external_id == identifier))
    found = session.get(CustomerIdentifier, identifier)
    return own or (found.customer_id if found else former.leads_to(session, identifier))


def _noted(
    session: Session, by: Viewer, action: str, customer_id: int, what: str, now: datetime
) -> None:
    audit(session, by, action, "customer", customer_id, what, now)
    bump(session, FACTS)
