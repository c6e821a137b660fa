"""Customers and stakeholders: imported, read, edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from integrations.formats.records import ParsedFile
from services.access import Viewer
from services.customers.accounts import plan_customers
from services.customers.contacts import plan_stakeholders
from services.customers.plan import ImportResult, Plan, apply, rejected_rows

__all__ = [
    "ImportResult",
    "Plan",
    "apply",
    "import_customers",
    "import_stakeholders",
    "plan_customers",
    "plan_stakeholders",
    "rejected_rows",
]


def import_customers(
    session: Session,
    parsed: ParsedFile,
    *,
    by: Viewer,
    now: datetime,
    day_first: bool | None = None,
) -> ImportResult:
    """Plan and apply in one transaction. Participants must be matched again afterwards (`services.uploads`)."""
    plan = plan_customers(session, parsed, by=by, day_first=day_first)
    return apply(session, plan, by=by, now=now)


def import_stakeholders(
    session: Session, parsed: ParsedFile, *, by: Viewer, now: datetime
) -> ImportResult:
    """Plan and apply in one transaction. Participants must be matched again afterwards (`services.uploads`)."""
    return apply(session, plan_stakeholders(session, parsed, by=by), by=by, now=now)
