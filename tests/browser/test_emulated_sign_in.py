"""Signing in with a Google account, at a Google that others wrote."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect

from data.db import make_engine, migrate, transaction
from services.clock import utc_now
from tests.support.browser import settle
from tests.support.fakes.emulate import CLIENT, SECRET, running_emulate
from tests.support.portfolio import portfolio
from tests.support.server import AppServer, free_port, running_app

pytestmark = pytest.mark.browser
DANA, MORGAN, NOBODY = "dana@ours.example", "morgan@ours.example", "who@elsewhere.example"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    folder, port = tmp_path_factory.mktemp("emulated"), free_port()
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with transaction(engine) as session:
        portfolio(session, utc_now())
    engine.dispose()
    back = f"http://127.0.0.1:{port}/oauth2callback"
    with running_emulate(folder, (DANA, MORGAN, NOBODY), back) as google:
        settings = {
            "CSCX_OIDC_METADATA_URL": f"{google.url}/.well-known/openid-configuration",
            "CSCX_OIDC_CLIENT_ID": CLIENT,
            "CSCX_OIDC_CLIENT_SECRET": SECRET,
            "CSCX_OIDC_TOKEN_AUTH": "client_secret_post",
        }
        with running_app(folder, settings, port) as running:
            yield running


def sign_in(page: Page, app: AppServer, who: str) -> None:
    page.goto(f"{app.url}/customers")
    page.get_by_role("link", name="Sign in with your company account").click()
    page.locator("form", has_text=who).get_by_role("button").click()


def test_csm_sees_the_portfolio_and_the_manager_the_team(app: AppServer, browser: Browser):
    seen: dict[str, list[bool]] = {}
    for who in (DANA, MORGAN):
        page = browser.new_context().new_page()
        sign_in(page, app, who)
        settle(page)
        assert page.url == f"{app.url}/customers"
        for name in ("TechCorp", "DataPro"):
            page.goto(f"{app.url}/customers?customers.search={name}")
            settle(page)
            expect(page.get_by_role("heading", name="Customers")).to_be_visible()
            found = page.get_by_text("No customer fits").count() == 0
            seen.setdefault(who, []).append(found)
        page.context.close()
    assert seen == {DANA: [True, False], MORGAN: [True, True]}


def test_unknown_person_is_refused(app: AppServer, page: Page):
    sign_in(page, app, NOBODY)
    expect(page.get_by_text("is not on the list")).to_be_visible()
    page.goto(f"{app.url}/customers")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
