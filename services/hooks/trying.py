"""Trying an integration: what is wrong with it, as far as this side can tell without the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import NotFound
from data.tables import HookDelivery, Integration
from integrations.hooks import VENDORS, knocking
from services.access import ADMINISTRATOR, Viewer, require_role
from services.hooks.accounts import address_of
from services.hooks.kept import more_secrets, refused_since
from services.mailboxes import Sealed, unseal

REFUSED = (
    "What came last was refused: its signature does not fit the secret here, or its time is more than five "
    "minutes off. Copy the secret from the other side once more (New secret), and compare the clocks."
)


@dataclass(frozen=True)
class Tried:
    """`wrong` is empty when all is well; `well` says what was seen then."""

    wrong: tuple[str, ...]
    well: str


def check(integration_id: int, *, by: Viewer, now: datetime) -> Tried:  # noqa: ARG001 - as every service
    """Call its address as the other side would, open its secrets, and look at what came. Admins only.

    Opens its own transaction, since the address is called after it. Nothing is sent and nothing kept.
    """
    require_role(by, ADMINISTRATOR)
    with transaction(read_only=True) as session:
        row = session.get(Integration, integration_id)
        if row is None or row.state == "removed":
            raise NotFound("There is no such integration any more. Reload the page.")
        url, heard = address_of(row), row.heard_at
        wrong = [*_of_itself(row), *_of_what_came(session, row)]
    found = knocking.in_the_way(url)
    if found:
        wrong.append(found)
    elif knocking.only_from_here(url):
        wrong.append(
            "Its address can be called from this machine alone. Set CSCX_BASE_URL to how other systems reach "
            "the app."
        )
    came = "Deliveries come and are believed." if heard else "Nothing has come yet."
    return Tried(tuple(wrong), f"Its address answers. {came}")


def _of_itself(row: Integration) -> list[str]:
    wrong: list[str] = []
    if row.state != "ready":
        wrong.append("It is switched off: whatever is sent is refused.")
    vendor = VENDORS[row.vendor]
    if vendor.has_secret and not row.secret:
        wrong.append("It has no secret, so nothing can be believed. Enter one (New secret).")
    held = [row.secret, *(one["sealed"].encode() for one in more_secrets(row))]
    if any(one and not _opens(one) for one in held):
        wrong.append(
            "A secret of it cannot be opened, since this installation's key was changed. Enter it once more, or "
            "set CSCX_SECRET_KEY to the former key as well."
        )
    return wrong


def _opens(sealed: bytes) -> bool:
    try:
        unseal(sealed)
    except Sealed:
        return False
    return True


def _of_what_came(session: Session, row: Integration) -> list[str]:
    wrong: list[str] = []
    if refused_since(row):
        wrong.append(REFUSED)
    d = HookDelivery
    last = session.execute(
        select(d.state, d.error).where(d.integration_id == row.id).order_by(d.id.desc()).limit(1)
    ).first()
    if last and last.state == "failed":
        wrong.append(f"What came last could not be taken in: {last.error or 'see the list below'}")
    return wrong
