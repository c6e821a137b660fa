"""Whom a request is about: every address, spelling and row by which one stakeholder is known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import Table, func, or_, select
from sqlalchemy.orm import Session

from data.errors import NotAllowed
from data.tables import (
    Base,
    CampaignRecipient,
    InboundMail,
    Participant,
    Person,
    Registration,
    Stakeholder,
    StakeholderEmail,
    TicketRequester,
)
from services.access import ADMINISTRATOR, Viewer, require_customer, require_scope
from services.matching.addresses import email_keys

PARENTS = {
    "stakeholder_id": "stakeholder",
    "champion_id": "stakeholder",
    "participant_id": "participant",
    "recipient_id": "campaign_recipient",
    "requester_id": "ticket_requester",
    "registration_id": "registration",
    "draft_id": "draft",
    "outbox_id": "outbox",
    "mail_id": "campaign_mail",
    "invitation_id": "invitation",
    "follow_up_id": "ticket_follow_up",
}
"""Columns that lead to a row of somebody: whatever table has one is looked at, a new one too."""
_BY_MATCH = ("participant", "campaign_recipient", "ticket_requester")
"""Rows that may only be thought to be this person: `_people` says which of them are."""
_PIECE = 500


@dataclass(frozen=True)
class Subject:
    """`addresses` as compared, `spellings` as they are written somewhere, both in lower case; `names`
    whole ones. `linked`: per table the primary keys of rows that are about them."""

    stakeholder_id: int
    customer_id: int
    addresses: frozenset[str]
    spellings: frozenset[str]
    names: frozenset[str]
    keys: frozenset[str]
    """What files know them by when they bring no address: name and company."""
    linked: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    namesakes: bool = False


def require_subject(session: Session, by: Viewer, stakeholder_id: int) -> Stakeholder:
    """The stakeholder, for whoever may see the customer; NotFound in the same words for others."""
    one = session.get(Stakeholder, stakeholder_id)
    require_customer(session, by, one.customer_id if one else 0)
    assert one is not None, "the customer was found by it"
    return one


def require_eraser(by: Viewer) -> None:
    if by.role != ADMINISTRATOR:
        raise NotAllowed("Only an admin can erase somebody. Ask one to do it.")
    require_scope(by, "stakeholders:erase")


def find(session: Session, one: Stakeholder) -> Subject:
    mine = select(StakeholderEmail).where(StakeholderEmail.stakeholder_id == one.id)
    own = session.scalars(mine).all()
    keys = {row.email for row in own}
    spellings = {row.shown_as for row in own} | keys
    names = {f"{one.first_name} {one.last_name}".strip()}
    people = _people(session, one, keys, names)
    for kind, row in people:
        told = [getattr(row, c, None) for c in ("email", "address", "sender")]
        spellings |= {text for text in told if text and "@" in text}
        if kind != "inbound_mail" and row.name:
            names.add(row.name)
    keys |= set(email_keys(pl.Series(sorted(spellings), dtype=pl.String)).drop_nulls())
    keys -= _others(session, one, keys)
    known = email_keys(pl.Series(sorted(spellings), dtype=pl.String)).to_list()
    spellings = {
        text for text, key in zip(sorted(spellings), known, strict=True) if key in keys
    } | keys
    nameless = {
        row.person_key
        for kind, row in people
        if kind in ("participant", "ticket_requester") and row.person_key not in keys
    }
    subject = Subject(
        one.id,
        one.customer_id,
        frozenset(keys),
        frozenset(text.casefold() for text in spellings),
        frozenset(name for name in names if len(name.split()) > 1),
        frozenset(nameless),
        namesakes=_namesakes(session, one, names),
    )
    roots: dict[str, set[int]] = {"stakeholder": {one.id}}
    for kind, row in people:
        roots.setdefault(kind, set()).add(row.id)
    subject.linked.update(_linked(session, roots))
    return subject


def _people(
    session: Session, one: Stakeholder, keys: set[str], names: set[str]
) -> list[tuple[str, Any]]:
    """Rows that stand for the person in what came from outside: by their address, by a sure match, or
    by the same name at the same customer without any address."""
    found: list[tuple[str, Any]] = []
    named = {name.casefold() for name in names if name}
    for table, address in (
        (Participant, Participant.email),
        (CampaignRecipient, CampaignRecipient.address),
        (TicketRequester, TicketRequester.email),
    ):
        rows = session.scalars(
            select(table).where(
                or_(
                    (table.stakeholder_id == one.id) & (table.band == "automatic"),
                    address.in_(keys),
                    (table.customer_id == one.customer_id)
                    & address.is_(None)
                    & func.lower(table.name).in_(named),
                )
            )
        )
        found += [(table.__tablename__, row) for row in rows]
    r, i = Registration, InboundMail
    found += [
        ("registration", row)
        for row in session.scalars(
            select(r).where(or_(r.stakeholder_id == one.id, r.email.in_(keys)))
        )
    ]
    found += [
        ("inbound_mail", row)
        for row in session.scalars(
            select(i).where(or_(i.stakeholder_id == one.id, func.lower(i.sender).in_(keys)))
        )
    ]
    return found


def _others(session: Session, one: Stakeholder, keys: set[str]) -> set[str]:
    """Addresses that are somebody else's: a shared mailbox matched here, a colleague who answered."""
    e = StakeholderEmail
    theirs = session.scalars(
        select(e.email).where(e.email.in_(keys), e.stakeholder_id != one.id)
    ).all()
    staff = session.scalars(select(func.lower(Person.email)).where(Person.email.in_(keys))).all()
    return {*theirs, *(text for text in staff if text)}


def _namesakes(session: Session, one: Stakeholder, names: set[str]) -> bool:
    wanted = {name.casefold() for name in names if name}
    whole = func.lower(Stakeholder.first_name + " " + Stakeholder.last_name)
    same = select(Stakeholder.id).where(Stakeholder.id != one.id, whole.in_(wanted))
    staff = select(Person.id).where(func.lower(Person.name).in_(wanted))
    return bool(session.scalars(same.limit(1)).first() or session.scalars(staff.limit(1)).first())


def _linked(session: Session, roots: dict[str, set[int]]) -> dict[str, list[tuple[Any, ...]]]:
    """Whatever hangs on the person, however far: a bounce on a mail on a draft."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in _BY_MATCH]
    waiting = {name: set(ids) for name, ids in roots.items()}
    seen: dict[str, set[tuple[Any, ...]]] = {
        name: {(number,) for number in ids} for name, ids in roots.items()
    }
    while waiting:
        fresh: dict[str, set[int]] = {}
        for table in tables:
            key = list(table.primary_key)
            for column in table.c:
                ids = waiting.get(PARENTS.get(column.name, ""), ())
                for row in _rows(session, table, column, sorted(ids)):
                    known = seen.setdefault(table.name, set())
                    if row not in known:
                        known.add(row)
                        if len(key) == 1 and isinstance(row[0], int):
                            fresh.setdefault(table.name, set()).add(row[0])
        waiting = fresh
    return {name: sorted(rows, key=str) for name, rows in sorted(seen.items())}


def _rows(
    session: Session, table: Table, column: sa.Column[Any], ids: list[int]
) -> list[tuple[Any, ...]]:
    key = list(table.primary_key)
    pieces = [ids[at : at + _PIECE] for at in range(0, len(ids), _PIECE)]
    return [
        tuple(row)
        for some in pieces
        for row in session.execute(select(*key).where(column.in_(some)))
    ]
