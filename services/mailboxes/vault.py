"""Passwords and tokens at rest: sealed with the installation's keys, authenticated, and re-sealable."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import keyring
from data.errors import AppError
from data.tables import Mailbox


class Sealed(AppError):
    """A secret that none of the keys opens: the key was lost or changed."""


def seal(secret: str) -> bytes:
    return _ring().encrypt(secret.encode())


def unseal(sealed: bytes) -> str:
    """Raises Sealed."""
    try:
        return _ring().decrypt(sealed).decode()
    except InvalidToken:
        raise Sealed(
            "The stored password or connection cannot be opened with the secret key in use. "
            "Connect this mailbox again, or ask an admin to put the former key back."
        ) from None


def rotate(session: Session) -> int:
    """Seal every mailbox's secret with the first key; how many. Those that no key opens stay as they are.

    After it, older keys can be taken out of the setting.
    """
    done = 0
    for mailbox in session.scalars(select(Mailbox).where(Mailbox.secret.is_not(None))):
        if mailbox.secret is None:
            continue
        try:
            mailbox.secret = _ring().rotate(mailbox.secret)
        except InvalidToken:
            continue
        done += 1
    return done


def _ring() -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keyring.secret_keys()])
