"""One-time links by which a colleague chooses a password: for the first time, or because it is forgotten."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from data.errors import BadInput, NotAllowed, SignInNeeded
from data.settings import settings
from data.tables import OneTimeLink, Person, SignIn
from services.access import signin
from services.access.audit import audit
from services.access.passwords import hash_password, password_fits
from services.access.people import require_person
from services.access.signin import hashed, start_session
from services.access.viewer import ADMINISTRATOR, Viewer, require_role, viewer_of

PURPOSE = "password"
VALID_FOR = timedelta(days=3)
_OVER = "This link has been used, is older than three days, or has been replaced. Ask an admin for a new one."


def make(session: Session, person_id: int, *, by: Viewer, now: datetime) -> str:
    """The link in full, for the only time: the admin hands it over. Earlier ones of the person end.

    Admins only. BadInput for people without an address or without access.
    """
    require_role(by, ADMINISTRATOR)
    person = require_person(session, person_id)
    if not person.active or not person.email:
        raise BadInput("Give them an e-mail address and access first: people sign in with it.")
    end(session, person.id, now)
    key = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            token_hash=hashed(key), purpose=PURPOSE, person_id=person.id, expires_at=now + VALID_FOR
        )
    )
    audit(session, by, "person.link_made", "person", person.id, "", now)
    return f"{settings().base_url.rstrip('/')}/password?key={key}"


def waiting(session: Session, now: datetime) -> bool:
    """Whether an admin has a link that can still be used."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    OneTimeLink.person_id == Person.id,
                    OneTimeLink.used_at.is_(None),
                    OneTimeLink.expires_at > now,
                    Person.role == ADMINISTRATOR,
                    Person.active.is_(True),
                )
            )
        )
    )


def whose(session: Session, key: str, now: datetime) -> Person:
    """Whom the link is for; NotAllowed when it can no longer be used."""
    found = session.scalar(
        select(Person)
        .join(OneTimeLink, OneTimeLink.person_id == Person.id)
        .where(
            OneTimeLink.token_hash == hashed(key),
            OneTimeLink.purpose == PURPOSE,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            Person.active.is_(True),
            Person.email.is_not(None),
        )
    )
    if found is None:
        raise NotAllowed(_OVER)
    return found


def use_up(session: Session, key: str, now: datetime) -> bool:
    """Whether the link of this key, whatever it is for, was unused until now: of two at once one is told so."""
    used = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == hashed(key), OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    return used.rowcount == 1  # type: ignore[attr-defined]


def choose_password(session: Session, key: str, password_hash: str, now: datetime) -> str:
    """Use the link up, set the password and sign the person in: the session's token. Other browsers are
    signed out. `password_hash` is made outside the transaction, since that takes a tenth of a second."""
    person = whose(session, key, now)
    if not use_up(session, key, now):
        raise NotAllowed(_OVER)
    _set(session, person, password_hash, now)
    audit(
        session,
        viewer_of(session, person, now),
        "person.password_set",
        "person",
        person.id,
        "",
        now,
    )
    return start_session(session, person.id, now)


def change_password(session: Session, current: str, new: str, *, by: Viewer, now: datetime) -> None:
    """One's own, proved by the one that holds. Every browser is signed out, this one too.

    SignInNeeded when `current` is wrong, TooMany on haste, as when signing in: a browser left open is no place
    to guess it. BadInput when there is none or `new` will not do.
    """
    person = session.get_one(Person, by.person_id)
    if not person.password_hash or not person.email:
        raise BadInput("You do not sign in with a password here.")
    signin.tries.count(person.email, now)
    if not password_fits(current, person.password_hash):
        raise SignInNeeded("The password you have is another one. Type it again.")
    signin.tries.clear(person.email)
    _set(session, person, hash_password(new, email=person.email), now)
    audit(session, by, "person.password_set", "person", person.id, "", now)


def _set(session: Session, person: Person, password_hash: str, now: datetime) -> None:
    person.password_hash = password_hash
    end(session, person.id, now)
    session.execute(
        update(SignIn)
        .where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def end(session: Session, person_id: int, now: datetime) -> None:
    """The links of a person lead nowhere from now on."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.person_id == person_id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
