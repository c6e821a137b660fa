"""Words typed into the app in a real browser: shown, but never obeyed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.services.rendering.test_preview import PAYLOADS
from tests.support.browser import settle
from tests.support.server import AppServer

pytestmark = pytest.mark.browser
MARK = "This is where the words end."


def test_hostile_words_run_nothing_fetch_nothing_and_stay_in_their_box(
    app_server: AppServer, owner_page: Page
):
    page = owner_page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{app_server.url}/templates?template=spine/test")
    settle(page)
    page.get_by_role("tab", name="Words").click()
    # Links and images that lead nowhere good are refused before they are drawn; these are drawn.
    typed = [p for p in PAYLOADS if "href" not in p and "src=" not in p and "action" not in p]
    link = '<a href="{{ mailboxes_url }}">Your mailboxes</a>'
    html = page.get_by_label("HTML", exact=True)
    html.fill(f"{''.join(typed)}<p>{link}</p><p>{MARK}</p>")
    html.press("Control+Enter")
    settle(page)
    preview = page.locator(".st-key-templates-tried")
    shown = preview.get_by_text(MARK)
    expect(shown).to_be_visible()
    box, words = preview.bounding_box(), shown.bounding_box()
    assert box
    assert words
    assert box["x"] <= words["x"]
    assert box["y"] <= words["y"]
    assert words["y"] + words["height"] <= box["y"] + box["height"]
    assert [url for url in fetched if "evil.example" in url] == []
    assert dialogs == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_of_the_page_is_wider_than_the_screen(
    app_server: AppServer, owner_page: Page, width: int
):
    owner_page.set_viewport_size({"width": width, "height": 844})
    owner_page.goto(f"{app_server.url}/templates?template=spine/digest")
    settle(owner_page)
    expect(owner_page.get_by_text("3 drafts and 1 task wait for you").first).to_be_visible()
    assert owner_page.evaluate("document.documentElement.scrollWidth") <= width
