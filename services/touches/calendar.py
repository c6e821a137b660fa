"""The touch calendar of a customer, with advice where contacts would collide; and touches by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Stakeholder, Touch
from services.access import Viewer, audit, require_customer
from services.touches.caps import DAYS, Caps, Limits, free_at
from services.touches.planned import Contact, contacts

CHANNELS = {"call": "Call", "meeting": "Meeting", "other": "Other"}
"""What a person may enter; mails are counted by themselves."""
_FARTHEST = timedelta(days=365)


@dataclass(frozen=True)
class Hint:
    """`code` is merge (several drafts to one person on one day) or hold (wait until `until`)."""

    code: str
    words: str
    stakeholder_id: int
    draft_ids: tuple[int, ...]
    until: datetime | date | None = None


@dataclass(frozen=True)
class Calendar:
    """Contacts oldest first, and what to do about drafts that collide."""

    contacts: tuple[Contact, ...]
    hints: tuple[Hint, ...]


def calendar(
    session: Session, by: Viewer, customer_id: int, now: datetime, *, caps: Limits | None = None
) -> Calendar:
    """Of the last 30 days and all that is planned. NotFound for customers `by` may not see.

    `caps` are the sending policy's; with none the defaults of Caps hold.
    """
    require_customer(session, by, customer_id)
    found = contacts(session, now, customer_id=customer_id)
    limits = caps or Caps()
    return Calendar(tuple(found), (*collisions(found), *_over(session, customer_id, found, limits)))


def collisions(found: Iterable[Contact]) -> list[Hint]:
    """Merge what several drafts would say to one person on one day; hold a draft for a day that has a
    mail, call or meeting already."""
    known = [(c.stakeholder_id, c.day, c) for c in found if c.stakeholder_id is not None]
    known.sort(key=lambda one: (one[0], one[1], one[2].at))
    hints: list[Hint] = []
    for (stakeholder_id, day), group in groupby(known, key=lambda one: (one[0], one[1])):
        same = [contact for _, _, contact in group]
        drafts = tuple(c.draft_id for c in same if c.state == "draft" and c.draft_id is not None)
        others = [c for c in same if c.state != "draft"]
        if drafts and others:
            hints.append(_hold(stakeholder_id, day, drafts, others[0]))
        elif len(drafts) > 1:
            words = (
                f"{len(drafts)} drafts would reach {same[0].stakeholder or 'one person'} on one "
                "day. Merge them into one, or hold all but one for another day."
            )
            hints.append(Hint("merge", words, stakeholder_id, drafts))
    return hints


def _hold(stakeholder_id: int, day: date, drafts: tuple[int, ...], other: Contact) -> Hint:
    way = "is queued for" if other.state == "queued" else "reached"
    words = (
        f"“{other.what}” {way} {other.stakeholder or 'this person'} on the same day. "
        "Hold the draft until the day after."
    )
    return Hint("hold", words, stakeholder_id, drafts, day + timedelta(days=1))


def _over(session: Session, customer_id: int, found: list[Contact], caps: Limits) -> list[Hint]:
    """Drafts that the caps would keep waiting, one hint for each person."""
    drafts = [c for c in found if c.state == "draft" and c.stakeholder_id is not None]
    drafts.sort(key=lambda contact: (contact.stakeholder_id or 0, contact.at))
    hints: list[Hint] = []
    for stakeholder_id, group in groupby(drafts, key=lambda contact: contact.stakeholder_id):
        mine = list(group)
        at = mine[0].at
        until = free_at(
            session, stakeholder_id=stakeholder_id, customer_id=customer_id, at=at, caps=caps
        )
        if stakeholder_id is not None and until > at:
            words = (
                f"The limit of contacts within {DAYS} days is reached for "
                f"{mine[0].stakeholder or 'this person'} or the customer. An approved draft waits."
            )
            numbers = tuple(c.draft_id for c in mine if c.draft_id is not None)
            hints.append(Hint("hold", words, stakeholder_id, numbers, until))
    return hints


def add(  # noqa: PLR0913 - the parts of a touch
    session: Session,
    customer_id: int,
    stakeholder_id: int | None,
    channel: str,
    what: str,
    at: datetime,
    *,
    by: Viewer,
    now: datetime,
) -> int:
    """Enter a call or meeting; it counts against the caps. BadInput names what is wrong."""
    require_customer(session, by, customer_id)
    if channel not in CHANNELS:
        raise BadInput(f"Choose one of: {', '.join(CHANNELS.values())}.")
    if stakeholder_id is not None:
        stakeholder = session.get(Stakeholder, stakeholder_id)
        if stakeholder is None or stakeholder.customer_id != customer_id:
            raise BadInput("This person is not a stakeholder of the customer. Choose another.")
    words = " ".join(what.split())
    if not words or len(words) > 300:
        raise BadInput("Say in 1 to 300 characters what it was about.")
    if abs(at - now) > _FARTHEST:
        raise BadInput("Choose a day within a year of today.")
    touch = Touch(
        customer_id=customer_id,
        stakeholder_id=stakeholder_id,
        channel=channel,
        kind=channel,
        what=words,
        by_id=by.person_id,
        at=at,
    )
    session.add(touch)
    session.flush()  # its id is returned
    audit(session, by, "touch.added", "customer", customer_id, CHANNELS[channel], now)
    return touch.id


def spoke(
    session: Session,
    customer_id: int,
    stakeholder_id: int | None,
    what: str,
    *,
    by: Viewer,
    now: datetime,
) -> None:
    """Count a call that was made now, by whoever had it to do."""
    session.add(
        Touch(
            customer_id=customer_id,
            stakeholder_id=stakeholder_id,
            channel="call",
            kind="call",
            what=what[:300],
            by_id=by.person_id,
            at=now,
        )
    )
    session.flush()  # the next count in this transaction is a query


def unspoke(session: Session, customer_id: int, at: datetime, now: datetime) -> bool:
    """The call noted at that moment was not made after all; whether there is one."""
    touch = session.scalars(
        select(Touch)
        .where(
            Touch.customer_id == customer_id,
            Touch.at == at,
            Touch.channel == "call",
            Touch.outbox_id.is_(None),
            Touch.released_at.is_(None),
        )
        .order_by(Touch.id)
        .limit(1)
    ).first()
    if touch is None:
        return False
    touch.released_at = now
    session.flush()  # as above
    return True
