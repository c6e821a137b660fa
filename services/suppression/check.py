"""Whether an address may be written at. Asked at approval, and again in the last moment before sending."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Stakeholder, StakeholderEmail, Suppression
from services.matching.addresses import email_keys
from services.suppression.topics import EVERYTHING, topic_words

REASONS = {
    "unsubscribed": "they unsubscribed",
    "hard_bounce": "mail to this address came back",
    "complaint": "they reported a mail as spam",
    "manual": "a colleague asked for it",
    "imported": "they are on a list that was imported",
    "crm": "they are marked as unsubscribed in the customer data",
}
_PIECE = 500
"""Addresses asked about at once: under the databases' limits on parameters."""


@dataclass(frozen=True)
class Why:
    """`reason` is one of REASONS; `topic` is empty for everything; `words` is a sentence for people."""

    reason: str
    topic: str
    words: str
    since: datetime | None = None
    suppression_id: int | None = None


def address_key(email: str) -> str:
    """The address as compared everywhere: lower case, no plus-tag. BadInput when it is none."""
    key = email_keys(pl.Series([email], dtype=pl.String))[0]
    if key is None:
        raise BadInput("Type a whole e-mail address, such as name@company.com.")
    return str(key)


def blocked(session: Session, email: str, topic: str) -> Why | None:
    """Why this address may not be written at on this topic; None when it may.

    An address that is none may not be written at either.
    """
    return blocked_among(session, [email], topic).get(email)


def blocked_among(session: Session, emails: Collection[str], topic: str) -> dict[str, Why]:
    """Those of `emails` that are blocked, as they were given, with the reason."""
    given = pl.Series(sorted(set(emails)), dtype=pl.String)
    keys = dict(zip(given.to_list(), email_keys(given).to_list(), strict=True))
    wanted = sorted({key for key in keys.values() if key})
    found: dict[str, Why] = {}
    for start in range(0, len(wanted), _PIECE):
        found |= _found(session, wanted[start : start + _PIECE], topic)
    none = Why("invalid", EVERYTHING, "Not written to: this is not a whole e-mail address.")
    return {
        email: found[key] if key else none for email, key in keys.items() if not key or key in found
    }


def _found(session: Session, keys: list[str], topic: str) -> dict[str, Why]:
    marked = session.execute(
        select(StakeholderEmail.email)
        .join(Stakeholder, Stakeholder.id == StakeholderEmail.stakeholder_id)
        .where(StakeholderEmail.email.in_(keys), Stakeholder.unsubscribed.is_(True))
    ).scalars()
    found = {key: Why("crm", EVERYTHING, _words("crm", EVERYTHING)) for key in marked}
    s = Suppression
    rows = session.execute(
        select(s.id, s.email, s.topic, s.reason, s.at)
        .where(s.email.in_(keys), s.lifted_at.is_(None))
        .where(or_(s.topic == EVERYTHING, s.topic == topic))
        .order_by(s.topic.desc(), s.id)  # what stands for everything comes last, and stays
    )
    for row in rows:
        words = _words(row.reason, row.topic)
        found[row.email] = Why(row.reason, row.topic, words, row.at, row.id)
    return found


def _words(reason: str, topic: str) -> str:
    about = f" about “{topic_words(topic)}”" if topic else ""
    return f"Not written to{about}: {REASONS[reason]}. See “Do not contact”."
