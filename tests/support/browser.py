"""Chromium for the browser tests, and how to know that Streamlit has finished drawing."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from data.db import make_engine, transaction
from services.access import signin
from services.clock import utc_now
from tests.support import chromium
from tests.support.server import AppServer, running_app

IDLE = (
    "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
)
MAIN = "[data-testid=stMain], [data-testid=stAppScrollToBottomContainer]"
"""What a page is drawn in; the second where it has a box to write in at the bottom."""
DRAWN = "() => !document.querySelector('[data-testid=stSkeleton]')"
WELCOME = re.compile(r"http://\S+/welcome\?key=\S+")
WIDTH, HEIGHT = 1280, 800
PATIENCE = 20_000
"""Milliseconds to wait for what a test expects: a busy machine is slow, not wrong."""


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    path = chromium.find()
    if path is None:
        if os.environ.get("ALLOW_NO_BROWSER") == "1":
            pytest.skip("no Chromium, and ALLOW_NO_BROWSER=1")
        pytest.fail(chromium.ADVICE, pytrace=False)
    # Root has no sandbox to go into; containers have a small /dev/shm.
    options = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=options)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    """The app on an empty SQLite database, shared by the tests of this process."""
    with running_app(tmp_path_factory.mktemp("app")) as app:
        yield app


@contextmanager
def signed_in(
    browser: Browser, app: AppServer, person: int, *, width: int = 1440
) -> Generator[BrowserContext]:
    """A browser in which this person of the app's SQLite database is signed in."""
    engine = make_engine(f"sqlite:///{app.folder / 'cscx.db'}")
    with transaction(engine) as session:
        token = signin.start_session(session, person, utc_now())
    engine.dispose()
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "cscx_session", "value": token, "url": app.url}])
    yield context
    context.close()


@pytest.fixture(scope="session")
def owner_cookies(browser: Browser, app_server: AppServer) -> StorageState:
    """What the owner's browser keeps after signing up by the link in the terminal."""
    context = browser.new_context()
    sign_up(context.new_page(), app_server)
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    """A page of a visitor who was never here before."""
    yield from _opened(browser)


@pytest.fixture
def owner_page(browser: Browser, owner_cookies: StorageState) -> Generator[Page]:
    """A page of the owner, who is signed in on `app_server`."""
    yield from _opened(browser, owner_cookies)


def _opened(browser: Browser, cookies: StorageState | None = None) -> Generator[Page]:
    context = browser.new_context(
        storage_state=cookies, viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
    )
    # Downloads go through the ordinary door, not the save-file dialog.
    context.add_init_script("delete window.showSaveFilePicker")
    yield context.new_page()
    context.close()


def sign_up(page: Page, app: AppServer) -> None:
    """Make the owner's account by the link that `app` printed; ends on the first screen, drawn."""
    link = WELCOME.search(app.output())
    assert link, f"no sign-up link in:\n{app.output()}"
    page.goto(link[0])
    page.get_by_label("Your name").fill("Ana Owner")
    page.get_by_label("E-mail").fill("ana@vendor.example")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Create account").click()
    settle(page)


def settle(page: Page, timeout: float = PATIENCE) -> None:
    """Wait until the script has run and everything it sent is drawn; `timeout` in milliseconds.

    The first pause covers the time after a click in which the old state still shows, the last one
    the moment between the end of the script and the last element.
    """
    page.wait_for_timeout(160)
    page.wait_for_selector(IDLE, state="attached", timeout=timeout)
    page.wait_for_function(DRAWN, timeout=timeout)
    page.wait_for_timeout(150)
