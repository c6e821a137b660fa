"""The main job in a real browser: an export dropped, looked at, imported, seen on the board, taken back."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from data.db import make_engine, transaction
from integrations.sandbox import read_file
from services import customers
from services.access import SYSTEM
from services.clock import utc_now
from tests.support.browser import settle, sign_up
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
ZOOM = SAMPLES / "zoom_webinar_attendee_2025.csv"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[AppServer]:
    with running_app(tmp_path_factory.mktemp("upload")) as app:
        engine = make_engine(f"sqlite:///{app.folder / 'cscx.db'}")
        parsed = read_file(SAMPLES / "hubspot_companies.csv", purpose="customers")
        with transaction(engine) as session:
            customers.import_customers(session, parsed, by=SYSTEM, now=utc_now())
        engine.dispose()
        yield app


@pytest.fixture(scope="module")
def owner(server: AppServer, browser: Browser) -> Generator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    sign_up(page, server)
    yield page
    context.close()


def drop(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").set_input_files([str(file) for file in files])
    settle(page, 60_000)


def open_list(server: AppServer, page: Page) -> None:
    page.goto(f"{server.url}/upload")
    expect(page.get_by_text("Drop files of attendance")).to_be_visible()
    settle(page)


def test_export_is_previewed_imported_scored_and_taken_back(server: AppServer, owner: Page):
    open_list(server, owner)
    drop(owner, ZOOM)
    expect(owner.get_by_text("Zoom webinar attendee report")).to_be_visible()
    expect(owner.get_by_text("17 September 2026")).to_be_visible()
    address = owner.url
    assert "id=upl_" in address

    owner.reload()
    settle(owner)
    expect(owner.get_by_text("17 September 2026")).to_be_visible()
    owner.get_by_role("button", name="Import").click()
    expect(owner.get_by_text("0 as before")).to_be_visible(timeout=60_000)

    owner.get_by_role("link", name="See the board").click()
    board = owner.frame_locator("iframe[title*=agGrid]")
    expect(board.get_by_text("Umbra Retail GmbH").first).to_be_visible(timeout=60_000)

    owner.goto(address)
    settle(owner)
    owner.get_by_role("button", name="Undo this import").click()
    expect(owner.get_by_text("Taken back, and the scores with it")).to_be_visible(timeout=60_000)
    owner.get_by_role("link", name="Engagement").click()
    expect(owner.get_by_text("No board yet")).to_be_visible(timeout=60_000)


def test_limit_is_said_once_and_truly(server: AppServer, owner: Page):
    open_list(server, owner)
    expect(owner.get_by_text(re.compile("up to 512 MB"))).to_have_count(1)
    expect(owner.get_by_text(re.compile("per file"))).to_be_hidden()


def test_several_files_are_taken_at_once(server: AppServer, owner: Page):
    open_list(server, owner)
    drop(owner, SAMPLES / "webex_attendance_utf16le.csv", SAMPLES / "eventbrite_attendees.csv")
    expect(owner.get_by_role("link", name="webex_attendance_utf16le.csv")).to_be_visible()
    expect(owner.get_by_role("link", name="eventbrite_attendees.csv")).to_be_visible()


def test_rows_to_mend_come_as_a_file(server: AppServer, owner: Page):
    open_list(server, owner)
    drop(owner, SAMPLES / "webex_attendance_utf16le.csv")
    with owner.expect_download() as waiting:
        owner.get_by_role("button", name="Rows to mend (CSV)").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    head = text.splitlines()[0].split(",")
    assert head[:6] == ["Customer", "Name", "Email", "Job Title", "Event", "Event Type"]
    assert {"Status", "Verdict", "Reason", "Line"} <= set(head)


def test_page_fits_a_phone(server: AppServer, owner: Page):
    open_list(server, owner)
    drop(owner, ZOOM)
    owner.set_viewport_size({"width": 390, "height": 844})
    for address in (owner.url, f"{server.url}/upload", f"{server.url}/match_review"):
        owner.goto(address)
        settle(owner)
        main = owner.get_by_test_id("stMain")
        assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 1, address
