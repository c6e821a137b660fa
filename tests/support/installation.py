"""The app with a company in it: windows of colleagues who are signed in, and the mail that has left."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from data.db import make_engine, migrate
from services.clock import utc_now
from tests.support.browser import settle
from tests.support.company import session_of
from tests.support.server import AppServer, running_app

WORKER = {"CSCX_WORKER": "child"}
PATIENCE = 60
"""Seconds."""
WINDOW: Mapping[str, Any] = {
    "viewport": {"width": 1280, "height": 1000},
    "reduced_motion": "reduce",
}


@dataclass(frozen=True)
class Installation:
    app: AppServer
    engine: Engine
    browser: Browser
    still_at: datetime | None = None

    def page(self, name: str, address: str = "", **window: Any) -> Page:
        """A window of a colleague who is signed in, drawn; `window` differs from WINDOW."""
        context = self.browser.new_context(**{**WINDOW, **window})
        token = session_of(self.engine, name, self.still_at or utc_now())
        context.add_cookies([{"name": "cscx_session", "value": token, "url": self.app.url}])
        page = context.new_page()
        page.goto(f"{self.app.url}/{address}")
        settle(page, PATIENCE * 1000)
        return page

    def mails(self) -> list[EmailMessage]:
        """What has left for customers, newest last; digests, which leave from seven on, are no o*.eml."""
        files = sorted(self.app.folder.rglob("o*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def wait_for_mails(self, count: int) -> list[EmailMessage]:
        deadline = time.monotonic() + PATIENCE
        while len(self.mails()) < count and time.monotonic() < deadline:
            time.sleep(0.2)
        return self.mails()


@contextmanager
def installed(
    folder: Path,
    browser: Browser,
    fill: Callable[[Engine], object],
    settings: Mapping[str, str] | None = None,
    still_at: datetime | None = None,
) -> Generator[Installation]:
    """The app on a SQLite database of its own that `fill` has filled."""
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    fill(engine)
    with running_app(folder, settings, still_at=still_at) as app:
        yield Installation(app, engine, browser, still_at)
    engine.dispose()


def text_of(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return plain.get_content()
