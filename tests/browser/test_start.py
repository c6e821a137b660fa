from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page

from tests.support.browser import settle
from tests.support.server import AppServer

pytestmark = pytest.mark.browser


def test_app_draws_its_first_screen_without_an_error(page: Page, app_server: AppServer):
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(app_server.url)
    settle(page)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stMain]").inner_text().strip() != ""
    assert faults == []


def test_health_answers_beside_the_dashboard(app_server: AppServer):
    answer = httpx.get(f"{app_server.url}/healthz")
    assert answer.status_code == 200
