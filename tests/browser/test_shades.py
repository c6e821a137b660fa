"""What is chosen can be read in the dark, where the theme alone would write it too dimly."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import settle
from tests.support.server import AppServer

pytestmark = pytest.mark.browser
LINKS, BUTTONS = "rgb(138, 184, 236)", "rgb(31, 95, 168)"


@pytest.mark.parametrize(("mode", "colour"), [("dark", LINKS), ("light", BUTTONS)])
def test_what_is_chosen_keeps_its_contrast(
    owner_page: Page, app_server: AppServer, mode: str, colour: str
):
    owner_page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    owner_page.goto(f"{app_server.url}/impact")
    settle(owner_page)
    chosen = owner_page.get_by_test_id("stButtonGroup").locator("[data-selected] p").first
    expect(chosen).to_have_text("Success")
    expect(chosen).to_have_css("color", colour)
