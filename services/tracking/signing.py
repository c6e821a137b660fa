"""Tokens in our mails: random, and signed, so that an invented one is refused without a look-up."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.tables import AppSetting
from data.types import EPOCH

KEYS = "tracking_keys"
Purpose = Literal["open", "click", "unsubscribe", "rsvp", "rating"]
_NAMES = "abcdefghijklmnopqrstuvwxyz"
_RANDOM, _MAC = 16, 8
"""Bytes: 128 bits that nobody guesses, and 64 of signature."""
LENGTH = 1 + 22 + 11
"""Characters of a token: the key's name, the random part, the signature."""


@dataclass(frozen=True)
class Signer:
    """Makes and checks tokens. A token is good for one purpose: that of a click does not unsubscribe."""

    current: str
    keys: dict[str, bytes]

    def token(self, purpose: Purpose) -> str:
        """A new one: 34 characters that are safe in an address and name nobody."""
        body = self.current + _text(secrets.token_bytes(_RANDOM))
        return body + self._mac(self.current, purpose, body)

    def accepts(self, purpose: Purpose, token: str) -> bool:
        """Whether we made this token for this. Any text may be asked about."""
        if len(token) != LENGTH or not token.isascii() or token[0] not in self.keys:
            return False
        body, mac = token[:-11], token[-11:]
        return hmac.compare_digest(self._mac(token[0], purpose, body), mac)

    def _mac(self, name: str, purpose: Purpose, body: str) -> str:
        mac = blake2b(body.encode(), digest_size=_MAC, key=self.keys[name], person=purpose.encode())
        return _text(mac.digest())


def signer(session: Session) -> Signer:
    """That of this installation; its first key is made here.

    The keys lie in the database, so that every server of an installation knows them: what they protect,
    the tokens, lies there too.
    """
    kept = session.get(AppSetting, KEYS)
    if kept is None:
        _make_first_key(session)
        kept = session.get_one(AppSetting, KEYS)
    return _read(kept.value)


def _make_first_key(session: Session) -> None:
    first = AppSetting(name=KEYS, value=_with_new_key(None), changed_at=EPOCH)
    try:
        with session.begin_nested():
            session.add(first)
    except IntegrityError:
        return  # another process was first: its key is as good


def known_signer(session: Session) -> Signer | None:
    """As `signer`, for those who only read; None while no mail was ever made."""
    kept = session.get(AppSetting, KEYS)
    return _read(kept.value) if kept else None


def rotate(session: Session, now: datetime) -> None:
    """New tokens are signed with a new key; those of mails that are out stay good."""
    signer(session)
    kept = session.get_one(AppSetting, KEYS, with_for_update=True)
    kept.value, kept.changed_at = _with_new_key(kept.value), now


def _with_new_key(before: dict[str, Any] | None) -> dict[str, Any]:
    keys = dict(before["keys"]) if before else {}
    # After 26 rotations the oldest key makes room.
    name = _NAMES[(_NAMES.index(before["current"]) + 1) % len(_NAMES)] if before else _NAMES[0]
    keys[name] = b64encode(secrets.token_bytes(32)).decode()
    return {"current": name, "keys": keys}


def _read(value: dict[str, Any]) -> Signer:
    return Signer(value["current"], {name: b64decode(key) for name, key in value["keys"].items()})


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
