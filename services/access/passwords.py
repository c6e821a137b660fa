"""Password hashing with argon2, and what a password must be."""

from __future__ import annotations

from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from data.errors import BadInput

SHORTEST, LONGEST = 12, 512

_hasher = PasswordHasher()
# Each check takes 64 MB; a flood of sign-ins must not take the machine with it.
_turn = BoundedSemaphore(2)


def hash_password(password: str, *, email: str) -> str:
    """BadInput when the password is too short, too long or the address itself."""
    if len(password) < SHORTEST:
        raise BadInput(f"Choose a password of {SHORTEST} characters or more.")
    if len(password) > LONGEST:
        raise BadInput(f"Choose a password of {LONGEST} characters at most.")
    if password.strip().casefold() == email.casefold():
        raise BadInput("Choose a password other than your e-mail address.")
    with _turn:
        return _hasher.hash(password)


def password_fits(password: str, password_hash: str | None) -> bool:
    """Takes the same time when there is no hash, so that answers do not tell who has an account."""
    with _turn:
        try:
            fits = _hasher.verify(password_hash or _nobody(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("no account has this password")
