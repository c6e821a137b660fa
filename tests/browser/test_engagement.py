"""The leaderboard as a person uses it: look, click, read why, close, click again."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from sqlalchemy import update

from data.db import make_engine, migrate, transaction
from data.tables import Customer
from services.clock import utc_now
from services.scoring.board import recompute
from tests.services.scoring.recorded import ADMIN, busy_world, record
from tests.support.browser import settle, signed_in
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
RIGHT_TO_LEFT = "الشركة المتحدة للاتصالات والمعلومات والخدمات التقنية المتقدمة"
HARMLESS = ("_stcore", "404", "getRowId")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    folder = tmp_path_factory.mktemp("engagement")
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with transaction(engine) as session:
        record(session, busy_world(utc_now().date()))
        session.execute(update(Customer).where(Customer.id == 30).values(name=RIGHT_TO_LEFT))
    with transaction(engine) as session:
        recompute(session, now=utc_now())
    engine.dispose()
    with running_app(folder) as app:
        yield app


@pytest.fixture
def context(server: AppServer, browser: Browser) -> Generator[BrowserContext]:
    """The admin's browser."""
    with signed_in(browser, server, ADMIN) as context:
        yield context


def grid(page: Page) -> FrameLocator:
    frame = page.frame_locator("iframe[title*=agGrid]")
    frame.get_by_text("Customer 0").first.wait_for()
    return frame


def test_a_click_on_a_row_opens_the_why_and_so_does_the_next_one(
    server: AppServer, context: BrowserContext
):
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type == "error" and not any(word in said.text for word in HARMLESS)
            else None
        ),
    )
    page.goto(f"{server.url}/engagement")
    settle(page)
    name = grid(page).locator(".ag-row [col-id=Customer]").first.inner_text()
    for _ in range(2):
        grid(page).get_by_text(name, exact=True).click()
        drawer = page.get_by_role("dialog")
        expect(drawer.get_by_text(name)).to_be_visible()
        expect(drawer.get_by_text("Frequency", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(r"[?&]customer=cus_\d+"))
        settle(page)
        drawer.get_by_role("button", name="Close").click()
        expect(drawer).to_have_count(0)
        settle(page)
        expect(page).not_to_have_url(re.compile("customer="))
    assert complaints == []


def test_a_link_with_filters_and_a_customer_shows_both(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.goto(f"{server.url}/engagement?engagement.segment=small&customer=cus_7")
    settle(page)
    expect(page.get_by_role("dialog").get_by_text("Customer 07")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    assert "engagement.segment=small" in page.url


def test_the_charts_draw_every_band(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.goto(f"{server.url}/engagement?engagement.view=Distribution&engagement.split=By+segment")
    settle(page)
    chart = page.get_by_test_id("stPlotlyChart")
    for band in ("High", "Good", "Medium", "Low"):
        expect(chart.get_by_text(re.compile(f"^{band} ")).first).to_be_visible()
    expect(chart.get_by_text("No segment")).to_be_visible()


def test_a_phone_shows_the_board_without_scrolling_sideways(
    server: AppServer, context: BrowserContext
):
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/engagement")
    settle(page)
    grid(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    top = page.get_by_test_id("stMetric").last.bounding_box()
    first = page.get_by_test_id("stMetric").first.bounding_box()
    assert (top and top["y"]) == (first and first["y"])  # one line above the board, not six


def test_a_filter_changes_the_rows_that_are_drawn(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.goto(f"{server.url}/engagement")
    settle(page)
    rows = grid(page).locator(".ag-pinned-left-cols-container .ag-row")
    expect(rows.nth(1)).to_be_visible()
    page.get_by_label("Customer", exact=True).fill("Customer 07")
    page.get_by_label("Customer", exact=True).press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Customer 07")


def test_a_long_name_from_right_to_left_keeps_its_beginning(
    server: AppServer, context: BrowserContext
):
    page = context.new_page()
    page.goto(f"{server.url}/engagement")
    settle(page)
    cell = grid(page).locator(".ag-pinned-left-cols-container .ag-row [col-id=Customer]").first
    page.get_by_label("Customer", exact=True).fill(RIGHT_TO_LEFT[:6])
    page.get_by_label("Customer", exact=True).press("Enter")
    expect(cell).to_have_text(RIGHT_TO_LEFT)
    letter, box, cut = cell.evaluate(
        """cell => {
            const first = document.createRange()
            const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode()
            first.setStart(text, 0)
            first.setEnd(text, 1)
            const places = [first, cell].map(one => one.getBoundingClientRect())
            return [...places.map(one => [one.left, one.right]), cell.scrollWidth > cell.clientWidth]
        }"""
    )
    assert cut
    assert box[0] <= letter[0] < letter[1] <= box[1]


def test_a_typed_day_counts_with_enter_and_is_named(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.goto(f"{server.url}/engagement")
    settle(page)
    grid(page)
    day = utc_now().date() - timedelta(days=40)
    page.get_by_role("spinbutton", name="day, As of").click()
    page.keyboard.type(f"{day:%d%m%Y}")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"This is the board of {day.day} {day:%b %Y}")).to_be_visible()
    expect(page).to_have_url(re.compile(f"engagement.day={day}"))
    settle(page)
    page.get_by_role("button", name="Back to").click()
    expect(page.get_by_text("This is the board of")).to_have_count(0)


def test_the_keyboard_opens_the_why_too(server: AppServer, context: BrowserContext):
    page = context.new_page()
    page.goto(f"{server.url}/engagement")
    settle(page)
    cell = grid(page).locator(".ag-row [col-id=Customer]").first
    name = cell.inner_text()
    cell.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog").get_by_text(name)).to_be_visible()
