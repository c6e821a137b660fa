"""Postgres' own programs, pg_dump and pg_restore, reaching the database as the app does."""

from __future__ import annotations

import shutil
import subprocess

from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from data.errors import AppError, NotFound
from data.settings import environment_of_others


def run(name: str, url: URL, *arguments: str) -> None:
    """NotFound when it is not installed, AppError with what it said when it failed.

    What the address leaves open (a certificate, a password file, a service) comes from the environment, as
    for the app. The password goes there too: others on the machine may read a program's arguments.
    """
    program = shutil.which(name)
    if program is None:
        raise NotFound(
            f"{name} is not installed here. Install the PostgreSQL client of the server's version, "
            "or run this on the database server."
        )
    _, parts = url.get_dialect()().create_connect_args(url)
    password = parts.pop("password", None)
    done = subprocess.run(  # noqa: S603 - the program found on the path, no shell
        [program, f"--dbname={make_conninfo(**parts)}", *arguments],
        env=environment_of_others() | ({"PGPASSWORD": password} if password else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()
        raise AppError(f"{name} failed: {reason[-1] if reason else 'it gave no reason'}")
