from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from components.navigation import SCREENS
from tests.support.browser import MAIN
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser

# The page scripts by their file names too: a folder that Streamlit took for its own would serve them.
ADDRESSES = ["/", "/_main", *(f"/{screen.key}?id=cus_1" for screen in SCREENS)]


def test_no_address_is_served_signed_out_from_the_first_request_on(page: Page, tmp_path: Path):
    with running_app(tmp_path) as app:
        for address in [*ADDRESSES[2:], *ADDRESSES]:
            page.goto(app.url + address)
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            assert page.locator(MAIN).count() == 0, address


def test_sign_up_link_works_once(owner_page: Page, page: Page, app_server: AppServer):
    key = app_server.output().split("/welcome?key=")[1].split()[0]
    page.goto(f"{app_server.url}/welcome?key={key}")
    expect(page.get_by_role("button", name="Create account")).to_have_count(0)


def test_health_answers_beside_the_dashboard(app_server: AppServer):
    answer = httpx.get(f"{app_server.url}/healthz")
    assert answer.status_code == 200
    assert "html" not in answer.headers["content-type"]
