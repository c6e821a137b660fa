"""Nobody gets past the sign-in, in a real browser against the real app."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Generator
from http.client import HTTPConnection
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from components.navigation import SCREENS, Screen
from tests.support.browser import MAIN, settle
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
EMAIL, PASSWORD = "olga@example.com", "six unrelated words"
THERE = [screen for screen in SCREENS if screen.file.exists()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    """An installation of this module's own: its owner signs up in the first test that needs one."""
    with running_app(tmp_path_factory.mktemp("access")) as app:
        yield app


def _link(server: AppServer) -> str:
    found = re.search(r"Open (\S+/welcome\?key=\S+)", server.output())
    assert found, server.output()
    return found.group(1)


@pytest.fixture(scope="module")
def owner_state(server: AppServer, browser: Browser) -> dict:
    """The browser state of the owner, signed up by the link in the terminal."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(_link(server))
    page.get_by_label("Your name").fill("Olga")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("heading", name="Today", exact=True).wait_for()
    state = context.storage_state()
    context.close()
    return state  # type: ignore[return-value]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    """Nobody ever signs in there, so Streamlit has run nothing and each request finds what the first one found."""
    with running_app(tmp_path_factory.mktemp("untouched")) as app:
        yield app


@pytest.mark.parametrize("screen", THERE, ids=lambda screen: screen.key)
def test_before_anybody_came_in_a_screen_leads_to_sign_in(
    untouched: AppServer, page: Page, screen: Screen
):
    page.goto(f"{untouched.url}/{screen.key}?id=cus_42")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    there = quote(f"/{screen.key}?id=cus_42", safe="")
    assert page.url == f"{untouched.url}/signin?next={there}"
    expect(page.get_by_test_id("stApp")).to_have_count(0)
    assert _handshake(untouched) == 403


def test_every_screen_asks_to_sign_in(server: AppServer, owner_state: dict, page: Page):
    for screen in SCREENS:
        page.goto(f"{server.url}/{screen.key}")
        expect(page.get_by_label("Password")).to_be_visible()
        expect(page.get_by_test_id("stApp")).to_have_count(0)


def test_stream_without_a_session_is_refused(server: AppServer, owner_state: dict):
    assert _handshake(server) == 403
    assert _handshake(server, "cscx_session=guess") == 403
    token = next(c["value"] for c in owner_state["cookies"] if c["name"] == "cscx_session")
    assert _handshake(server, f"cscx_session={token}") == 101


def test_upload_and_media_are_refused(server: AppServer, owner_state: dict):
    base = server.url
    assert httpx.put(f"{base}/_stcore/upload_file/a/b", files={"f": b"x"}).status_code == 401
    assert httpx.get(f"{base}/media/{'0' * 56}.csv").status_code == 401
    assert httpx.get(f"{base}/_stcore/metrics").status_code == 401


def test_deep_link_is_kept_over_sign_in(server: AppServer, owner_state: dict, page: Page):
    page.goto(f"{server.url}/settings?id=cus_42")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Settings").wait_for()
    assert page.url == f"{server.url}/settings?id=cus_42"


def test_sign_out_ends_every_tab(server: AppServer, owner_state: dict, browser: Browser):
    context = browser.new_context()
    first = context.new_page()
    first.goto(f"{server.url}/signin")
    first.get_by_label("E-mail").fill(EMAIL)
    first.get_by_label("Password").fill(PASSWORD)
    first.get_by_role("button", name="Sign in").click()
    first.get_by_role("heading", name="Today", exact=True).wait_for()
    settle(first)
    second = context.new_page()
    second.goto(server.url)
    second.get_by_role("link", name="Sign out").click()
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_label("Password")).to_be_visible()
    first.get_by_role("link", name="Settings").click()
    expect(first.get_by_text("You are signed out")).to_be_visible()
    expect(first.get_by_role("heading", name="Settings")).to_have_count(0)
    first.get_by_test_id("stMain").get_by_role("link", name="Sign in").click()
    expect(first.get_by_label("Password")).to_be_visible()
    assert first.url == f"{server.url}/signin?next=%2Fsettings"
    context.close()


def test_used_link_says_so(server: AppServer, owner_state: dict, page: Page):
    answer = page.goto(_link(server))
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("has been used")).to_be_visible()


def test_every_screen_is_drawn_asks_no_other_host_and_keeps_the_policy(
    server: AppServer, owner_state: dict, browser: Browser
):
    context = browser.new_context(storage_state=owner_state)  # type: ignore[arg-type]
    page = context.new_page()
    foreign: list[str] = []
    broken: list[str] = []
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on(
        "request",
        lambda r: (
            foreign.append(r.url)
            if r.url.startswith("http") and not r.url.startswith(server.url)
            else None
        ),
    )
    page.on(
        "console", lambda m: broken.append(m.text) if "Content Security Policy" in m.text else None
    )
    for screen in THERE:
        page.goto(f"{server.url}/{screen.key}" if screen.key != "today" else server.url)
        settle(page)
        assert page.locator("[data-testid=stException]").count() == 0, screen.key
        assert page.locator(MAIN).inner_text().strip(), screen.key
    for address in ("/api/docs", "/signout"):
        page.goto(f"{server.url}{address}")
    assert foreign == []
    assert broken == []
    assert faults == []
    context.close()


def _handshake(app: AppServer, cookie: str | None = None) -> int:
    """The status of opening the dashboard's WebSocket; 101 is open."""
    connection = HTTPConnection(app.url.removeprefix("http://"), timeout=20)
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": b64encode(bytes(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Origin": app.url,
        **({"Cookie": cookie} if cookie else {}),
    }
    try:
        connection.request("GET", "/_stcore/stream", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
