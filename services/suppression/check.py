"""Whether an address may be written at. Asked at approval, and again in the last moment before sending."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.errors import BadInput
from data.tables import Stakeholder, StakeholderEmail, Suppression
from services import erased
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
OF_THE_PERSON = ("unsubscribed", "complaint", "manual", "imported")
"""What somebody said about themselves, so that it holds for all their addresses."""
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


_Asked = TypeVar("_Asked")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def address_key(email: str) -> str:
    """The address as compared everywhere: lower case, no plus-tag. BadInput when it is none."""
    key = email_keys(pl.Series([email], dtype=pl.String))[0]
    if key is None:
        raise BadInput("Type a whole e-mail address, such as name@company.com.")
    return str(key)


def blocked(
    session: Session, email: str, topic: str, stakeholder_id: int | None = None
) -> Why | None:
    """Why this address may not be written at on this topic; None when it may.

    With `stakeholder_id` what that person said counts too, whichever address they said it from. An
    address that is none may not be written at either.
    """
    whose = {} if stakeholder_id is None else {email: stakeholder_id}
    return blocked_among(session, [email], topic, whose).get(email)


def blocked_among(
    session: Session,
    emails: Collection[str],
    topic: str,
    stakeholders: Mapping[str, int] | None = None,
) -> dict[str, Why]:
    """Those of `emails` that are blocked, as they were given, with the reason.

    `stakeholders` says for whom an address is meant. A no of the person (OF_THE_PERSON, or the mark in
    the customer data) holds for all their addresses; a bounce, for its address alone.
    """
    given = pl.Series(sorted(set(emails)), dtype=pl.String)
    keys = dict(zip(given.to_list(), email_keys(given).to_list(), strict=True))
    wanted = sorted({key for key in keys.values() if key})
    meant = stakeholders or {}
    owners = dict(_gathered(wanted, lambda some: _owners(session, some)))
    people = sorted({*owners.values(), *meant.values()})
    by_key = _first(_gathered(wanted, lambda some: _of_addresses(session, some, topic)))
    # Whoever was erased is on the list by a hash of the address.
    hashed = erased.stand_ins(session, wanted)
    by_hash = _first(
        _gathered(sorted(hashed.values()), lambda some: _of_addresses(session, some, topic))
    )
    by_person = _first(_gathered(people, lambda some: _of_people(session, some, topic)))
    found: dict[str, Why] = {}
    for email, key in keys.items():
        if not key:
            found[email] = Why(
                "invalid", EVERYTHING, "Not written to: this is not a whole e-mail address."
            )
            continue
        reasons = [by_key.get(key), by_person.get(owners.get(key)), by_person.get(meant.get(email))]
        reasons.append(by_hash.get(hashed.get(key)))
        if known := [why for why in reasons if why]:
            found[email] = min(known, key=_rank)
    return found


def _standing(
    subject: InstrumentedAttribute[Any], which: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """What asks for the entries that stand for a topic, each with its subject."""
    s = Suppression
    return (
        select(subject.label("subject"), s.id, s.topic, s.reason, s.at)
        .where(which, s.lifted_at.is_(None))
        .where(or_(s.topic == EVERYTHING, s.topic == bindparam("topic")))
    )


_EMAILS, _PEOPLE = bindparam("emails", expanding=True), bindparam("people", expanding=True)
_PERSONAL = Suppression.reason.in_(OF_THE_PERSON)
_OWNERS = select(StakeholderEmail.email, StakeholderEmail.stakeholder_id).where(
    StakeholderEmail.email.in_(_EMAILS)
)
_MARKED = select(Stakeholder.id).where(
    Stakeholder.id.in_(_PEOPLE), Stakeholder.unsubscribed.is_(True)
)
_BY_ADDRESS = _standing(Suppression.email, Suppression.email.in_(_EMAILS))
_FOR_THEM = _standing(
    Suppression.stakeholder_id, Suppression.stakeholder_id.in_(_PEOPLE) & _PERSONAL
)
_AT_THEIRS = _standing(
    StakeholderEmail.stakeholder_id,
    (StakeholderEmail.email == Suppression.email)
    & StakeholderEmail.stakeholder_id.in_(_PEOPLE)
    & _PERSONAL,
)


def _gathered(
    asked: Sequence[_Asked], ask: Callable[[Sequence[_Asked]], Iterable[tuple[_Key, _Value]]]
) -> list[tuple[_Key, _Value]]:
    pieces = range(0, len(asked), _PIECE)
    return [pair for start in pieces for pair in ask(asked[start : start + _PIECE])]


def _first(reasons: Iterable[tuple[_Key, Why]]) -> dict[_Key | None, Why]:
    """For each, the reason that is told: of several, the one that says most."""
    return dict(sorted(reasons, key=lambda pair: _rank(pair[1]), reverse=True))


def _rank(why: Why) -> tuple[bool, bool, int]:
    """An entry tells more than a mark without a date; everything, more than a topic; then the newest."""
    return why.suppression_id is None, why.topic != EVERYTHING, -(why.suppression_id or 0)


def _owners(session: Session, keys: Sequence[str]) -> list[tuple[str, int]]:
    rows = session.execute(_OWNERS, {"emails": keys})
    return [(row.email, row.stakeholder_id) for row in rows]


def _of_addresses(session: Session, keys: Sequence[str], topic: str) -> list[tuple[str, Why]]:
    return _entries(session, _BY_ADDRESS, {"emails": keys}, topic)


def _of_people(session: Session, people: Sequence[int], topic: str) -> list[tuple[int, Why]]:
    """By stakeholder: entries made for them, entries of addresses that are theirs now, and marks."""
    theirs = {"people": people}
    mark = Why("crm", EVERYTHING, _words("crm", EVERYTHING))
    return [
        *((number, mark) for number in session.scalars(_MARKED, theirs)),
        *_entries(session, _FOR_THEM, theirs, topic),
        *_entries(session, _AT_THEIRS, theirs, topic),
    ]


def _entries(
    session: Session, standing: Select[*tuple[Any, ...]], whose: Mapping[str, Any], topic: str
) -> list[tuple[Any, Why]]:
    """The entries that stand for this topic, by their subject."""
    rows = session.execute(standing, {**whose, "topic": topic})
    return [
        (row.subject, Why(row.reason, row.topic, _words(row.reason, row.topic), row.at, row.id))
        for row in rows
    ]


def _words(reason: str, topic: str) -> str:
    about = f" about “{topic_words(topic)}”" if topic else ""
    return f"Not written to{about}: {REASONS[reason]}. See “Do not contact”."
