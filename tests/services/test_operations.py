from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, make_url, text

from data import keyring, pg_programs
from data.db import make_engine, transaction
from data.errors import AlreadyExists, AppError, NotFound
from data.settings import Settings, settings
from data.tables import AuditEntry
from services import jobs, operations, rehearsal, soundness, traces
from services.clock import utc_now
from services.mailboxes import vault
from services.outbox import pulse
from tests.services.customers.files import NOW, load
from tests.support.queued import mailbox


def test_backup_holds_what_was_committed(engine: Engine, tmp_path: Path):
    with transaction(engine) as session:
        load(session, {"name": "Acme"})
    target = tmp_path / "copy"
    if engine.dialect.name != "sqlite" and not dumps(engine):
        with pytest.raises(AppError, match="pg_dump"):
            operations.backup(engine, target)
        return
    made = operations.backup(engine, target)
    assert made.bytes == target.stat().st_size > 0
    assert target.stat().st_mode & 0o077 == 0, "other accounts may read it"
    if engine.dialect.name == "sqlite":
        with sqlite3.connect(target) as copy:
            assert copy.execute("SELECT name FROM customer").fetchall() == [("Acme",)]
        copy.close()
    found = rehearsal.rehearse(engine, target)
    assert (found.rows["customer"], found.revision) == (1, found.newest)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".backup")] == []


def dumps(engine: Engine) -> bool:
    """Whether there is a pg_dump that knows the server: an older one refuses."""
    program = shutil.which("pg_dump")
    if program is None:
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    with engine.connect() as connection:
        server = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    return int(said.split()[2].split(".")[0]) >= server // 10_000


def test_backup_never_overwrites(engine: Engine, tmp_path: Path):
    (tmp_path / "copy").write_text("precious")
    with pytest.raises(AlreadyExists):
        operations.backup(engine, tmp_path / "copy")
    with pytest.raises(NotFound):
        operations.backup(engine, tmp_path / "nowhere" / "copy")
    assert (tmp_path / "copy").read_text() == "precious"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no backup at all", "is no backup"),
        (b"SQLite format 3\x00" + b"x" * 4_000, "is damaged|holds no data"),
        (b"PGDMP" + b"x" * 400, "pg_restore|Postgres database"),
    ],
)
def test_rehearsal_says_what_is_wrong_with_a_backup(
    engine: Engine, data: bytes, words: str, tmp_path: Path
):
    (tmp_path / "copy").write_bytes(data)
    with pytest.raises(AppError, match=words):
        rehearsal.rehearse(engine, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data


def test_backup_is_made_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What is a mark in an address is a letter in a folder's name."""
    folder = tmp_path / "R&D #1 100%41?"
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("CSCX_DATA_DIR", str(folder))
    engine = make_engine(Settings().url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (number INTEGER)"))
    engine.dispose()
    assert (folder / "cscx.db").exists()
    operations.backup(engine, folder / "copy")
    with contextlib.closing(sqlite3.connect(folder / "copy")) as copy:
        assert copy.execute("SELECT name FROM sqlite_master").fetchall() == [("kept",)]


def test_postgres_programs_reach_the_database_as_the_app_does(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By whatever the operator set for libpq: here a service, and nothing but its database in the address."""
    if engine.dialect.name == "sqlite" or not dumps(engine):
        pytest.skip("no Postgres, or no program that knows it")
    at = address_of(engine.url)
    lines = [f"{name}={value}" for name, value in at.items() if name != "dbname"]
    (tmp_path / "services").write_text("\n".join(["[engage]", *lines]))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.setenv("PGSERVICE", "engage")
    bare = make_engine(f"postgresql+psycopg:///{engine.url.database}")
    with transaction(bare) as session:
        load(session, {"name": "Acme"})
    operations.backup(bare, tmp_path / "copy")
    assert rehearsal.rehearse(bare, tmp_path / "copy").rows["customer"] == 1
    bare.dispose()


def address_of(url: URL) -> dict[str, Any]:
    return dict(url.get_dialect()().create_connect_args(url)[1])


def test_postgres_programs_get_the_operators_environment_and_no_secret_in_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    spy = tmp_path / "pg_dump"
    spy.write_text(f'#!/bin/sh\nenv > "{tmp_path}/env"\necho "$@" > "{tmp_path}/arguments"\n')
    spy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    given = {"PGSSLROOTCERT": "/ca.pem", "PGPASSFILE": "/pass", "HOME": "/home/operator"}
    ours = {"CSCX_SECRET_KEY": "seal", "DATABASE_URL": "address"}
    for name, value in (given | ours | {"PGPASSWORD": "another"}).items():
        monkeypatch.setenv(name, value)
    address = "postgresql+psycopg://me:hush%40@one:5432/engage?sslmode=verify-full"
    pg_programs.run("pg_dump", make_url(address), "--format=custom")
    seen = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert (given | {"PGPASSWORD": "hush@"}).items() <= seen.items()
    assert not ours.keys() & seen.keys()
    arguments = (tmp_path / "arguments").read_text()
    assert "hush" not in arguments
    assert all(part in arguments for part in ("host=one", "dbname=engage", "sslmode=verify-full"))


def checks(
    engine: Engine, clock: Callable[[], datetime] = lambda: NOW
) -> dict[str, operations.Check]:
    return {check.name: check for check in operations.doctor(lambda: engine, clock)}


def test_doctor_sees_a_sound_installation(engine: Engine):
    found = checks(engine, utc_now)
    assert found["schema"].state == operations.OK
    assert found["clock"].state == operations.OK
    assert "0 customer" in found["contents"].said


def test_doctor_warns_of_the_sqlite_that_can_damage_a_database(engine: Engine):
    old = (
        engine.dialect.name == "sqlite" and sqlite3.sqlite_version_info < operations.WAL_SAFE_SINCE
    )
    assert checks(engine)["database"].state == (operations.WARNING if old else operations.OK)


def test_doctor_notices_a_clock_that_went_back(engine: Engine):
    with transaction(engine) as session:
        session.add(AuditEntry(at=NOW + timedelta(days=1), action="x", entity="y"))
    assert checks(engine)["clock"].state == operations.WARNING


@pytest.mark.parametrize(("hours", "said"), [(1, "seconds ahead of"), (-1, "seconds behind")])
def test_doctor_notices_a_clock_that_differs_from_the_one_of_postgres(
    engine: Engine, hours: int, said: str
):
    found = checks(engine, lambda: utc_now() + timedelta(hours=hours))["clock"]
    one_machine = engine.dialect.name == "sqlite"
    assert (found.state, said in found.said) == (
        ("ok", False) if one_machine else ("warning", True)
    )


def test_doctor_notices_work_that_waits_for_nobody(engine: Engine):
    assert (checks(engine)["jobs"].state, checks(engine)["worker"].state) == ("ok", "warning")
    with transaction(engine) as session:
        jobs.add(session, "x", "one", due_at=NOW - timedelta(hours=3), now=NOW)
        pulse.beat(session, now=NOW - timedelta(minutes=1))
    found = checks(engine)
    assert (found["jobs"].state, found["jobs"].said) == ("warning", "1 due, the oldest for 3 hours")
    assert found["worker"].state == operations.OK


def test_doctor_notices_an_old_schema(engine: Engine):
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert checks(engine)["schema"].state == operations.PROBLEM
    assert operations.as_dict(list(checks(engine).values()))["state"] == operations.PROBLEM


def test_doctor_reports_a_database_that_cannot_be_used(tmp_path: Path):
    (tmp_path / "broken.db").write_bytes(b"no database" * 500)
    found = checks(make_engine(f"sqlite:///{tmp_path / 'broken.db'}"))
    assert found["database"].state == operations.PROBLEM


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is no address of a database"),
        ({"DATABASE_URL": "oracel://host/x"}, "DATABASE_URL is no address of a database"),
        ({"DATABASE_URL": "mysql://me:hush@host/x"}, "DATABASE_URL is no address of a database"),
        ({"CSCX_DATA_DIR": "{folder}/missing"}, "missing yet"),
        ({"DATABASE_URL": "sqlite:////dev/null/x/y.db"}, "folder cannot be used"),
        ({"DATABASE_URL": "sqlite://"}, "names no file"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "names no file"),
    ],
)
def test_doctor_says_why_there_is_no_database(
    variables: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(folder=tmp_path))
    settings.cache_clear()
    try:
        found = operations.doctor(lambda: make_engine(settings().url), lambda: NOW)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    (check,) = (one for one in found if one.name == "database")
    assert (check.state, said in check.said) == ("problem", True)
    assert "admin.py doctor" not in check.said


def test_doctor_finds_damage_in_the_middle_of_a_file_and_tells_when_it_could_not_look_at_all_of_it(
    engine: Engine,
):
    if engine.dialect.name != "sqlite":
        pytest.skip("the files of a server are its own")
    assert checks(engine)["database file"].state == operations.OK
    ticking = iter(range(1_000_000))
    (hasty,) = soundness.of_file(engine, seconds=0, watch=lambda: float(next(ticking)))
    assert (hasty.state, "backup" in hasty.said) == ("warning", True)
    engine.dispose()
    path = Path(str(engine.url.database))
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + os.urandom(160_000) + whole[middle + 160_000 :])
    found = checks(engine)["database file"]
    assert (found.state, "last backup" in found.said) == ("problem", True)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CSCX_SECRET_KEY": "abc"}, "secret key"),
        ({"CSCX_SECRET_KEY": "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="}, "can be guessed"),
        ({"CSCX_BASE_URL": "foo"}, "CSCX_BASE_URL"),
        ({"CSCX_BASE_URL": "https://"}, "CSCX_BASE_URL"),
        ({"CSCX_BASE_URL": "http://one:port"}, "CSCX_BASE_URL"),
        ({"CSCX_BASE_URL": "https://engage company.com"}, "CSCX_BASE_URL"),
        ({"CSCX_DEFAULT_ZONE": "Mars/Phobos"}, "CSCX_DEFAULT_ZONE"),
        ({"CSCX_DEFAULT_ZONE": "../x"}, "CSCX_DEFAULT_ZONE"),
        ({"CSCX_UPLOAD_MAX_MB": "-5"}, "CSCX_UPLOAD_MAX_MB"),
        (
            {
                "CSCX_OIDC_METADATA_URL": "foo",
                "CSCX_OIDC_CLIENT_ID": "x",
                "CSCX_OIDC_CLIENT_SECRET": "y",
            },
            "CSCX_OIDC_METADATA_URL",
        ),
        ({"CSCX_OIDC_CLIENT_ID": "x"}, "CSCX_OIDC_METADATA_URL and CSCX_OIDC_CLIENT_SECRET"),
    ],
)
def test_doctor_finds_settings_that_cannot_be_used(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
):
    assert [one.state for one in soundness.of_settings(Settings(data_dir=Path("/nowhere")))] == [
        "ok"
    ]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        found = [one for one in operations.doctor(_none, utc_now) if one.name == "settings"]
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert [(one.state, said in one.said) for one in found] == [("problem", True)]
    assert not any(
        value in one.said for one in found for value in variables.values() if len(value) > 20
    )


def _none() -> Engine:
    raise OSError("no database here")


def test_doctor_looks_at_the_folder_of_a_database_that_lies_elsewhere(tmp_path: Path):
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    elsewhere = {"database_url": f"sqlite:///{folder}/cscx.db"}
    found = Settings(data_dir=tmp_path).model_copy(update=elsewhere)
    (check,) = soundness.of_database_address(found)
    assert (check.state, f"chmod 700 {folder}" in check.said) == ("warning", True)
    folder.chmod(0o700)
    assert soundness.of_database_address(found) == []


def test_doctor_never_advises_to_close_a_folder_that_is_others_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "shared"
    folder.mkdir()
    found = Settings(data_dir=tmp_path).model_copy(
        update={"database_url": f"sqlite:///{folder}/cscx.db"}
    )
    folder.chmod(0o1777)
    said = [*soundness.of_database_address(found), operations._data_folder(folder)]
    folder.chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: folder.stat().st_uid + 1)
    said += [*soundness.of_database_address(found), operations._data_folder(folder)]
    assert [(one.state, "chmod" in one.said, "mkdir -m 700" in one.said) for one in said] == [
        ("warning", False, True)
    ] * 4


def test_doctor_says_of_an_empty_file_that_the_app_fills_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "cscx.db").touch()
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    empty = make_engine(settings().url)
    try:
        found = checks(empty)
    finally:
        empty.dispose()
        monkeypatch.undo()
        settings.cache_clear()
    assert (found["schema"].state, "Start the app once" in found["schema"].said) == (
        "problem",
        True,
    )
    assert found["database"].state != "problem"


def test_doctor_finds_secrets_that_no_key_opens_and_what_was_not_removed(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    with transaction() as session:
        mailbox(session, "smtp", secret=vault.seal("hush"))
        traces.leave(session, [], now=NOW)
    found = checks(app_database, lambda: NOW + timedelta(minutes=30))
    assert not {"secrets", "erased"} & found.keys()
    monkeypatch.setenv("CSCX_SECRET_KEY", keyring.new_key())
    settings.cache_clear()
    found = checks(app_database, lambda: NOW + timedelta(hours=2))
    assert (found["secrets"].state, found["erased"].state) == ("problem", "problem")
    assert "1 kept password" in found["secrets"].said
