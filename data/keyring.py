"""The installation's secret keys: from its settings, else from a file of its own."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

from data.errors import BadInput
from data.settings import settings

FILE = "secret.key"
_LENGTH = 32


def secret_keys() -> list[bytes]:
    """The keys in use, 32 bytes each, the first for new secrets and all for old ones.

    BadInput when the setting or the file holds something else.
    """
    given = settings().secret_key.get_secret_value()
    if given.strip():
        return _read(given.split(","), "CSCX_SECRET_KEY")
    path = settings().data_dir / FILE
    return _read(_kept(path).splitlines(), str(path))


def new_key() -> str:
    """A fresh key, as the setting and the file write it."""
    return urlsafe_b64encode(os.urandom(_LENGTH)).decode()


def renew() -> bool:
    """Put a new key first in the file; the old ones stay, to open what they sealed. False when the keys
    are in the settings, where only the operator can change them."""
    if settings().secret_key.get_secret_value().strip():
        return False
    path = settings().data_dir / FILE
    old = _kept(path)
    part = _written(path, f"{new_key()}\n{old}")
    part.replace(path)
    return True


def _kept(path: Path) -> str:
    """The file's text; the first to ask makes the file, and everybody reads what is in it then."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = _written(path, f"{new_key()}\n")
        try:
            os.link(part, path)
        except FileExistsError:
            pass  # another process was quicker; its key counts
        finally:
            part.unlink()
    return path.read_text(encoding="ascii", errors="replace")


def _written(path: Path, text: str) -> Path:
    """The text in a passing file beside `path`, on the disk and for its owner alone."""
    part = path.with_name(f".{FILE}-{os.urandom(8).hex()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return part


def _read(words: list[str], place: str) -> list[bytes]:
    found: list[bytes] = []
    for word in filter(None, (w.strip() for w in words)):
        try:
            key = urlsafe_b64decode(word)
        except ValueError:
            key = b""
        if len(key) != _LENGTH:
            raise BadInput(
                f"A secret key in {place} is not one. Each is 32 bytes in URL-safe base64, as "
                "`python -c 'from data import keyring; print(keyring.new_key())'` makes them."
            )
        found.append(key)
    if not found:
        raise BadInput(f"There is no secret key in {place}. Put back the one that was there.")
    return found
