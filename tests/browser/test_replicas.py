"""Two servers and two workers on Postgres behind a balancer: what somebody is doing goes on when one of each dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import URL, Engine, func, select

from data.db import make_engine, transaction
from data.keyring import new_key
from data.tables import Attendance, OutboxMail, Person
from services import outbox
from services.access import signin
from services.clock import utc_now
from services.outbox import policy
from tests.support import queued
from tests.support.balancer import Balancer, balanced
from tests.support.browser import settle
from tests.support.databases import created
from tests.support.portfolio import portfolio
from tests.support.postgres import postgres_server
from tests.support.server import ROOT, free_port

pytestmark = [pytest.mark.browser, pytest.mark.soak]
MAILS = 300
SAMPLE = ROOT / "tests/samples/zoom_webinar_attendee_2025.csv"
Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class House:
    servers: dict[int, Process]
    """By port."""
    workers: list[Process]
    balancer: Balancer
    engine: Engine
    mail: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.balancer.port}"


@contextmanager
def running(command: list[str], env: dict[str, str], log: Path) -> Generator[Process]:
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """Both servers start at the same time on an empty database, as a new installation would."""
    folder = tmp_path_factory.mktemp("replicas")
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        url: URL = stack.enter_context(created(server, "cscx_replicas"))
        balancer = stack.enter_context(balanced(ports))
        env = _settings(url, f"http://127.0.0.1:{balancer.port}", folder)
        run = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
        servers = {
            port: stack.enter_context(
                running([*run, "--server.port", str(port)], env, folder / f"{port}.log")
            )
            for port in ports
        }
        for port in ports:
            until(lambda port=port: _well(port), f"{port} is not well", 120)
        work = [sys.executable, "-m", "worker"]
        workers = [
            stack.enter_context(running(work, env, folder / f"worker-{n}.log")) for n in range(2)
        ]
        engine = make_engine(url.render_as_string(hide_password=False))
        stack.callback(engine.dispose)
        with transaction(engine) as session:
            portfolio(session, utc_now())
        yield House(servers, workers, balancer, engine, folder / "mail")


def _settings(url: URL, base: str, folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CSCX_", "STREAMLIT_"))}
    return {
        **kept,
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "CSCX_DATA_DIR": str(folder),
        "CSCX_BASE_URL": base,
        "CSCX_SECRET_KEY": new_key(),
        "CSCX_WORKER": "off",
        "STREAMLIT_SERVER_COOKIE_SECRET": "the same on both",
    }


def _well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).json()["status"] == "ok"
    except (httpx.HTTPError, ValueError):
        return False


def until(true: Callable[[], bool], words: str, seconds: float = 90) -> None:
    over = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < over, words
        time.sleep(0.2)


def test_journey_goes_on_when_the_server_it_was_on_dies(house: House, browser: Browser):
    with transaction(house.engine) as session:
        ada = session.scalars(select(Person.id).where(Person.role == "admin")).one()
        token = signin.start_session(session, ada, utc_now())
    context = browser.new_context()
    context.add_cookies([{"name": "cscx_session", "value": token, "url": house.url}])
    page = context.new_page()
    page.goto(f"{house.url}/upload")
    settle(page, 60_000)
    page.locator("input[type=file]").first.set_input_files(SAMPLE)
    expect(page.get_by_text("17 September 2026")).to_be_visible(timeout=60_000)
    assert "id=upl_" in page.url
    there, first = page.url, house.balancer.at
    house.servers[first].kill()
    page.goto(there)
    settle(page, 60_000)
    assert house.balancer.at != first
    expect(page.get_by_text("17 September 2026")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Import").click()
    until(lambda: _attendances(house) > 0, "nothing was imported")
    context.close()


def _attendances(house: House) -> int:
    with transaction(house.engine, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Attendance)) or 0


def test_mail_leaves_once_when_one_of_two_workers_dies(house: House):
    with transaction(house.engine) as session:
        admin = queued.colleague(session, "Olga", "admin")
        always = policy.SendPolicy(quiet_until=policy.SendPolicy.quiet_from, weekends=True)
        policy.save(session, always, by=admin, now=utc_now())
        box = queued.mailbox(
            session, per_minute=100_000, per_day=100_000, state="ready", kind="eml"
        )
        mails = [queued.approved(box, f"p{n}@acme.example", utc_now()) for n in range(MAILS)]
        outbox.enqueue_many(session, mails, now=utc_now())
    until(lambda: _sent(house) > 0, "nothing is being sent")
    house.workers[0].kill()
    until(lambda: _sent(house) == MAILS, "not all left", 180)
    files = [path for path in house.mail.rglob("*.eml") if path.is_file()]
    assert len(files) == MAILS


def _sent(house: House) -> int:
    with transaction(house.engine, read_only=True) as session:
        sent = select(func.count()).where(OutboxMail.state == "sent")
        return session.scalar(sent) or 0
