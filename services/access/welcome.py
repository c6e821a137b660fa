"""The one-time link of a new installation, printed in the terminal, by which its owner signs up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import NotAllowed
from data.tables import OneTimeLink, Person
from services.access.audit import audit
from services.access.links import use_up
from services.access.passwords import hash_password
from services.access.people import email_key, person_name, somebody_administers
from services.access.signin import hashed, start_session
from services.access.viewer import ADMINISTRATOR, viewer_of

PURPOSE = "owner"
VALID_FOR = timedelta(hours=24)
_OVER = (
    "This link has been used or is older than a day. "
    "Restart the app: until there is an owner it prints a new one in the terminal."
)


@dataclass(frozen=True)
class NewOwner:
    name: str
    email: str
    password: str


def new_link(session: Session, now: datetime) -> str | None:
    """The key of a new sign-up link; older ones end. None when somebody has the app already: without a password too,
    where they come in by the company's account."""
    if somebody_administers(session):
        return None
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.purpose == PURPOSE, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    key = secrets.token_urlsafe(32)
    session.add(OneTimeLink(token_hash=hashed(key), purpose=PURPOSE, expires_at=now + VALID_FOR))
    return key


def check_link(session: Session, key: str, now: datetime) -> None:
    """NotAllowed unless this link can still be used."""
    usable = session.scalar(
        select(OneTimeLink.id).where(
            OneTimeLink.token_hash == hashed(key),
            OneTimeLink.purpose == PURPOSE,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
    )
    if usable is None or somebody_administers(session):
        raise NotAllowed(_OVER)


def create_owner(session: Session, key: str, owner: NewOwner, now: datetime) -> str:
    """Use the link up, make the owner's account (an admin) and sign them in: the session's token."""
    check_link(session, key, now)
    email = email_key(owner.email)
    name = person_name(owner.name)
    password_hash = hash_password(owner.password, email=email)
    if not use_up(session, key, now):
        raise NotAllowed(_OVER)
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, name=name, created_at=now)
        session.add(person)
    person.name, person.role, person.active = name, ADMINISTRATOR, True
    person.password_hash = password_hash
    session.flush()  # the session's row needs the person's id
    audit(session, viewer_of(session, person, now), "owner.created", "person", person.id, "", now)
    return start_session(session, person.id, now)
