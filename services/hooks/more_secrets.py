"""Secrets beside the first: a desk may have two webhooks, each with one of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from integrations.hooks import VENDORS
from services.access import Viewer, audit
from services.hooks.accounts import in_use, pasted
from services.hooks.kept import more_secrets, set_option
from services.mailboxes import seal

MOST_SECRETS = 5
"""Beside the first: every delivery is checked against each."""


def add_secret(
    session: Session, integration_id: int, name: str, secret: str, *, by: Viewer, now: datetime
) -> None:
    """Believe this one as well; those before hold as they did. BadInput where the vendor has no secrets of
    its own to paste, AlreadyExists when the name is taken."""
    row = in_use(session, integration_id, by)
    if VENDORS[row.vendor].secret != "theirs":  # noqa: S105 - where it comes from
        raise BadInput("This system has one secret, which the app makes. Renew it instead.")
    held = more_secrets(row)
    name = " ".join(name.split())[:100]
    if not name:
        raise BadInput("Give the secret a name, such as the webhook's: Ticket events.")
    if any(one["name"].casefold() == name.casefold() for one in held):
        raise AlreadyExists(
            "There is a secret of this name. Forget that one first, or choose another."
        )
    if len(held) >= MOST_SECRETS:
        raise BadInput(
            f"An integration holds at most {MOST_SECRETS} more secrets. Forget one first."
        )
    number = max((one["id"] for one in held), default=0) + 1
    kept = {"id": number, "name": name, "sealed": seal(pasted(secret)).decode()}
    set_option(row, "more_secrets", [*held, kept])
    audit(session, by, "integration.secret_added", "integration", row.id, name, now)


def drop_secret(
    session: Session, integration_id: int, number: int, *, by: Viewer, now: datetime
) -> None:
    """Do not believe this one any more."""
    row = in_use(session, integration_id, by)
    held = more_secrets(row)
    gone = next((one for one in held if one["id"] == number), None)
    if gone is None:
        raise NotFound("There is no such secret any more. Reload the page.")
    set_option(row, "more_secrets", [one for one in held if one is not gone])
    audit(session, by, "integration.secret_dropped", "integration", row.id, gone["name"], now)
