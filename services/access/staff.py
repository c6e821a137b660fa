"""Admins keep the list of colleagues: who may sign in, as what, and in whose team."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import ApiToken, Delegation, Person, SignIn
from data.tables.access import ROLES
from services.access import links
from services.access.audit import audit
from services.access.people import email_key, person_name, require_person
from services.access.viewer import ADMINISTRATOR, CSM, Viewer, require_role


def add(  # noqa: PLR0913 - the fields of one form
    session: Session,
    name: str,
    email: str,
    role: str,
    manager_id: int | None = None,
    *,
    by: Viewer,
    now: datetime,
) -> int:
    """A new colleague; `services.access.links` gives them their way in. Admins only.

    BadInput for an address that somebody has, an unknown role or a manager who is none.
    """
    require_role(by, ADMINISTRATOR)
    person = Person(name=person_name(name), email=_free(session, email), role=CSM, created_at=now)
    session.add(person)
    session.flush()  # checks and the audit row need its id
    _place(session, person, role, manager_id)
    audit(session, by, "person.added", "person", person.id, person.role, now)
    return person.id


def change(  # noqa: PLR0913 - the fields of one form
    session: Session,
    person_id: int,
    name: str,
    email: str | None,
    role: str,
    manager_id: int | None,
    *,
    by: Viewer,
    now: datetime,
) -> None:
    """Set all of them. Admins only. Another role or team counts from the person's next click on.

    BadInput as `add`, and when nobody would be left to administer. A changed address takes the password with
    it: whoever reads the old mailbox must not get in by it.
    """
    require_role(by, ADMINISTRATOR)
    _hold_admins(session)
    person = require_person(session, person_id)
    before = _state(person)
    person.name = person_name(name)
    if (email or "").strip().lower() != (person.email or ""):
        person.email = _free(session, email) if email else None
        person.password_hash = None
        _turn_out(session, person, now)
    _place(session, person, role, manager_id)
    _require_an_admin(session)
    after = _state(person)
    changed = {
        field: [before[field], after[field]] for field in after if before[field] != after[field]
    }
    if changed:
        words = ", ".join(changed)
        changed.pop("e-mail", None)  # the log holds no addresses
        audit(session, by, "person.changed", "person", person.id, words, now, detail=changed)


def deactivate(session: Session, person_id: int, *, by: Viewer, now: datetime) -> None:
    """Out at once: every browser, link and token, every standing in. Customers and history stay with the name.
    Admins only; BadInput for oneself and for the last admin."""
    require_role(by, ADMINISTRATOR)
    _hold_admins(session)
    person = require_person(session, person_id)
    if person.id == by.person_id:
        raise BadInput("You cannot take away your own access. Ask another admin.")
    if not person.active:
        return
    person.active = False
    _require_an_admin(session)
    _turn_out(session, person, now)
    session.execute(
        update(Delegation)
        .where(Delegation.stand_in_id == person.id, Delegation.ends_at > now)
        .values(ends_at=now)
    )
    audit(session, by, "person.deactivated", "person", person.id, "", now)


def reactivate(session: Session, person_id: int, *, by: Viewer, now: datetime) -> None:
    """They may sign in again, with the password they had. Ended sessions and tokens stay ended."""
    require_role(by, ADMINISTRATOR)
    person = require_person(session, person_id)
    if not person.active:
        person.active = True
        audit(session, by, "person.reactivated", "person", person.id, "", now)


def sign_out_everywhere(
    session: Session,
    person_id: int | None = None,
    *,
    tokens: bool = False,
    by: Viewer,
    now: datetime,
) -> int:
    """End every browser's session of oneself, or, for an admin, of `person_id`; how many there were. Their API
    tokens go on, unless `tokens` says that they end too."""
    number = by.person_id if person_id is None else person_id
    if number != by.person_id:
        require_role(by, ADMINISTRATOR)
    ended = _end_sessions(session, number, now)
    revoked = _revoke_tokens(session, number, now) if tokens else 0
    said = f"{ended}, {revoked} tokens revoked" if revoked else str(ended)
    audit(session, by, "person.signed_out_everywhere", "person", number, said, now)
    return ended


def _place(session: Session, person: Person, role: str, manager_id: int | None) -> None:
    if role not in ROLES:
        raise BadInput(f"The role must be one of {', '.join(ROLES)}.")
    person.role = role
    if manager_id is not None:
        manager = require_person(session, manager_id)
        if manager.role == CSM or not manager.active or manager.id == person.id:
            raise BadInput("Choose a manager or an admin as whom they report to.")
        if manager.manager_id == person.id:
            raise BadInput(f"{manager.name} reports to {person.name}. Change that first.")
    person.manager_id = manager_id
    session.flush()


def _free(session: Session, email: str) -> str:
    key = email_key(email)
    if session.scalar(select(Person.id).where(Person.email == key)) is not None:
        raise BadInput("Somebody has this address already. Look for them in the list.")
    return key


def _hold_admins(session: Session) -> None:
    """Whoever may leave nobody to administer takes turns: two who take each other's access both still count
    the other. Nothing to do on SQLite, whose writers take turns anyway."""
    theirs = (Person.role == ADMINISTRATOR, Person.active.is_(True))
    session.execute(
        select(Person.id).where(*theirs).order_by(Person.id).with_for_update(key_share=True)
    )


def _require_an_admin(session: Session) -> None:
    session.flush()
    left = select(func.count()).where(Person.role == ADMINISTRATOR, Person.active.is_(True))
    if not session.scalar(left):
        raise BadInput("Nobody would be left to administer. Make somebody else an admin first.")


def _turn_out(session: Session, person: Person, now: datetime) -> None:
    _end_sessions(session, person.id, now)
    links.end(session, person.id, now)
    _revoke_tokens(session, person.id, now)


def _revoke_tokens(session: Session, person_id: int | None, now: datetime) -> int:
    done = session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount  # type: ignore[attr-defined, no-any-return]


def _end_sessions(session: Session, person_id: int | None, now: datetime) -> int:
    done = session.execute(
        update(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .values(ended_at=now)
    )
    return done.rowcount  # type: ignore[attr-defined, no-any-return]


def _state(person: Person) -> dict[str, str | int | None]:
    return {
        "name": person.name,
        "e-mail": person.email,
        "role": person.role,
        "manager_id": person.manager_id,
    }
