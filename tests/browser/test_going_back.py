"""Back leads to the list one came from, with its filters, and nowhere between."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, Page, expect

from data.db import make_engine, migrate, transaction
from services.clock import utc_now
from services.scoring import risk
from services.scoring.board import recompute
from tests.services.scoring.fading import fading_world, record_fading
from tests.services.scoring.recorded import ADMIN
from tests.support.browser import settle, signed_in
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    folder = tmp_path_factory.mktemp("going_back")
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with transaction(engine) as session:
        record_fading(session, fading_world(utc_now().date()))
    with transaction(engine) as session:
        recompute(session, now=utc_now())
        risk.detect(session, now=utc_now())
    engine.dispose()
    with running_app(folder) as app:
        yield app


@pytest.fixture
def page(server: AppServer, browser: Browser) -> Generator[Page]:
    """The admin's."""
    with signed_in(browser, server, ADMIN) as context:
        yield context.new_page()


def first_row(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table
    page.mouse.click(table["x"] + 200, table["y"] + 35 + 16)


def row_in_a_frame(page: Page) -> None:
    board = page.frame_locator("iframe[title*=agGrid]")
    board.get_by_text(re.compile("Customer")).nth(1).click()


def menu(page: Page) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name="Backtest").click()


@pytest.mark.parametrize(
    ("of", "press", "leads_to"),
    [
        ("customers", first_row, r"/customer\?id="),
        ("events", first_row, r"/event\?id="),
        ("risk", first_row, r"/risk\?signal="),
        ("engagement", row_in_a_frame, r"customer="),
        ("engagement", menu, r"/backtest$"),
    ],
)
def test_back_keeps_the_filters(
    server: AppServer, page: Page, of: str, press: Callable[[Page], None], leads_to: str
):
    page.goto(f"{server.url}/{of}?{of}.search=e")
    settle(page)
    search = page.get_by_test_id("stTextInput").locator("input").first
    expect(search).to_have_value("e")
    filtered = re.compile(rf"/{of}\?{of}\.search=e$")
    expect(page).to_have_url(filtered)
    press(page)
    expect(page).to_have_url(re.compile(leads_to))
    settle(page)
    page.go_back()
    settle(page)
    expect(page).to_have_url(filtered)
    expect(search).to_have_value("e")
    page.go_forward()
    settle(page)
    expect(page).to_have_url(re.compile(leads_to))


def test_the_way_back_on_the_page_keeps_the_filters(server: AppServer, page: Page):
    page.goto(f"{server.url}/risk?risk.search=e")
    settle(page)
    first_row(page)
    page.get_by_role("button", name="Back to the list").click()
    settle(page)
    expect(page).to_have_url(re.compile(r"/risk\?risk\.search=e$"))
    expect(page.get_by_test_id("stTextInput").locator("input").first).to_have_value("e")
