"""Trying an integration: each thing that can be wrong with it is told in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import Engine, update

from data.db import transaction
from data.errors import NotAllowed
from data.settings import settings
from data.tables import Integration, Person
from integrations.hooks.knocking import OURS
from services import hooks
from services.access import Viewer
from services.access.viewer import viewer_of
from tests.services.hooks.zoom_world import account, admin

pytestmark = pytest.mark.one_database
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@contextmanager
def answering(status: int, *header: str) -> Generator[str]:
    """The address of somebody who answers everything in this way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if header:
                self.send_header(*header)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Nothing: the tests' output is for the tests."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def tried(number: int, base: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CSCX_BASE_URL", base)
    settings.cache_clear()
    with transaction() as session:
        ada = admin(session, NOW)
    return " ".join(hooks.check(number, by=ada, now=NOW).wrong)


@pytest.mark.parametrize(
    ("status", "header", "words"),
    [
        (404, OURS, "this machine alone"),
        (502, (), "(502), but it is not this app"),
        (200, ("Server", "nginx"), "(200), but it is not this app"),
        (301, ("Location", "https://elsewhere.example/"), "sends callers on"),
    ],
)
def test_whoever_answers_at_the_address_is_told(
    app_database: Engine,
    status: int,
    header: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
):
    number = account(app_database, now=NOW).id
    with answering(status, *header) as base:
        assert words in tried(number, base, monkeypatch)


def test_name_and_port_where_nobody_is_are_told(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    number = account(app_database, now=NOW).id
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert "127.0.0.1 cannot be reached" in tried(number, base, monkeypatch)
    assert "cannot be found" in tried(number, "https://nowhere.invalid", monkeypatch)


def test_secret_that_does_not_open_and_refusals_and_being_off_are_told(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    number = account(app_database, now=NOW).id
    with transaction() as session:
        known = hooks.Known(number, "zoom", ())
        assert hooks.worth_noting(known, now=NOW)
        hooks.note_refusal(session, known, now=NOW)
    with transaction() as session:
        ada = admin(session, NOW)
        assert [row.refused_at for row in hooks.listing(session, ada)] == [NOW]
    with answering(404, *OURS) as base:
        assert "signature does not fit" in tried(number, base, monkeypatch)
        with transaction() as session:
            later = {"heard_at": NOW + timedelta(minutes=1), "secret": b"of another key"}
            session.execute(update(Integration).values(state="off", **later))
        said = tried(number, base, monkeypatch)
    assert "signature does not fit" not in said
    assert "cannot be opened" in said
    assert "switched off" in said


def test_only_admins_try(app_database: Engine):
    number = account(app_database, now=NOW).id
    with transaction() as session:
        ana = Person(name="Ana", role="csm", created_at=NOW)
        session.add(ana)
        session.flush()
        by: Viewer = viewer_of(session, ana, NOW)
    with pytest.raises(NotAllowed):
        hooks.check(number, by=by, now=NOW)
