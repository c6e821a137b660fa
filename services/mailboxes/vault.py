"""Passwords and tokens at rest: sealed with the installation's keys, authenticated, and re-sealable."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import keyring
from data.errors import AppError
from data.tables import Integration, Mailbox
from services.access import ADMINISTRATOR, Viewer, audit, require_role


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


@dataclass(frozen=True)
class Rotated:
    """How many secrets were sealed anew, and how many no key opens: those are connected or entered again.
    `new_key`: one was made; otherwise the first of the settings is the new one."""

    sealed: int
    lost: int
    new_key: bool


def rotate(session: Session, *, by: Viewer, now: datetime) -> Rotated:
    """Seal every mailbox's and every integration's secret with a new key. Admins only.

    Keys in the settings are the operator's: there, the first one seals, and the others can go after this.
    """
    require_role(by, ADMINISTRATOR)
    new_key = keyring.renew()
    ring, sealed, lost = _ring(), 0, 0
    for row, name in _kept(session):
        try:
            setattr(row, name, ring.rotate(getattr(row, name)))
            sealed += 1
        except InvalidToken:
            lost += 1
    for one in session.scalars(select(Integration).with_for_update()):
        again, gone = _reseal_more(one, ring)
        sealed, lost = sealed + again, lost + gone
    audit(session, by, "secrets.rotated", "mailbox", None, f"{sealed} sealed, {lost} lost", now)
    return Rotated(sealed, lost, new_key)


def lost(session: Session) -> int:
    """How many secrets none of the keys opens; nothing is changed. BadInput when a key is none."""
    held = [getattr(row, name) for row, name in _kept(session, for_update=False)]
    for one in session.scalars(select(Integration)):
        held += [kept["sealed"] for kept in one.options.get("more_secrets", [])]
    if not held:
        return 0  # and no key is made for nothing
    ring = _ring()
    return sum(not _opens(ring, sealed) for sealed in held)


def _opens(ring: MultiFernet, sealed: bytes | str) -> bool:
    try:
        ring.decrypt(sealed)
    except InvalidToken:
        return False
    return True


def _kept(
    session: Session, *, for_update: bool = True
) -> Iterator[tuple[Mailbox | Integration, str]]:
    """Every sealed secret: its row and the name of its column."""
    for mailbox in session.scalars(select(Mailbox).where(Mailbox.secret.is_not(None))):
        yield mailbox, "secret"
    sealed = select(Integration).where(Integration.secret.is_not(None))
    for one in session.scalars(sealed.with_for_update() if for_update else sealed):
        yield one, "secret"
        if one.former_secret is not None:
            yield one, "former_secret"


def _reseal_more(one: Integration, ring: MultiFernet) -> tuple[int, int]:
    """Seal anew the secrets beside its first (services.hooks.kept): how many were, how many no key opens."""
    held = one.options.get("more_secrets", [])
    made: list[dict[str, Any]] = []
    lost = 0
    for kept in held:
        try:
            made.append(kept | {"sealed": ring.rotate(kept["sealed"].encode()).decode()})
        except InvalidToken:
            made.append(kept)
            lost += 1
    if made:
        one.options = one.options | {"more_secrets": made}
    return len(made) - lost, lost


def _ring() -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keyring.secret_keys()])
