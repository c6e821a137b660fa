"""Customers and stakeholders: imported, read, edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from integrations.formats.records import ParsedFile
from services.access import Viewer
from services.customers.customer_plan import plan_customers
from services.customers.editing import (
    add_domain,
    add_name,
    add_stakeholder,
    edit_customer,
    edit_stakeholder,
    remove_domain,
    remove_name,
)
from services.customers.files import LARGEST_MB, Preview, Source, load_file, preview_file
from services.customers.identifiers import add_identifier, remove_identifier
from services.customers.listing import (
    Choices,
    CustomerPage,
    choices,
    export_customers,
    list_customers,
)
from services.customers.merged import present, went_into
from services.customers.merging import (
    Merge,
    MergePreview,
    merge,
    merges,
    preview_merge,
    unmerge,
)
from services.customers.met import MET, add_met
from services.customers.plan import ImportResult, Plan, apply, rejected_rows
from services.customers.reading import CustomerHead, get_customer, list_stakeholders
from services.customers.stakeholder_plan import plan_stakeholders

__all__ = [
    "LARGEST_MB",
    "MET",
    "Choices",
    "CustomerHead",
    "CustomerPage",
    "ImportResult",
    "Merge",
    "MergePreview",
    "Plan",
    "Preview",
    "Source",
    "add_domain",
    "add_identifier",
    "add_met",
    "add_name",
    "add_stakeholder",
    "apply",
    "choices",
    "edit_customer",
    "edit_stakeholder",
    "export_customers",
    "get_customer",
    "import_customers",
    "import_stakeholders",
    "list_customers",
    "list_stakeholders",
    "load_file",
    "merge",
    "merges",
    "plan_customers",
    "plan_stakeholders",
    "present",
    "preview_file",
    "preview_merge",
    "rejected_rows",
    "remove_domain",
    "remove_identifier",
    "remove_name",
    "unmerge",
    "went_into",
]


def import_customers(
    session: Session,
    parsed: ParsedFile,
    *,
    by: Viewer,
    now: datetime,
    day_first: bool | None = None,
) -> ImportResult:
    """Plan and apply in one transaction. Participants must be matched again (`services.uploads.rematch`)."""
    plan = plan_customers(session, parsed, by=by, day_first=day_first)
    return apply(session, plan, by=by, now=now)


def import_stakeholders(
    session: Session, parsed: ParsedFile, *, by: Viewer, now: datetime
) -> ImportResult:
    """Plan and apply in one transaction. Participants must be matched again (`services.uploads.rematch`)."""
    return apply(session, plan_stakeholders(session, parsed, by=by), by=by, now=now)
