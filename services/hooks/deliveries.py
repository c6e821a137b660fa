"""What has been sent: read by admins, taken in by the worker, and tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from data.errors import InvalidMove, NotFound
from data.tables import HookDelivery, Integration
from integrations.hooks import VENDORS
from services import jobs
from services.access import ADMINISTRATOR, Viewer, audit, require_role
from services.hooks.receiving import TAKE_IN, TAKE_IN_MAIL, TAKE_IN_TICKETS

KEPT_DAYS = 90
_AT_ONCE = 500
LONGEST_ERROR = 500


@dataclass(frozen=True)
class DeliveryRow:
    """Never with its body: that is other people's data."""

    id: int
    integration_id: int
    integration: str
    kind: str
    subject: str | None
    state: str
    error: str | None
    received_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """What is kept of all that was sent about a subject, `bodies` in the order it came; `new` are the ids to
    mark. `oldest` is the id of the first that is kept; `again` when some of it was taken in before."""

    vendor: str
    integration_name: str
    bodies: list[bytes]
    new: list[int]
    newest: datetime
    oldest: int
    again: bool


def recent(
    session: Session, by: Viewer, *, integration_id: int | None = None, limit: int = 50
) -> list[DeliveryRow]:
    """Newest first. Admins only."""
    require_role(by, ADMINISTRATOR)
    statement = (
        select(
            HookDelivery.id,
            HookDelivery.integration_id,
            Integration.name,
            HookDelivery.kind,
            HookDelivery.subject,
            HookDelivery.state,
            HookDelivery.error,
            HookDelivery.received_at,
            HookDelivery.done_at,
        )
        .join(Integration, Integration.id == HookDelivery.integration_id)
        .order_by(HookDelivery.id.desc())
        .limit(limit)
    )
    if integration_id is not None:
        statement = statement.where(HookDelivery.integration_id == integration_id)
    return [DeliveryRow(*row) for row in session.execute(statement)]


def retry(session: Session, delivery_id: int, *, by: Viewer, now: datetime) -> None:
    """Take in again what failed, with all that belongs to it."""
    require_role(by, ADMINISTRATOR)
    row = session.get(HookDelivery, delivery_id)
    if row is None:
        raise NotFound("There is no such delivery. Reload the page and choose from the list.")
    if row.state != "failed" or row.subject is None:
        raise InvalidMove("Only what has failed can be tried again.")
    session.execute(
        update(HookDelivery)
        .where(
            HookDelivery.integration_id == row.integration_id,
            HookDelivery.subject == row.subject,
            HookDelivery.state == "failed",
        )
        .values(state="new", error=None)
    )
    vendor = VENDORS[session.get_one(Integration, row.integration_id).vendor]
    kind = TAKE_IN_MAIL if vendor.read else TAKE_IN_TICKETS if vendor.tickets else TAKE_IN
    _ask_again(session, row, kind, now)
    audit(session, by, "delivery.retried", "hook_delivery", delivery_id, row.kind, now)


def try_again(session: Session, reasons: Sequence[str], *, now: datetime) -> None:
    """Take in again the attendance that failed for one of these reasons."""
    if not reasons:
        return
    kept = [reason[:LONGEST_ERROR] for reason in reasons]
    failed = session.scalars(
        select(HookDelivery)
        .where(HookDelivery.state == "failed", HookDelivery.error.in_(kept))
        .order_by(HookDelivery.id)
    )
    for row in failed:
        row.state, row.error = "new", None
        _ask_again(session, row, TAKE_IN, now)


def _ask_again(session: Session, row: HookDelivery, kind: str, now: datetime) -> None:
    payload = {"integration": row.integration_id, "subject": row.subject, "closed": True}
    jobs.add(session, kind, f"hook:retry:{row.id}:{now.isoformat()}", payload, now=now)


def waiting(session: Session, integration_id: int, subject: str) -> Waiting | None:
    """None when nothing about the subject is new. Vendors without `gather` send what stands alone."""
    found = session.execute(
        select(HookDelivery.id, HookDelivery.state, HookDelivery.received_at, HookDelivery.body)
        .where(
            HookDelivery.integration_id == integration_id,
            HookDelivery.subject == subject,
            HookDelivery.state.in_(("new", "done")),
        )
        .order_by(HookDelivery.id)
    ).all()
    new = [row for row in found if row.state == "new"]
    if not new:
        return None
    account = session.get_one(Integration, integration_id)
    return Waiting(
        account.vendor,
        account.name,
        [row.body for row in found],
        [row.id for row in new],
        max(row.received_at for row in new),
        found[0].id,
        len(new) < len(found),
    )


def is_quiet(found: Waiting, now: datetime) -> bool:
    """Whether nothing came for as long as the vendor takes to settle."""
    return now - found.newest >= VENDORS[found.vendor].settles


def mark(
    session: Session, ids: Sequence[int], state: str, *, now: datetime, error: str | None = None
) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        session.execute(
            update(HookDelivery)
            .where(HookDelivery.id.in_(ids[start : start + _AT_ONCE]))
            .values(state=state, error=error[:LONGEST_ERROR] if error else None, done_at=now)
            .execution_options(synchronize_session=False)
        )


def tidy(session: Session, *, now: datetime, days: int = KEPT_DAYS) -> None:
    """Forget the deliveries of more than `days` ago: what they said is in their uploads.

    What vendors tell piece by piece is forgotten as a whole, or not at all: the next piece is laid
    together with all the others.
    """
    before = now - timedelta(days=days)
    later = aliased(HookDelivery)
    piecemeal = [key for key, vendor in VENDORS.items() if vendor.gather is not None]
    goes_on = (
        select(later.id)
        .join(Integration, Integration.id == later.integration_id)
        .where(
            later.integration_id == HookDelivery.integration_id,
            later.subject == HookDelivery.subject,
            later.received_at >= before,
            Integration.vendor.in_(piecemeal),
        )
        .exists()
    )
    session.execute(
        delete(HookDelivery)
        .where(HookDelivery.received_at < before, ~goes_on)
        .execution_options(synchronize_session=False)
    )
