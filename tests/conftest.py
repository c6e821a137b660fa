"""Fixtures for all tests. Each test that asks for a database runs on SQLite and on Postgres.

Tests of screens and of the API that look at what is shown, over services whose own tests run on both, are
marked `one_database`: half of them run on the one, half on the other, by their names. `--db` runs all.

Uploaded files are read by the child's code, in the process of the test: see `files_read_here`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import hypothesis
import pytest
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

import data.db
from data.settings import settings
from integrations import sandbox
from integrations.sandbox import child
from tests.support import databases
from tests.support.folders import roomy_and_fast
from tests.support.postgres import postgres_server

# How long an example takes says more about the machine than about the code. The ordinary run tries the
# same examples each time, so that it judges the change and not the day; HYPOTHESIS_PROFILE=explore
# (`make explore`) looks for new ones.
hypothesis.settings.register_profile("repeatable", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# pytest's own folder for what tests write; read when the first test asks for one.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", roomy_and_fast() or "")

pytest_plugins = ["tests.support.browser"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=databases.DIALECTS,
        help="run the database tests on this one only (both without it)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        on = [chosen] if chosen else databases.DIALECTS
        if not chosen and metafunc.definition.get_closest_marker("one_database"):
            on = [on[crc32(metafunc.function.__name__.encode()) % len(on)]]
        metafunc.parametrize("dialect", on, scope="session")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return databases.sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_template() -> Generator[URL]:
    with postgres_server() as server, databases.postgres_template(server) as template:
        yield template


@pytest.fixture
def engine(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """An engine on an empty, migrated database of the test's own."""
    template = request.getfixturevalue(f"{dialect}_template")
    fresh = (
        databases.sqlite_database(template, tmp_path)
        if dialect == "sqlite"
        else databases.postgres_database(template)
    )
    with fresh as made:
        yield made


@pytest.fixture
def session(engine: Engine) -> Generator[Session]:
    """An open transaction on `engine`, committed after the test as an edge would."""
    with data.db.transaction(engine) as opened:
        yield opened


@pytest.fixture
def app_database(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Engine]:
    """`engine` as the application's own: what `transaction()` and the settings lead to."""
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    data.db.engine.cache_clear()
    try:
        yield databases.experienced(data.db.engine())
    finally:
        data.db.engine().dispose()
        data.db.engine.cache_clear()
        settings.cache_clear()


@pytest.fixture(autouse=True)
def files_read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting a process takes many times as long as reading a test's file. What is about the process itself
    is marked `child`, and has one. The limits are set in that only, so that those of the tests stay as they are."""
    if request.node.get_closest_marker("child") is None:
        monkeypatch.setattr(sandbox, "_run", _work_here)


def _work_here(task: dict[str, object], **_limits: object) -> None:
    """What does not survive the way to a process would not arrive here either."""
    child.work(json.loads(json.dumps(task)))


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen unless they say otherwise."""
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
