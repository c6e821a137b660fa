"""The list "Do not contact": rows come and are lifted, and stay for the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from data.errors import BadInput, NotAllowed, NotFound
from data.once import add_once
from data.tables import Customer, Stakeholder, StakeholderEmail, Suppression
from data.tables.outbox import SUPPRESSION_REASONS
from data.texts import one_line
from services import wire
from services.access import CSM, Viewer, audit, visible
from services.suppression.check import OF_THE_PERSON, address_key
from services.suppression.topics import EVERYTHING, check_topic, topic_words

_LONGEST_NOTE = 300
# What the recipient said themselves: a colleague who lifts it needs more standing than their own wish.
_TAKEN_BACK = "Taken back. "
_THEIR_WORD = ("unsubscribed", "complaint")


def suppress(  # noqa: PLR0913 - the parts of an entry
    session: Session,
    email: str,
    topic: str,
    reason: str,
    *,
    stakeholder_id: int | None = None,
    note: str = "",
    outbox_id: int | None = None,
    by: Viewer | None = None,
    now: datetime,
) -> int | None:
    """Write no more to this address, on `topic` or (empty) at all; None when that holds already.

    `reason` is one of SUPPRESSION_REASONS. `stakeholder_id`: whom the mail was for, where that is known; who
    owns the address now is found by the address anyway. What is not marked as on the wire when this is
    committed is stopped by the last gate. BadInput when `email` is no address. Without `by` it is the recipient, or their server, who says so.
    """
    if reason not in SUPPRESSION_REASONS:
        raise BadInput(f"Choose a reason: {', '.join(SUPPRESSION_REASONS)}.")
    wire.stops_mail(session)
    key = address_key(email)
    stakeholder = stakeholder_id or session.scalar(
        select(StakeholderEmail.stakeholder_id).where(StakeholderEmail.email == key)
    )
    values = {
        "email": key,
        "topic": check_topic(topic),
        "stakeholder_id": stakeholder,
        "reason": reason,
        "note": _note_of(note),
        "outbox_id": outbox_id,
        "by_id": by.person_id if by else None,
        "at": now,
    }
    added = add_once(session, Suppression, **values)
    if added is None and reason in OF_THE_PERSON and _makes_way(session, values, now):
        added = add_once(session, Suppression, **values)
    if added is not None:
        what = f"{topic_words(topic)}: {reason}"
        audit(session, by, "suppression.added", "suppression", added, what, now)
    return added


def _makes_way(session: Session, values: Mapping[str, Any], now: datetime) -> bool:
    """Whether the entry that stands for this address gives way to a no of the person, which reaches
    further: it is about the address alone (a bounce), or does not know whose it was."""
    row = session.scalar(
        select(Suppression)
        .where(Suppression.email == values["email"], Suppression.topic == values["topic"])
        .where(Suppression.lifted_at.is_(None))
        .with_for_update()
    )
    if row is None:
        return False
    if row.reason not in OF_THE_PERSON:
        row.lifted_at = now
        session.flush()
        return True
    if row.stakeholder_id is None:
        row.stakeholder_id = values["stakeholder_id"]
    if row.outbox_id is None:
        row.outbox_id = values["outbox_id"]  # they have said so to us as well
    session.flush()
    return False


def stand_again(
    session: Session, email: str, topic: str, *, since: datetime, now: datetime
) -> bool:
    """Let a no of the recipient that they took back themselves after `since` stand as it did, so that
    changing one's mind to and fro adds no entries. Whether there was one; not where another stands."""
    wire.stops_mail(session)
    s, other, key = Suppression, aliased(Suppression), address_key(email)
    another = exists().where(other.email == key, other.topic == topic, other.lifted_at.is_(None))
    row = session.scalar(
        select(s)
        .where(s.email == key, s.topic == topic, s.reason == "unsubscribed", s.lifted_at > since)
        .where(s.lifted_by.is_(None), ~s.note.startswith(_TAKEN_BACK, autoescape=True), ~another)
        .order_by(s.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return False
    row.at, row.lifted_at = now, None
    session.flush()
    audit(session, None, "suppression.added", "suppression", row.id, topic_words(topic), now)
    return True


def take_back(session: Session, suppression_id: int, *, now: datetime) -> None:
    """What a mail seemed to say, it did not: nobody's word stands against such an entry coming again."""
    row = session.get_one(Suppression, suppression_id, with_for_update=True)
    if row.lifted_at is not None:
        return
    row.lifted_at, row.note = now, _note_of(f"{_TAKEN_BACK}{row.note}")
    session.flush()
    what = f"{topic_words(row.topic)}: it turned out not to be so"
    audit(session, None, "suppression.lifted", "suppression", row.id, what, now)


def lifted_since(session: Session, email: str, topic: str, reason: str, said_at: datetime) -> bool:
    """Whether somebody has lifted such an entry after this was said: what is heard late does not
    overrule them."""
    s = Suppression
    whole = or_(s.topic == topic, s.topic == EVERYTHING)
    by_somebody = or_(s.lifted_by.is_not(None), s.reason == "unsubscribed")
    asked = exists().where(
        s.email == address_key(email), whole, s.reason == reason, s.lifted_at > said_at, by_somebody,
        ~s.note.startswith(_TAKEN_BACK, autoescape=True),
    )  # fmt: skip
    return bool(session.scalar(select(asked)))


def add_by_hand(
    session: Session, email: str, topic: str, note: str, *, by: Viewer, now: datetime
) -> int:
    """What a colleague was told. A CSM may name stakeholders of their customers; others, any address.

    BadInput when the address is on the list already, NotFound when it is not of the CSM's customers.
    """
    key = address_key(email)
    if by.role == CSM and not _is_theirs(session, by, key):
        raise NotFound(
            "No stakeholder of your customers has this address. Ask an admin to add it for you."
        )
    added = suppress(session, key, topic, "manual", note=note, by=by, now=now)
    if added is None:
        raise BadInput("This address is on the list already, for this topic.")
    return added


def lift(session: Session, suppression_id: int, why: str, *, by: Viewer, now: datetime) -> None:
    """Let this address be written at again. The row stays, with who lifted it.

    A CSM may lift what a colleague added or what came of a bounce, for their customers; what the
    recipient said themselves takes a manager or an admin, and words why.
    """
    row = session.get(Suppression, suppression_id, with_for_update=True)
    if row is None or not _may_see(session, by, row):
        raise NotFound("There is no such entry. The list may have changed: open it again.")
    if row.lifted_at is not None:
        return
    theirs = row.reason in _THEIR_WORD
    if theirs and by.role == CSM:
        raise NotAllowed(
            "They said no themselves. Only a manager or an admin can lift this, once they agreed."
        )
    why = _note_of(why)
    if theirs and not why:
        raise BadInput("Say how you know that they agree, such as “asked for it on the phone”.")
    row.lifted_at, row.lifted_by = now, by.person_id
    what = f"{topic_words(row.topic)}: {why}" if why else topic_words(row.topic)
    audit(session, by, "suppression.lifted", "suppression", row.id, what, now)


def lift_own(session: Session, email: str, topic: str, *, now: datetime) -> bool:
    """The recipient takes back their own no (the page that their mail links to); others' words stay.

    What they said from another address of theirs goes too, since it holds for this one. Whether there
    was one to take back.
    """
    s = Suppression
    rows = session.scalars(
        select(s)
        .where(_of_person(session, address_key(email)), s.topic == topic, s.lifted_at.is_(None))
        .where(s.reason == "unsubscribed")
        .order_by(s.id)
        .with_for_update()
    ).all()
    for row in rows:
        row.lifted_at = now
        audit(session, None, "suppression.lifted", "suppression", row.id, "by the recipient", now)
    return bool(rows)


def stands(session: Session, email: str, topic: str = EVERYTHING) -> bool:
    """Whether an entry stands for exactly this topic, for the address or the person, whoever's word."""
    try:
        key = address_key(email)
    except BadInput:
        return False
    s = Suppression
    which = or_(s.email == key, _of_person(session, key) & s.reason.in_(OF_THE_PERSON))
    return bool(
        session.scalar(select(exists().where(which, s.topic == topic, s.lifted_at.is_(None))))
    )


def _of_person(session: Session, key: str) -> ColumnElement[bool]:
    """Entries of this address, of its person, and of the person's other addresses."""
    s, e = Suppression, StakeholderEmail
    person = session.scalar(select(e.stakeholder_id).where(e.email == key))
    if person is None:
        return s.email == key
    addresses = select(e.email).where(e.stakeholder_id == person)
    return or_(s.email == key, s.stakeholder_id == person, s.email.in_(addresses))


def _is_theirs(session: Session, by: Viewer, key: str) -> bool:
    return bool(
        session.scalar(
            select(
                exists()
                .where(StakeholderEmail.email == key)
                .where(Stakeholder.id == StakeholderEmail.stakeholder_id)
                .where(Customer.id == Stakeholder.customer_id, visible(by))
            )
        )
    )


def _may_see(session: Session, by: Viewer, row: Suppression) -> bool:
    own = row.by_id is not None and row.by_id == by.person_id
    return by.sees_all or own or _is_theirs(session, by, row.email)


def _note_of(text: str) -> str:
    return one_line(text)[:_LONGEST_NOTE]
