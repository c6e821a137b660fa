"""A person connects their Gmail with a real browser: out to Google, back, and the page says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import settle, sign_up
from tests.support.fakes.gmail import running_gmail
from tests.support.server import running_app

pytestmark = pytest.mark.browser


def test_gmail_is_connected_in_the_same_tab_and_works_on_a_phone(page: Page, tmp_path: Path):
    with running_gmail(scopes="") as google, running_app(tmp_path, google.environment()) as app:
        sign_up(page, app)
        page.goto(f"{app.url}/mailboxes")
        settle(page)
        page.get_by_role("link", name="Connect my Gmail", exact=True).click()
        settle(page)

        expect(page.get_by_text("Connected: your mails now leave")).to_be_visible()
        assert "google=" not in page.url
        assert len(page.context.pages) == 1

        page.get_by_role("button", name="Check").click()
        settle(page)
        expect(page.get_by_text("It works: mail can leave from here.")).to_be_visible()
        assert google.calls["identity"] == 2

        page.set_viewport_size({"width": 390, "height": 844})
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        secrets = ["a client's secret", "refresh-", "at.refresh", "code-"]
        assert [secret for secret in secrets if secret in app.output()] == []
