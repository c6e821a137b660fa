"""A page on paper: what it says, without the menu and the buttons that stand around it on the screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from services.impact import METRICS
from tests.support.browser import settle
from tests.support.server import AppServer

pytestmark = pytest.mark.browser
WHITE, DARK = "rgb(255, 255, 255)", "rgb(27, 34, 44)"


def test_impact_is_printed_without_menu_and_buttons(owner_page: Page, app_server: AppServer):
    owner_page.goto(f"{app_server.url}/impact?impact.print=true")
    settle(owner_page)
    around = [
        owner_page.get_by_test_id("stSidebar"),
        owner_page.get_by_text("All on one page, to print"),
        owner_page.get_by_role("button", name="Download all as Excel"),
    ]
    for one in around:
        expect(one).to_be_visible()
    owner_page.emulate_media(media="print")
    for one in around:
        expect(one).to_be_hidden()
    for name in ("Impact", "Success", "Load and promises", "At risk"):
        expect(owner_page.get_by_role("heading", name=name, exact=True).first).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", owner_page.pdf(format="A4"))) < 6


def test_no_tile_is_cut_in_two_between_pages(owner_page: Page, app_server: AppServer):
    owner_page.goto(f"{app_server.url}/impact?impact.print=true")
    settle(owner_page)
    owner_page.emulate_media(media="print")
    tile = owner_page.locator("[data-testid=stLayoutWrapper]:has(> [class*=st-key-whole_])")
    expect(tile).to_have_count(len(METRICS))
    for one in tile.all():
        expect(one).to_have_css("break-inside", "avoid")
        expect(one).to_contain_text("n = ")


def test_a_dark_page_is_printed_with_dark_words_on_white(owner_page: Page, app_server: AppServer):
    owner_page.emulate_media(color_scheme="dark")
    owner_page.goto(f"{app_server.url}/impact")
    settle(owner_page)
    heading = owner_page.get_by_role("heading", name="Impact", exact=True)
    expect(heading).not_to_have_css("color", DARK)
    owner_page.emulate_media(media="print", color_scheme="dark")
    expect(heading).to_have_css("color", DARK)
    expect(owner_page.locator("body")).to_have_css("background-color", WHITE)
