"""The real app, started as a user starts it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from tests.support.leash import leashed

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass(frozen=True)
class AppServer:
    url: str
    folder: Path
    """Its data folder: the SQLite file and whatever else it writes."""
    log: Path

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running_app(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
    *,
    still_at: datetime | None = None,
) -> Generator[AppServer]:
    """Start app.py on a free port, or on `port`, with its data in `folder`; ready when /healthz answers.

    `settings` are environment variables, such as CSCX_DEMO or DATABASE_URL. Nothing of the
    developer's own settings gets in. With `still_at` its clock stands still at that moment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    app = AppServer(f"http://127.0.0.1:{port}", folder, folder / "app.log")
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("CSCX_", "STREAMLIT_", "DATABASE_"))
    }
    env = {
        **clean,
        "CSCX_DATA_DIR": str(folder),
        "CSCX_BASE_URL": app.url,
        "CSCX_WORKER": "off",  # a process more for each app; who tests it asks for it
        "PYTHONUNBUFFERED": "1",
        **(settings or {}),
    }
    where = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    streamlit = ["tests.support.still_clock", still_at.isoformat()] if still_at else ["streamlit"]
    command = [sys.executable, "-m", *streamlit, "run", "app.py", *where]
    app.log.touch()
    with leashed(command, log=app.log, env=env, cwd=ROOT):
        _wait(app)
        yield app


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(app: AppServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(f"{app.url}/healthz", timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        # A path that nobody serves gets the dashboard's page and a 200.
        if answer.status_code == 200 and "html" not in answer.headers["content-type"]:
            return
        time.sleep(0.1)
    raise RuntimeError(f"The app was not healthy after {START_SECONDS} s. It said:\n{app.output()}")
