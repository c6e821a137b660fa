"""Whom at a customer to invite: who can be written to, who has had enough, and who fits the event best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.pieces import pieces
from data.tables import (
    Attendance,
    Customer,
    Draft,
    Event,
    Invitation,
    OutboxMail,
    Participant,
    Stakeholder,
    StakeholderEmail,
    Suppression,
)
from data.tables.events import ATTENDED
from services.drafts.wholes import wholes
from services.invitations.fit.caps import INVITED, TOO_SOON, capped
from services.invitations.records import TOPIC
from services.outbox import GIVEN_UP
from services.seats import COUNTED_BAND
from services.suppression.check import OF_THE_PERSON

PIECE = 500
PEOPLE: dict[str, Any] = {"stakeholder_id": pl.Int64, "customer_id": pl.Int64}
_ROLES: dict[str, tuple[str, ...]] = {
    "roundtable": ("executive_sponsor", "champion", "admin", "user"),
    "training": ("admin", "user", "champion", "executive_sponsor"),
    "workshop": ("admin", "champion", "user", "executive_sponsor"),
}
_USUAL_ROLES = ("champion", "executive_sponsor", "admin", "user")
ROLE_WORDS = {
    "champion": "Champion", "executive_sponsor": "Executive sponsor", "admin": "Admin", "user": "User",
}  # fmt: skip


@dataclass(frozen=True)
class Contact:
    """Somebody who could be invited. `why` says what speaks for them; `blocker` what against, if so."""

    stakeholder_id: int
    customer_id: int
    first_name: str
    name: str
    title: str | None
    role: str | None
    zone: str | None
    attended: int
    why: str
    blocker: str | None = None


def reachable(session: Session) -> pl.DataFrame:
    """As PEOPLE: stakeholders of customers we have, with an address, who want mail about events."""
    s, e = Stakeholder, StakeholderEmail
    rows = read_large(
        session,
        select(s.id, s.customer_id)
        .join(e, and_(e.stakeholder_id == s.id, e.is_primary.is_(True)))
        .where(s.unsubscribed.is_(False)),
        PEOPLE,
    )
    return rows.unique("stakeholder_id").join(_suppressed(session), on="stakeholder_id", how="anti")


def _suppressed(session: Session) -> pl.DataFrame:
    e, p = StakeholderEmail, Suppression
    rows = (
        select(e.stakeholder_id)
        .join(p, p.email == e.email)
        .where(
            p.lifted_at.is_(None),
            p.topic.in_(("", TOPIC)),
            or_(e.is_primary.is_(True), p.reason.in_(OF_THE_PERSON)),
        )
    )
    return read_frame(session, rows.distinct(), {"stakeholder_id": pl.Int64})


def invited(session: Session, stakeholder_ids: Collection[int] | None = None) -> pl.DataFrame:
    """Invitations that stand, as INVITED: when each left, else when it is to leave, else was made."""
    i = Invitation
    at = func.coalesce(OutboxMail.sent_at, OutboxMail.due_at, Draft.not_before, i.created_at)
    rows = (
        select(i.stakeholder_id, i.event_id, func.max(at))
        .outerjoin(Draft, Draft.id == i.draft_id)
        .outerjoin(
            OutboxMail, and_(OutboxMail.draft_id == i.draft_id, OutboxMail.state != "cancelled")
        )
        .where(i.state != "withdrawn")
        .group_by(i.stakeholder_id, i.event_id)
    )
    if stakeholder_ids is None:
        found = [read_frame(session, rows, INVITED), _within(session, None, ("cancelled",))]
    else:
        found = [pl.DataFrame(schema=INVITED)]
        for some in pieces(stakeholder_ids, PIECE):
            found.append(read_frame(session, rows.where(i.stakeholder_id.in_(some)), INVITED))
            found.append(_within(session, some, ("cancelled",)))
    return pl.concat(found).group_by("stakeholder_id", "event_id").agg(pl.col("at").max())


def leaving(session: Session, stakeholder_ids: Collection[int]) -> pl.DataFrame:
    """As INVITED: only invitations that have left or are in the send queue."""
    o, i = OutboxMail, Invitation
    rows = (
        select(i.stakeholder_id, i.event_id, func.coalesce(o.sent_at, o.due_at))
        .join(o, o.draft_id == i.draft_id)
        .where(o.state.not_in(GIVEN_UP))
    )
    found = [pl.DataFrame(schema=INVITED)]
    for some in pieces(stakeholder_ids, PIECE):
        found.append(read_frame(session, rows.where(i.stakeholder_id.in_(some)), INVITED))
        found.append(_within(session, some, GIVEN_UP))
    return pl.concat(found)


def _within(session: Session, people: Collection[int] | None, off: Collection[str]) -> pl.DataFrame:
    """As INVITED: invitations that stand and go or went out as a part of another mail, whose state in the
    send queue is none of `off`."""
    parts = wholes(session, people)
    o, i, found = OutboxMail, Invitation, [pl.DataFrame(schema=INVITED)]
    for some in pieces(parts["draft_id"].to_list(), PIECE):
        whole = parts.filter(pl.col("draft_id").is_in(some))
        mails = select(o.draft_id, func.coalesce(o.sent_at, o.due_at)).where(
            o.draft_id.in_(whole["whole"].to_list()), o.state.not_in(off)
        )
        sent = read_frame(session, mails, {"whole": pl.Int64, "at": INVITED["at"]})
        rows = select(i.draft_id, i.stakeholder_id, i.event_id).where(
            i.draft_id.in_(some), i.state != "withdrawn"
        )
        asked = read_frame(session, rows, dict.fromkeys(("draft_id", *list(INVITED)[:2]), pl.Int64))
        found.append(asked.join(whole, on="draft_id").join(sent, on="whole").select(*INVITED))
    return pl.concat(found)


def event_order(session: Session) -> list[int]:
    """All events that take or took place, by their start."""
    rows = select(Event.id).where(Event.status != "cancelled").order_by(Event.starts_at, Event.id)
    return list(session.scalars(rows))


def capped_people(
    session: Session, event_id: int, at: datetime, stakeholder_ids: Collection[int] | None = None
) -> pl.DataFrame:
    """Who may not be invited to the event at that moment: stakeholder_id, code, at."""
    return capped(invited(session, stakeholder_ids), event_order(session), event_id, at)


def cap_words(code: str, at: datetime) -> str:
    """A sentence for the CSM."""
    day = f"{at.day} {at:%B}"
    if code == TOO_SOON:
        return f"Invited to another event on {day}: one invitation in seven days is enough."
    return "Invited to two of the four events around this one: a third would be too many."


def contacts(
    session: Session, event: Event, customer_ids: Collection[int], at: datetime
) -> dict[int, list[Contact]]:
    """By customer those who could be invited, the best first; those who may not be, with the reason, last."""
    found: dict[int, list[Contact]] = defaultdict(list)
    roles = [one.lower().replace(" ", "_") for one in (event.audience or {}).get("roles", ())]
    order = (*roles, *_ROLES.get(event.type, _USUAL_ROLES))
    for some in pieces(customer_ids, PIECE):
        rows = session.execute(_people_of(some)).all()
        ids = [row.id for row in rows]
        attended = _attended(session, some)
        blocked = _blocked(session, event, ids, at)
        for row in rows:
            found[row.customer_id].append(
                _contact(row, order, attended.get(row.id, 0), blocked.get(row.id))
            )
    return {
        customer: sorted(people, key=lambda one: _rank(one, order))
        for customer, people in found.items()
    }


def _people_of(customer_ids: Sequence[int]) -> Any:
    s = Stakeholder
    return (
        select(
            s.id, s.customer_id, s.first_name, s.last_name, s.title, s.role, s.unsubscribed,
            s.time_zone, Customer.time_zone.label("home"), func.min(StakeholderEmail.email).label("email"),
        )
        .join(Customer, Customer.id == s.customer_id)
        .outerjoin(
            StakeholderEmail,
            and_(StakeholderEmail.stakeholder_id == s.id, StakeholderEmail.is_primary.is_(True)),
        )
        .where(s.customer_id.in_(customer_ids))
        .group_by(s.id, Customer.time_zone)
        .order_by(s.id)
    )  # fmt: skip


def _contact(row: Any, order: Sequence[str], attended: int, blocker: str | None) -> Contact:
    if row.email is None:
        blocker = "No mail address is known."
    elif row.unsubscribed:
        blocker = "They are marked as unsubscribed in the customer data."
    said = []
    if row.role in order[:1]:
        said.append(f"{ROLE_WORDS.get(row.role, row.role)}, whom such an event is for")
    elif row.role:
        said.append(ROLE_WORDS.get(row.role, row.role))
    if attended:
        said.append(f"came to {attended} event{'' if attended == 1 else 's'}")
    name = f"{row.first_name} {row.last_name}".strip() or "Unknown"
    return Contact(
        row.id, row.customer_id, row.first_name or row.last_name or "there", name, row.title, row.role,
        row.time_zone or row.home, attended, ", ".join(said), blocker,
    )  # fmt: skip


def _rank(one: Contact, order: Sequence[str]) -> tuple[bool, int, int, int]:
    place = order.index(one.role) if one.role in order else len(order)
    return (one.blocker is not None, place, -one.attended, one.stakeholder_id)


def _attended(session: Session, customer_ids: Sequence[int]) -> dict[int, int]:
    """Events that each stakeholder attended."""
    p = Participant
    rows = session.execute(
        select(p.stakeholder_id, func.count(Attendance.event_id.distinct()))
        .join(Attendance, Attendance.participant_id == p.id)
        .where(
            p.customer_id.in_(customer_ids),
            p.stakeholder_id.is_not(None),
            p.band == COUNTED_BAND,
            Attendance.status == ATTENDED,
        )
        .group_by(p.stakeholder_id)
    )
    return {number: count for number, count in rows if number is not None}


def _blocked(session: Session, event: Event, ids: Sequence[int], at: datetime) -> dict[int, str]:
    """By stakeholder the strongest reason against inviting them."""
    found = {
        number: cap_words(code, when)
        for number, code, when in capped_people(session, event.id, at, ids).iter_rows()
    }
    suppressed = set(_suppressed(session)["stakeholder_id"])
    found |= {
        number: "They do not want mail about events." for number in ids if number in suppressed
    }
    i = Invitation
    for some in pieces(ids, PIECE):
        rows = session.scalars(
            select(i.stakeholder_id).where(
                i.event_id == event.id, i.stakeholder_id.in_(some), i.state != "withdrawn"
            )
        )
        found |= dict.fromkeys(rows, "Invited to this event already.")
    return found
