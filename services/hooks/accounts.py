"""The accounts: made, given another secret, switched off. For admins only."""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.settings import settings
from data.tables import HookDelivery, Integration
from integrations.hooks import VENDORS
from integrations.hooks.signed import PREFIX
from services.access import ADMINISTRATOR, Viewer, audit, require_role
from services.hooks.kept import (
    MoreSecret,
    OwnState,
    former_until,
    more_secrets,
    own_states,
    refused_since,
    set_option,
)
from services.mailboxes import seal

FORMER_HOLDS = timedelta(days=3)
"""How long the secret before is still believed, so that nothing sent meanwhile is lost."""
MOST = 200


@dataclass(frozen=True)
class VendorInfo:
    """`secret`: `theirs` to be pasted, `ours` to be copied, `none` where the address is the secret."""

    key: str
    label: str
    secret: str
    user: str | None


@dataclass(frozen=True)
class Shown:
    """What is shown once: where to send to and, when we made it, the secret."""

    id: int
    url: str
    secret: str | None


@dataclass(frozen=True)
class IntegrationRow:
    """`former_until`: the secret before is believed until then. Counts are of deliveries. `own_states` is None
    where the system has none."""

    id: int
    vendor: str
    label: str
    secret: str
    name: str
    url: str
    state: str
    heard_at: datetime | None
    former_until: datetime | None
    total: int
    waiting: int
    failed: int
    more_secrets: tuple[MoreSecret, ...] = ()
    own_states: tuple[OwnState, ...] | None = None
    refused_at: datetime | None = None
    """Something came that was not believed, and nothing since that was."""


def vendors() -> list[VendorInfo]:
    return [VendorInfo(one.key, one.label, one.secret, one.user) for one in VENDORS.values()]


def add(
    session: Session, vendor: str, name: str, secret: str = "", *, by: Viewer, now: datetime
) -> Shown:
    """`secret` is the vendor's own, where it has one. BadInput when it is missing."""
    require_role(by, ADMINISTRATOR)
    if vendor not in VENDORS:
        raise BadInput("Choose one of the systems in the list.")
    if not name.strip():
        raise BadInput("Give it a name, such as the account's: Zoom of marketing.")
    held, made = _secret(vendor, secret)
    row = Integration(
        vendor=vendor,
        name=name.strip()[:100],
        address=secrets.token_urlsafe(32),
        secret=seal(held) if held else None,
        options={},
        state="ready",
        created_by=by.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit(session, by, "integration.added", "integration", row.id, vendor, now)
    return Shown(row.id, address_of(row), made)


def rotate(
    session: Session, integration_id: int, secret: str = "", *, by: Viewer, now: datetime
) -> Shown:
    """A new secret; the one before is believed for FORMER_HOLDS more.

    Where the address is the secret, it is a new address, and the one before is dead at once.
    """
    row = in_use(session, integration_id, by)
    held, made = _secret(row.vendor, secret)
    if held is None:
        row.address = secrets.token_urlsafe(32)
    else:
        row.former_secret, row.secret = row.secret, seal(held)
        set_option(row, "former_until", (now + FORMER_HOLDS).isoformat())
    audit(session, by, "integration.rotated", "integration", row.id, row.vendor, now)
    return Shown(row.id, address_of(row), made)


def forget_former(session: Session, integration_id: int, *, by: Viewer, now: datetime) -> None:
    """Do not believe the secret before any more."""
    row = in_use(session, integration_id, by)
    row.former_secret = None
    set_option(row, "former_until", None)
    audit(session, by, "integration.settled", "integration", row.id, row.vendor, now)


def switch(session: Session, integration_id: int, *, on: bool, by: Viewer, now: datetime) -> None:
    """Off: what is sent is refused, and the sender may try again later."""
    row = in_use(session, integration_id, by)
    row.state = "ready" if on else "off"
    audit(session, by, f"integration.{row.state}", "integration", row.id, row.vendor, now)


def remove(session: Session, integration_id: int, *, by: Viewer, now: datetime) -> None:
    """Its secrets are forgotten and its address is dead; what it sent stays."""
    row = in_use(session, integration_id, by)
    row.state, row.secret, row.former_secret = "removed", None, None
    set_option(row, "more_secrets", None)
    audit(session, by, "integration.removed", "integration", row.id, row.vendor, now)


def listing(session: Session, by: Viewer) -> list[IntegrationRow]:
    """Those in use, the oldest first."""
    require_role(by, ADMINISTRATOR)
    counted = (
        select(
            HookDelivery.integration_id.label("of"),
            func.count().label("total"),
            func.sum(case((HookDelivery.state == "new", 1), else_=0)).label("waiting"),
            func.sum(case((HookDelivery.state == "failed", 1), else_=0)).label("failed"),
        )
        .group_by(HookDelivery.integration_id)
        .subquery()
    )
    found = session.execute(
        select(Integration, counted.c.total, counted.c.waiting, counted.c.failed)
        .outerjoin(counted, counted.c.of == Integration.id)
        .where(Integration.state != "removed")
        .order_by(Integration.id)
        .limit(MOST)
    )
    return [_row(row, *(int(n or 0) for n in counts)) for row, *counts in found]


def _row(row: Integration, total: int, waiting: int, failed: int) -> IntegrationRow:
    vendor = VENDORS[row.vendor]
    return IntegrationRow(
        id=row.id,
        vendor=row.vendor,
        label=vendor.label,
        secret=vendor.secret,
        name=row.name,
        url=address_of(row),
        state=row.state,
        heard_at=row.heard_at,
        former_until=former_until(row),
        total=total,
        waiting=waiting,
        failed=failed,
        more_secrets=tuple(MoreSecret(one["id"], one["name"]) for one in more_secrets(row)),
        own_states=own_states(row) if vendor.names_states else None,
        refused_at=refused_since(row),
    )


def address_of(row: Integration) -> str:
    return f"{settings().base_url.rstrip('/')}/hooks/{row.vendor}/{row.address}"


def in_use(session: Session, integration_id: int, by: Viewer) -> Integration:
    """The row, held for update. NotFound; InvalidMove when it was removed."""
    require_role(by, ADMINISTRATOR)
    row = session.get(Integration, integration_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such integration. Reload the page and choose from the list.")
    if row.state == "removed":
        raise InvalidMove("This integration has been removed. Add it again.")
    return row


def _secret(vendor: str, given: str) -> tuple[str | None, str | None]:
    """What is kept, and what is to be shown."""
    kind = VENDORS[vendor].secret
    if kind == "none":
        return None, None
    if kind == "ours":
        start = PREFIX if vendor == "signed" else ""
        made = start + b64encode(secrets.token_bytes(32)).decode()
        return made, made
    return pasted(given), None


def pasted(given: str) -> str:
    """A vendor's own secret. BadInput when that cannot be one."""
    if not 8 <= len(given.strip()) <= 500:
        raise BadInput("Paste the secret token that the system shows for its webhooks.")
    return given.strip()
