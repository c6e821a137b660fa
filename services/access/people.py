"""The colleagues who use the app."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from data.errors import BadInput, NotFound
from data.settings import settings
from data.tables import Customer, Person, SignIn
from data.tables.access import ROLES
from data.texts import one_line
from integrations import mime
from services.access.audit import audit
from services.access.viewer import ADMINISTRATOR, SYSTEM, Viewer, require_role, viewer_of

_ADDRESS = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
MOST_PEOPLE = 2_000


@dataclass(frozen=True)
class PersonRow:
    """A line of the people list. `customers` counts the portfolio."""

    id: int
    name: str
    email: str | None
    role: str
    active: bool
    can_sign_in: bool
    customers: int
    manager_id: int | None = None
    manager: str | None = None
    last_seen: datetime | None = None
    """When they last signed in."""


def email_key(email: str) -> str:
    """The address as compared and stored; BadInput when it is none, or none that mail can go to."""
    key = email.strip().lower()
    if len(key) > 320 or not _ADDRESS.fullmatch(key):
        raise BadInput("Type a whole e-mail address, such as name@company.com.")
    mime.checked_address(key)
    return key


def person_name(name: str) -> str:
    """The name as stored: one line, no control characters; BadInput when nothing is left."""
    clean = one_line(name)
    if not clean or len(clean) > 200:
        raise BadInput("Type a name of 1 to 200 characters.")
    return clean


def owner_exists(session: Session) -> bool:
    """Whether anybody can sign in with a password."""
    return bool(
        session.scalar(
            select(exists().where(Person.password_hash.is_not(None), Person.active.is_(True)))
        )
    )


def somebody_administers(session: Session) -> bool:
    """Whether an owner has signed up, or an admin is listed who comes in by the company's account."""
    listed = exists().where(
        Person.role == ADMINISTRATOR, Person.active.is_(True), Person.email.is_not(None)
    )
    return owner_exists(session) or (settings().oidc and bool(session.scalar(select(listed))))


def viewer_by_id(session: Session, person_id: int, now: datetime) -> Viewer | None:
    """An active person; None when unknown or inactive."""
    person = session.get(Person, person_id)
    return viewer_of(session, person, now) if person and person.active else None


def viewer_by_email(session: Session, email: str, now: datetime) -> Viewer | None:
    """An active person with this address, for identity providers that vouch for addresses."""
    person = session.scalar(
        select(Person).where(Person.email == email.strip().lower(), Person.active.is_(True))
    )
    return viewer_of(session, person, now) if person else None


def ensure_person(
    session: Session, email: str, role: str | None, now: datetime, *, by: Viewer = SYSTEM
) -> Person:
    """The person with this address, made when unknown (role `csm` then, unless given).

    A given `role` is set on a known person too. Admins only.
    """
    require_role(by, ADMINISTRATOR)
    if role is not None and role not in ROLES:
        raise BadInput(f"The role must be one of {', '.join(ROLES)}.")
    key = email_key(email)
    person = session.scalar(select(Person).where(Person.email == key))
    if person is None:
        person = Person(email=key, name=key.split("@")[0], role=role or "csm", created_at=now)
        session.add(person)
        session.flush()  # the audit row needs its id
        audit(session, by, "person.added", "person", person.id, person.role, now)
    elif role and role != person.role:
        audit(session, by, "person.role", "person", person.id, f"{person.role} to {role}", now)
        person.role = role
    return person


def list_people(session: Session, by: Viewer) -> list[PersonRow]:
    """Everybody, for admins; for others, who they are and who reports to them."""
    portfolio = (
        select(func.count()).where(Customer.csm_id == Person.id).correlate(Person).scalar_subquery()
    )
    seen = (
        select(func.max(SignIn.created_at))
        .where(SignIn.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    manager = aliased(Person)
    query = (
        select(Person, portfolio, manager.name, seen)
        .outerjoin(manager, manager.id == Person.manager_id)
        .order_by(func.lower(Person.name), Person.id)
        .limit(MOST_PEOPLE)
    )
    if by.role != ADMINISTRATOR:
        query = query.where(or_(Person.id == by.person_id, Person.manager_id == by.person_id))
    return [
        PersonRow(
            id=person.id,
            name=person.name,
            email=person.email,
            role=person.role,
            active=person.active,
            can_sign_in=person.active and person.password_hash is not None,
            customers=customers,
            manager_id=person.manager_id,
            manager=manager_name,
            last_seen=last_seen,
        )
        for person, customers, manager_name, last_seen in session.execute(query)
    ]


def demo_people(session: Session) -> list[PersonRow]:
    """Who a demo can be looked at as: admins and managers, then CSMs by size of portfolio."""
    rows = [row for row in list_people(session, SYSTEM) if row.active]
    order = {"admin": 0, "manager": 1, "csm": 2}
    return sorted(rows, key=lambda row: (order[row.role], -row.customers, row.name))[:30]


def require_person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("There is no such person. Reload the page and choose from the list.")
    return person
