"""Whether the settings can be used as they stand, and the database's file is whole."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from data import keyring
from data.errors import BadInput
from data.settings import Settings
from services.mailboxes import vault

OK, WARNING, PROBLEM = "ok", "warning", "problem"
LOOK_SECONDS = 60.0
"""For which the pages of a SQLite file are looked at."""
_LEAST_DIFFERENT = 12
"""Bytes of a key that differ: 32 random ones never have so few."""
_STEPS = 1_000
"""Of SQLite's own, between two looks at the watch."""
_OIDC = ("oidc_metadata_url", "oidc_client_id", "oidc_client_secret")
_DATABASES = ("sqlite", "postgresql")
NO_DATABASE = (
    "DATABASE_URL is no address of a database that can be used. Write it as "
    "postgresql+psycopg://user:password@host/name, or leave it out for SQLite."
)
_IN_MEMORY = (
    "DATABASE_URL names no file, so everything is gone when the app stops. Write it as "
    "sqlite:////folder/cscx.db, or leave it out for the file in CSCX_DATA_DIR."
)


@dataclass(frozen=True)
class Check:
    """`state` is ok, warning or problem; `said` what was found and what to do about it."""

    name: str
    state: str
    said: str


def of_settings(found: Settings) -> list[Check]:
    """What is wrong with them, each by the name of its variable; that all is well, where nothing is."""
    wrong = [
        Check("settings", PROBLEM, said)
        for look in (_secret_key, _base_url, _company_sign_in, _figures)
        for said in look(found)
    ]
    return wrong or [Check("settings", OK, found.base_url)]


def _secret_key(found: Settings) -> Iterator[str]:
    kept = found.data_dir / keyring.FILE
    if not found.secret_key.get_secret_value().strip() and not kept.exists():
        return  # the first start makes one
    try:
        keys = keyring.secret_keys()
    except (BadInput, OSError) as error:
        yield error.message if isinstance(error, BadInput) else f"{kept} cannot be read."
        return
    if any(len(set(key)) < _LEAST_DIFFERENT for key in keys):
        yield (
            "A key in CSCX_SECRET_KEY can be guessed. Put a random one before it, made by "
            "`python -c 'from data import keyring; print(keyring.new_key())'`, then run: "
            "python admin.py rotate-secrets"
        )


def _base_url(found: Settings) -> Iterator[str]:
    try:
        parts = urlsplit(found.base_url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable or " " in found.base_url.strip():
        yield (
            "CSCX_BASE_URL is no address of a site, so links in mails lead nowhere. "
            "Write it as https://engage.company.com."
        )


def _company_sign_in(found: Settings) -> Iterator[str]:
    given = {
        name: bool(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
        for name in _OIDC
        for value in (getattr(found, name),)
    }
    if given["oidc_metadata_url"] and not urlsplit(found.oidc_metadata_url).netloc:
        yield (
            "CSCX_OIDC_METADATA_URL is no address, so nobody can sign in by it. Write the whole address of the "
            "provider's discovery document, with https:// before it."
        )
    missing = [f"CSCX_{name.upper()}" for name, there in given.items() if not there]
    if missing and any(given.values()):
        yield (
            f"Signing in with the company's account also takes {' and '.join(missing)}. "
            "Set all three, or none."
        )


def _figures(found: Settings) -> Iterator[str]:
    try:
        ZoneInfo(found.default_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        yield "CSCX_DEFAULT_ZONE is no time zone. Write it as Europe/Berlin, or leave it out for UTC."
    if found.upload_max_mb < 1:
        yield "CSCX_UPLOAD_MAX_MB lets no file in. Write how many megabytes one may have, or leave it out for 512."


def of_database_address(found: Settings) -> list[Check]:
    try:
        parsed = make_url(found.url)
    except ArgumentError:
        return [Check("database", PROBLEM, NO_DATABASE)]
    if parsed.get_backend_name() not in _DATABASES:
        return [Check("database", PROBLEM, NO_DATABASE)]
    if parsed.get_backend_name() != "sqlite":
        return []
    if parsed.database in (None, "", ":memory:"):
        return [Check("database", PROBLEM, _IN_MEMORY)]
    folder = Path(parsed.database).absolute().parent
    said = open_to_others(folder) if folder.is_dir() else None
    if said is None or folder == found.data_dir.absolute():
        return []
    return [Check("database folder", WARNING, said)]


def open_to_others(folder: Path) -> str | None:
    """What to do where other accounts may look into it. A folder that is theirs, too, is not to be closed to them."""
    seen = folder.stat()
    if not seen.st_mode & 0o077:
        return None
    if seen.st_mode & stat.S_ISVTX or seen.st_uid != os.geteuid():
        return (
            f"{folder} is not this account's alone, and others may look into it. Make a folder inside that is "
            "closed to them (mkdir -m 700), move what is the app's there while it is stopped, and name it in "
            "CSCX_DATA_DIR or DATABASE_URL."
        )
    return f"Other accounts may look into {folder}. Run: chmod 700 {folder}"


def of_file(
    engine: Engine, *, seconds: float = LOOK_SECONDS, watch: Callable[[], float] = monotonic
) -> list[Check]:
    """The file of a SQLite database, page by page, for as long as `seconds`. It is only read."""
    file = Path(str(engine.url.database))
    if engine.dialect.name != "sqlite" or not file.is_file():
        return []
    over = watch() + seconds
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            raw.set_progress_handler(lambda: watch() > over, _STEPS)
            found = str(raw.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "interrupt" not in str(error):
            return [_damaged(str(error))]
        size = file.stat().st_size // 1_048_576
        said = (
            f"{size:,} MB are more than could be looked at in {seconds:.0f} seconds. Nothing wrong was found "
            "up to there; python admin.py backup looks at all of it."
        )
        return [Check("database file", WARNING, said)]
    except sqlite3.DatabaseError as error:
        return [_damaged(str(error))]
    return [Check("database file", OK, "whole")] if found == "ok" else [_damaged(found)]


def _damaged(found: str) -> Check:
    lines = " ".join(found.split())[:200]
    return Check(
        "database file",
        PROBLEM,
        f"It is damaged: {lines}. Stop the app, keep a copy of the file as it is, put the last backup in its place, "
        "and look at the disk.",
    )


def of_secrets(session: Session) -> list[Check]:
    """What is kept under a key that is in use no longer."""
    try:
        lost = vault.lost(session)
    except BadInput:
        return []  # said of the settings
    if not lost:
        return []
    said = (
        f"{lost:,} kept passwords or secrets cannot be opened with the keys in use. Put the former key back "
        "behind the new one in CSCX_SECRET_KEY, or enter them again under Mailboxes and Integrations."
    )
    return [Check("secrets", PROBLEM, said)]
