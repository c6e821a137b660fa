"""Signing in with e-mail and password; a browser's session is a random token of which we keep the hash."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from data.errors import SignInNeeded, TooMany
from data.settings import settings
from data.tables import Person, SignIn
from services.access.audit import audit
from services.access.passwords import password_fits
from services.access.viewer import Viewer, viewer_of

TRIES, WITHIN = 5, timedelta(minutes=1)
TRIES_OF_ALL = 30
"""For one e-mail address, wherever they come from: fewer, and anybody could keep its owner from signing in."""
_RENEW_AFTER = timedelta(days=1)
_BY_COMPANY = "company."
"""Begins the tokens of sessions that a company vouched for; the rest of a token has no dot."""


@dataclass(frozen=True)
class SignedIn:
    """Who a token stands for. `renew` is true once a day: then call `extend`."""

    viewer: Viewer
    renew: bool


class Tries:
    """Counts tries per e-mail address, known or not, and visitor, in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tries: dict[str, deque[datetime]] = {}
        self._forgot: datetime | None = None

    def count(self, email: str, now: datetime, visitor: str = "") -> None:
        """TooMany when this visitor tried five times within the last minute, or all of them thirty times."""
        with self._lock:
            self._forget(now)
            found = [
                self._tries.setdefault(key, deque(maxlen=most))
                for key, most in _counted(email, visitor).items()
            ]
            if any(len(tries) == tries.maxlen and now - tries[0] < WITHIN for tries in found):
                raise TooMany("Too many tries for this address. Wait a minute, then try again.")
            for tries in found:
                tries.append(now)

    def clear(self, email: str, visitor: str = "") -> None:
        with self._lock:
            for key in _counted(email, visitor):
                self._tries.pop(key, None)

    def _forget(self, now: datetime) -> None:
        """What is over, once a minute: in a flood, looking through all of them at each try would be the harm."""
        if self._forgot is None or abs(now - self._forgot) >= WITHIN:
            self._tries = {k: t for k, t in self._tries.items() if t and now - t[-1] < WITHIN}
            self._forgot = now


def _counted(email: str, visitor: str) -> dict[str, int]:
    """What a try counts for, and the most of each in a minute."""
    return {hashed(f"{visitor} {email}"): TRIES, hashed(email): TRIES_OF_ALL}


tries = Tries()


def sign_in(session: Session, email: str, password: str, now: datetime) -> str:
    """The new session's token. SignInNeeded when address or password is wrong, TooMany on haste."""
    return start_session(session, check_password(session, email, password, now), now)


def check_password(
    session: Session, email: str, password: str, now: datetime, *, visitor: str = ""
) -> int:
    """The id of the person who knows this password; errors as `sign_in`. `visitor`: where the try comes from.

    Takes a tenth of a second on purpose and writes nothing: give it a read-only session, or a flood of
    tries would keep others from writing.
    """
    key = email.strip().lower()
    tries.count(key, now, visitor)
    person = session.scalar(select(Person).where(Person.email == key, Person.active.is_(True)))
    fits = password_fits(password, person.password_hash if person else None)
    if person is None or not fits:
        raise SignInNeeded("E-mail address or password is wrong. Check both and try again.")
    tries.clear(key, visitor)
    return person.id


def start_session(
    session: Session, person_id: int, now: datetime, *, by_company: bool = False
) -> str:
    """Give out a token for somebody who has just proved who they are, or whose company said so."""
    token = (_BY_COMPANY if by_company else "") + secrets.token_urlsafe(32)
    session.add(
        SignIn(token_hash=hashed(token), person_id=person_id, created_at=now, expires_at=_end(now))
    )
    by = viewer_of(session, session.get_one(Person, person_id), now)
    audit(session, by, "person.signed_in", "person", person_id, "", now)
    return token


_SIGNED_IN = (
    select(SignIn.expires_at, Person)
    .join(Person, Person.id == SignIn.person_id)
    .where(
        SignIn.token_hash == bindparam("hash"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > bindparam("now"),
        Person.active.is_(True),
    )
)


def find_session(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who is signed in with this token; None when it is unknown, over or its person inactive.

    Whoever came by their company, or has no password, is vouched for by it, and is so anew when the session is
    over, however much it was used: the company may let them in no longer.
    """
    found = session.execute(_SIGNED_IN, {"hash": hashed(token), "now": now}).one_or_none()
    if found is None:
        return None
    expires_at, person = found
    lasting = person.password_hash is not None and not token.startswith(_BY_COMPANY)
    due = lasting and _end(now) - expires_at > _RENEW_AFTER
    return SignedIn(viewer_of(session, person, now), renew=due)


def viewer_of_token(session: Session, token: str, now: datetime) -> Viewer | None:
    found = find_session(session, token, now)
    return found.viewer if found else None


def extend(session: Session, token: str, now: datetime) -> None:
    """A session that is used goes on; `settings.session_days` count from its last use."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.token_hash == hashed(token), SignIn.ended_at.is_(None), SignIn.expires_at > now
        )
        .values(expires_at=_end(now))
    )


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End this session at once, in every tab. Harmless when it is over already."""
    mine = SignIn.token_hash == hashed(token), SignIn.ended_at.is_(None)
    person = session.scalar(select(Person).join(SignIn).where(*mine))
    session.execute(update(SignIn).where(*mine).values(ended_at=now))
    if person is not None:
        by = viewer_of(session, person, now)
        audit(session, by, "person.signed_out", "person", person.id, "", now)


def hashed(secret: str) -> str:
    """SHA-256 in hex: enough for random tokens, which nobody can guess offline."""
    return sha256(secret.encode()).hexdigest()


def _end(now: datetime) -> datetime:
    return now + timedelta(days=settings().session_days)
