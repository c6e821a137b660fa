"""What operators need: a backup that can be trusted, and a check of the installation."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import adbc_driver_manager
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from data import pg_programs
from data.db import MIGRATIONS, transaction
from data.errors import AlreadyExists, AppError, NotFound
from data.settings import settings, version
from data.tables import (
    Attendance,
    AuditEntry,
    Customer,
    Event,
    Participant,
    Person,
    Stakeholder,
    Upload,
)
from services import soundness, traces
from services.outbox import health
from services.soundness import OK, PROBLEM, WARNING, Check

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, adbc_driver_manager.Error)
"""Whatever the drivers raise, by way of SQLAlchemy or without it."""
WAL_SAFE_SINCE = (3, 51, 3)
LEAST_FREE_MB = 1_024
NONE = timedelta(0)
CLOCKS_DIFFER = timedelta(seconds=5)
"""Of two machines, one as much ahead and one behind, neither takes what the other has on the wire: a worker
keeps 15 seconds of its lease free."""
TRACES_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Backup:
    path: str
    bytes: int
    database: str


def backup(engine: Engine, target: Path) -> Backup:
    """A copy of the database as of one moment, while others go on writing; whole or not there at all.

    SQLite: a database file, checked before it gets its name. Postgres: a pg_dump archive, for
    pg_restore. AlreadyExists, NotFound (folder or pg_dump) or AppError when it cannot be made.
    """
    target = target.absolute()
    if target.exists():
        raise AlreadyExists(f"{target.name} is there already. Give the backup another name.")
    if not target.parent.is_dir():
        raise NotFound(f"There is no folder {target.parent}. Make it first.")
    make = _copy_sqlite if engine.dialect.name == "sqlite" else _dump_postgres
    with _beside(target) as part:
        make(engine.url, part)
        part.chmod(0o600)  # it holds all that the app knows, and may go where others have accounts
        _to_disk(part)
        part.replace(target)
        _to_disk(target.parent)
    return Backup(str(target), target.stat().st_size, engine.dialect.name)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A name in a private folder on the same disk, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        yield Path(folder) / target.name


def _copy_sqlite(url: URL, part: Path) -> None:
    there = f"{Path(str(url.database)).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(there, uri=True, timeout=60)) as source:
        source.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite3.connect(part)) as copy:
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise AppError(f"The copy is damaged, so it was not kept: {found}. Check the disk.")


def _dump_postgres(url: URL, part: Path) -> None:
    pg_programs.run("pg_dump", url, "--format=custom", f"--file={part}")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def doctor(database: Callable[[], Engine], clock: Callable[[], datetime]) -> list[Check]:
    """Everything that is worth a look before trusting an installation; `database` may fail.

    `clock` is this machine's, which is held against that of the database's server.
    """
    checks = [
        Check("version", OK, f"CSCX Engage {version()}, Python {sys.version.split()[0]}"),
        _data_folder(settings().data_dir),
        _free_space(settings().data_dir),
    ]
    found = settings()
    checks += soundness.of_settings(found)
    at_fault = soundness.of_database_address(found)
    checks += at_fault
    if any(check.state == PROBLEM for check in at_fault):
        return checks
    new = not found.database_url and not (found.data_dir / "cscx.db").exists()
    try:
        engine = database()
        checks += soundness.of_file(engine)
        schema = _migrations(engine)
        if schema.state == OK:
            checks += [_database(engine), schema, *_contents(engine, clock)]
        else:  # what another schema holds cannot be counted
            checks += [_not_yet() if new else _database(engine), schema]
    except Exception as error:  # noqa: BLE001 - a doctor reports what stops everybody else
        absent = new and not isinstance(error, OSError)
        checks.append(_not_yet() if absent else Check("database", PROBLEM, _diagnosis(error)))
    return checks


def _diagnosis(error: Exception) -> str:
    """Without the address of the database: it may hold a password."""
    if isinstance(error, ArgumentError | NoSuchModuleError | ModuleNotFoundError):
        return soundness.NO_DATABASE
    if isinstance(error, OSError):
        return f"Its folder cannot be used: {error.strerror}. Check the path and who owns it."
    cause = getattr(error, "orig", None) or error
    way = "its server runs and DATABASE_URL fits"
    if make_url(settings().url).get_backend_name() == "sqlite":
        way = "this account may read and write the file, and that it is this app's"
    return f"It cannot be used: {type(cause).__name__}. See that {way}."


def _not_yet() -> Check:
    said = f"There is none in {settings().data_dir} yet. Start the app once, or set CSCX_DATA_DIR to its folder."
    return Check("database", PROBLEM, said)


def as_dict(checks: list[Check]) -> dict[str, Any]:
    worst = next((s for s in (PROBLEM, WARNING) if any(c.state == s for c in checks)), OK)
    return {"state": worst, "checks": [asdict(check) for check in checks]}


def _data_folder(folder: Path) -> Check:
    if not folder.is_dir():
        return Check(
            "data folder", WARNING, f"{folder} is not there yet; the first start makes it."
        )
    if not os.access(folder, os.W_OK):
        return Check("data folder", PROBLEM, f"{folder} cannot be written to by this account.")
    if said := soundness.open_to_others(folder):
        return Check("data folder", WARNING, said)
    return Check("data folder", OK, str(folder))


def _free_space(folder: Path) -> Check:
    here = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(here).free // 1_048_576
    state = OK if free >= LEAST_FREE_MB else WARNING
    return Check("disk", state, f"{free:,} MB free")


def _database(engine: Engine) -> Check:
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            found = connection.exec_driver_sql("SHOW server_version").scalar_one()
            return Check("database", OK, f"PostgreSQL {found}")
    if sqlite3.sqlite_version_info < WAL_SAFE_SINCE:
        return Check(
            "database",
            WARNING,
            f"SQLite {sqlite3.sqlite_version}: before 3.51.3 a database in WAL mode can be damaged when two "
            "connections write and checkpoint at the same instant. It is rare; make backups, update "
            "SQLite, or use Postgres.",
        )
    return Check("database", OK, f"SQLite {sqlite3.sqlite_version}")


def _migrations(engine: Engine) -> Check:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return Check("schema", OK, f"{current}, the newest")
    found = current or "empty"
    return Check("schema", PROBLEM, f"{found}, the newest is {head}. Start the app once to update.")


def _contents(engine: Engine, clock: Callable[[], datetime]) -> list[Check]:
    now = clock()
    tables = {
        Customer: ("customer", "customers"),
        Stakeholder: ("stakeholder", "stakeholders"),
        Event: ("event", "events"),
        Participant: ("participant", "participants"),
        Attendance: ("attendance", "attendances"),
        Upload: ("upload", "uploads"),
        Person: ("colleague", "colleagues"),
    }
    with transaction(engine, read_only=True) as session:
        counted = [
            _count(session.scalar(select(func.count()).select_from(table)) or 0, *words)
            for table, words in tables.items()
        ]
        last = session.scalar(select(func.max(AuditEntry.at)))
        queues = [
            Check(one.name, OK if one.well else WARNING, one.said)
            for one in health.seen(session, now)
        ]
        queues += [*soundness.of_secrets(session), *_traces(session, now)]
    contents = Check("contents", OK, ", ".join(counted))
    return [contents, _clock(now, last, _ahead_of_server(engine, clock)), *queues]


def _traces(session: Session, now: datetime) -> list[Check]:
    since = traces.waiting_since(session)
    if since is None or now - since < TRACES_LATE:
        return []
    said = " ".join(traces.to_come(session)[:-1])
    return [
        Check(
            "erased",
            PROBLEM,
            f"{said} It was asked for on {since:%Y-%m-%d %H:%M} UTC. See that a worker runs, that there is as much "
            "room on the disk as the database takes, and the log for what stands in the way.",
        )
    ]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _clock(now: datetime, last: datetime | None, ahead: timedelta) -> Check:
    said = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if abs(ahead) > CLOCKS_DIFFER:
        by = f"{abs(ahead).total_seconds():,.0f} seconds {'ahead of' if ahead > NONE else 'behind'}"
        return Check(
            "clock",
            WARNING,
            f"{said}, {by} the clock of Postgres. Servers and workers whose clocks differ take each other's "
            "work for left behind. Let both machines keep time by NTP.",
        )
    if last is not None and last > now:
        return Check(
            "clock", WARNING, f"{said}, but something was recorded at {last:%Y-%m-%d %H:%M}."
        )
    return Check("clock", OK, said)


def _ahead_of_server(engine: Engine, clock: Callable[[], datetime]) -> timedelta:
    """How far `clock` is ahead of Postgres' own, at least: the answer was given sometime while it was awaited."""
    if engine.dialect.name == "sqlite":
        return NONE  # there is one machine only
    with engine.connect() as connection:
        asked = clock()
        server = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        answered = clock()
    return max(asked - server, NONE) + min(answered - server, NONE)


def database_said(error: Exception) -> str:
    """For people: why the database refused, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    reason = next(iter(str(cause).strip().splitlines()), "")
    if "locked" in reason:
        return "The database is locked: another program is writing. Wait a moment and try again."
    if type(cause).__name__ != "OperationalError":
        reason = type(cause).__name__  # the driver's words may hold a value
    return f"The database cannot be used: {reason}. Check it with: python admin.py doctor"
